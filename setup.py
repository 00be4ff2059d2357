"""Builds the extension: Cython glue over ``src_c``, whose kernels are compiled once per SIMD level.

Everything else about the distribution is in pyproject.toml. Each row of TARGETS is compiled with its own flags, after
a probe has shown that the compiler knows them; the glue and the dispatcher are compiled for any CPU.
"""

import glob
import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError, CompileError, ExecError, PlatformError

MACHINE = platform.machine().lower()
X86 = MACHINE in ("x86_64", "amd64")
ARM64 = MACHINE in ("aarch64", "arm64")
MSVC = sys.platform == "win32"

# Level -> flags. The sets of instructions are those of the x86-64 psABI.
TARGETS = {"generic": []}
if X86:
    TARGETS["x86_v3"] = (
        ["/arch:AVX2"] if MSVC else "-mavx2 -mfma -mbmi -mbmi2 -mlzcnt -mmovbe -mf16c -mpopcnt".split()
    )
    TARGETS["x86_v4"] = ["/arch:AVX512"] if MSVC else [
        *TARGETS["x86_v3"], *"-mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl -mprefer-vector-width=512".split()
    ]  # fmt: skip
if ARM64:
    TARGETS["neon"] = []

# No fast-math, no contraction of a * b + c: the order and rounding of every operation is part of the contract.
COMMON = ["/O2", "/std:c11", "/fp:precise"] if MSVC else (
    ["-std=c11", "-O3", "-g0", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden"]
)
CORE = sorted(glob.glob("src_c/core/*.c"))
DEPENDS = sorted(glob.glob("src_c/**/*.[ch]", recursive=True) + glob.glob("src_c/**/*.def", recursive=True))

NO_COMPILER = """
fastnn is built from C sources and needs a C compiler, which did not work here:

    {error}

Install one and try again:
    Debian, Ubuntu     apt-get install gcc python3-dev
    Fedora             dnf install gcc python3-devel
    macOS              xcode-select --install
    Windows            the "Desktop development with C++" workload of Visual Studio Build Tools
"""


class BuildLevels(build_ext):
    """Compiles the kernels of each level with that level's flags and links the objects into the extension."""

    def build_extension(self, ext):
        try:
            self._require_compiler()
            levels = [name for name, flags in TARGETS.items() if name == "generic" or self._probe(name, flags)]
            ext.define_macros += [(f"FNN_HAVE_{level}", "1") for level in levels]
            with ThreadPoolExecutor(os.cpu_count()) as pool:  # each level is a compiler process of its own
                objects = pool.map(
                    lambda level: self._compile(f"src_c/targets/fnn_{level}.c", TARGETS[level], ext.include_dirs),
                    levels,
                )
                ext.extra_objects = [path for paths in objects for path in paths]
            self.force = True  # the kernels have just been compiled: link them, whatever the time stamps say
            super().build_extension(ext)
        except (CCompilerError, ExecError, PlatformError) as error:
            raise SystemExit(NO_COMPILER.format(error=error)) from error

    def _compile(self, source, flags, include_dirs):
        return self.compiler.compile(
            [source],
            output_dir=self.build_temp,
            include_dirs=include_dirs,
            extra_postargs=COMMON + flags,
            depends=DEPENDS,
        )

    def _require_compiler(self):
        os.makedirs(self.build_temp, exist_ok=True)
        self._compile("src_c/probes/any.c", [], [])

    def _probe(self, level, flags):
        try:
            self._compile(f"src_c/probes/{level}.c", flags, [])
        except CompileError:
            print(f"fastnn: this compiler cannot build level {level}; left out", file=sys.stderr)
            return False
        return True


extension = Extension(
    "fastnn._native.core",
    ["fastnn/_native/core.pyx", *CORE],
    include_dirs=["src_c/include", "src_c/core"],
    extra_compile_args=COMMON + ([] if MSVC else ["-pthread"]),
    extra_link_args=[] if MSVC else ["-pthread"],
    depends=DEPENDS,
)

setup(
    ext_modules=cythonize([extension], compiler_directives={"language_level": 3}),
    cmdclass={"build_ext": BuildLevels},
)
