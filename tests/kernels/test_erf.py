"""erf, which no operation gives as it is: compiled by itself for the level generic, whose bits are every level's."""

import ctypes
import pathlib
import shutil
import subprocess

import mpmath
import numpy as np
import pytest

from fastnn.ops.smooth import erf
from fastnn.testing import ulp_error, wider

ROOT = pathlib.Path(__file__).parents[2]
STUB = """
#define FNN_LEVEL generic
#define {type}
#include "real.h"
#include "simd.h"
#include "vmath.inc.c"
void erf_of(R *y, const R *x, int64_t n) {{ for (int64_t i = 0; i < n; ++i) y[i] = K(verf)(x[i]); }}
"""
LIMIT = 1.5  # ULP


@pytest.fixture(scope="module", params=["float32", "float64"])
def compiled(request, tmp_path_factory):
    """erf as the kernels have it, of an array."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not (ROOT / "src_c").exists():
        pytest.skip("needs a C compiler and the source")
    folder = tmp_path_factory.mktemp("erf")
    real = np.dtype(request.param)
    (folder / "stub.c").write_text(STUB.format(type="FNN_F32" if real.itemsize == 4 else "FNN_F64"))
    flags = ["-std=c11", "-O2", "-ffp-contract=off", "-shared", "-fPIC", f"-I{ROOT}/src_c/kernels"]
    subprocess.run([compiler, *flags, "-w", "stub.c", "-o", "stub.so", "-lm"], cwd=folder, check=True)
    function = ctypes.CDLL(str(folder / "stub.so")).erf_of

    def call(x):
        x, y = np.ascontiguousarray(x, real), np.empty(len(x), real)
        function(y.ctypes.data_as(ctypes.c_void_p), x.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(len(x)))
        return y

    call.dtype = real
    return call


def grid(dtype):
    near = np.linspace(0, 1.6, 12_001)
    far = np.linspace(0, 7, 12_003)
    small = np.exp2(np.linspace(-100, 0, 2_001))
    return np.unique(np.concatenate([near, far, small, -near, -far]).astype(dtype))


def test_error(compiled):
    if wider(compiled.dtype) == np.float64 and compiled.dtype == np.float64:
        pytest.skip("longdouble is float64 here; test_error_by_mpmath judges")
    x = grid(compiled.dtype)
    y, expected = compiled(x), erf(x.astype(wider(compiled.dtype)))
    error = ulp_error(y, expected)
    worst = np.argmax(error)
    assert 0.4 < error[worst] <= LIMIT, f"{error[worst]:.3f} ULP at {x[worst]!r}"


def test_error_by_mpmath(compiled):
    x = np.random.default_rng(3).uniform(-6, 6, 800).astype(compiled.dtype)
    y = compiled(x)
    with mpmath.workdps(40):
        error = [
            abs(mpmath.mpf(float(got)) - mpmath.erf(mpmath.mpf(float(v)))) / mpmath.mpf(float(np.spacing(abs(got))))
            for v, got in zip(x, y, strict=True)
        ]
    assert 0.3 < max(error) <= LIMIT


def test_special_values(compiled):
    x = [0.0, -0.0, np.inf, -np.inf, np.nan, 30.0, -30.0]
    np.testing.assert_array_equal(compiled(np.array(x)), [0, 0, 1, -1, np.nan, 1, -1])
    assert np.signbit(compiled(np.array([-0.0]))[0])


def test_reference_is_exact_in_a_wider_type():
    if np.finfo(np.longdouble).nmant < 63:
        pytest.skip("longdouble is float64 here")
    x = np.linspace(-6.5, 6.5, 131)
    with mpmath.workdps(30):
        expected = np.array([np.longdouble(mpmath.nstr(mpmath.erf(v), 25)) for v in x])
    np.testing.assert_allclose(erf(x.astype(np.longdouble)), expected, rtol=2e-18, atol=0)
