"""Imports point down only, and importing fastnn is quick and brings nothing heavy."""

import ast
import json
import os
import pathlib
import subprocess
import sys

import pytest

import fastnn

PACKAGE = pathlib.Path(fastnn.__file__).parent

LAYERS_OF_CODE = [
    {"__main__"},
    {"cli", "script"},
    {"sklearn", "scikeras", "as_keras", "tf_shim", "bench", "testing"},
    {"models"},
    {"trainer", "saving", "callbacks"},
    {"backends"},
    {"_native"},
]
"""From top to bottom: what stands in one set never imports what stands in a set above it."""

FORBIDDEN = {
    **{
        name: {"backends", "trainer", "models", "session"}
        for name in ("layers", "losses", "optimizers", "metrics")
    },
    "activations": {"backends", "trainer", "models", "layers"},
    "glassbox": {"backends", "trainer", "models", "layers"},
    "appendix": {"trainer", "models", "layers", "losses", "optimizers", "program", "ops"},
    "initializers": {"backends", "trainer", "models", "layers"},
    "models": {"backends", "_native"},
    "runtime": {"backends", "trainer", "models", "layers"},
    "session": {"backends", "trainer", "models", "layers"},
    "data": {"backends", "trainer", "models", "layers", "losses"},
    "sources": {"backends", "trainer", "models", "layers", "losses"},
    "feed": {"backends", "trainer", "models", "layers", "losses"},
    "utils": {"backends", "trainer", "models"},
    "builder": {"backends", "trainer", "models", "layers", "losses", "optimizers", "metrics"},
    "program": {"builder", "backends", "trainer", "models", "layers", "losses", "optimizers", "metrics"},
    "ops": {"backends", "trainer", "models", "layers", "losses", "optimizers", "metrics", "program"},
    "summary": {"backends", "trainer", "models", "layers"},
    "progress": {"backends", "trainer", "models", "layers"},
    "backends": {"trainer", "models", "layers", "losses", "optimizers", "metrics"},
    "_native": {
        "backends",
        "trainer",
        "models",
        "layers",
        "losses",
        "optimizers",
        "metrics",
        "program",
        "ops",
    },
}
"""Parts of the package, and what they must not import."""


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"), path


def imported_parts(module, path):
    """Top-level parts of fastnn that a module imports, wherever in its text."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            stem = ".".join(part for part in (base, node.module) if part)
            names = [f"{stem}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, *rest = name.split(".")
            if first == "fastnn" and rest:
                yield rest[0]


def part(module):
    return module.split(".")[1] if "." in module else None


@pytest.mark.parametrize(
    ("module", "path"), list(modules()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_imports_point_down(module, path):
    own, imported = part(module), set(imported_parts(module, path)) - {part(module)}
    if own is None:
        return
    assert not imported & FORBIDDEN.get(own, set())
    assert own in ("__main__", "scikeras") or not imported & {"cli", "sklearn"}
    assert own == "script" or not imported & {"as_keras"}
    for level, members in enumerate(LAYERS_OF_CODE):
        if own in members:
            assert not imported & set().union(*LAYERS_OF_CODE[:level])


def test_the_check_finds_an_arrow_that_points_up(tmp_path):
    path = tmp_path / "dense.py"
    lines = [
        "def f():",
        " from ..backends import get_backend",
        " from .. import trainer",
        " import fastnn.models",
    ]
    path.write_text("\n".join(lines))
    assert set(imported_parts("fastnn.layers.dense", path)) == {"backends", "trainer", "models"}


SCRIPT = """
import json, sys, time
start = time.thread_time()
import numpy
middle = time.thread_time()
before = set(sys.modules)
import fastnn
share = (time.thread_time() - middle) / (middle - start)
print(json.dumps([share, sorted(set(sys.modules) - before)]))
"""


@pytest.fixture
def import_in_new_process(tmp_path):
    """Imports fastnn in a process of its own, with bytecode in files as an installed package has it."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path)

    def run():
        command = [sys.executable, "-c", SCRIPT]
        result = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment, cwd=PACKAGE.parent
        )
        return json.loads(result.stdout)

    return run


def test_import_is_quick(import_in_new_process):
    """Beside NumPy's own import, in the same process: seconds would tell how fast and how busy the machine is.

    In the time of this thread, as those of NumPy's BLAS wait by turning round. Of 80 runs the median was 0.50: 18 ms,
    of the 30 that it may take, where NumPy takes 36.
    """
    assert any(import_in_new_process()[0] < 0.5 for _ in range(20))  # other processes may slow down some


def test_import_brings_nothing_heavy(import_in_new_process):
    _, loaded = import_in_new_process()
    heavy = {
        "matplotlib",
        "h5py",
        "sklearn",
        "pooch",
        "safetensors",
        "onnx",
        "tensorboardX",
        "keras",
        "torch",
    }
    assert not heavy & {name.split(".")[0] for name in loaded}
    assert not {"fastnn.appendix", "fastnn.datasets", "fastnn.plot", "fastnn.bench", "fastnn.summary"} & set(loaded)
    slow = {"pathlib", "hashlib", "urllib.parse", "json", "tempfile", "string", "sqlite3", "email", "http.client"}
    assert not slow & set(loaded), "of the standard library, beyond what NumPy imports"


def test_lazy_submodules_are_found():
    assert fastnn.datasets.mnist.load_data is not None
    assert "datasets" in dir(fastnn)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = fastnn.nonsense


def test_public_names_exist():
    for name in fastnn.__all__:
        assert getattr(fastnn, name) is not None
    assert fastnn.__version__ == "0.1.0"
    assert fastnn.numerics_version == "fma-2"
