"""What the compiled extension is: its levels, its exported symbols, and its choice of level."""

import os
import platform
import shutil
import subprocess
import sys

import pytest

from fastnn._native import core
from fastnn.backends.native import NativeBackend, choose_level, levels


def test_levels_end_with_generic_which_runs_everywhere():
    assert list(core.levels())[-1] == "generic"
    assert core.levels()["generic"]


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86 only")
def test_x86_builds_have_x86_v3():
    assert "x86_v3" in core.levels()


def test_best_level_is_the_default(monkeypatch):
    monkeypatch.delenv("FASTNN_ISA", raising=False)
    assert NativeBackend().level == levels()[0]


def test_environment_forces_a_level(monkeypatch):
    monkeypatch.setenv("FASTNN_ISA", "generic")
    assert NativeBackend().level == "generic"


@pytest.mark.parametrize("name", ["x86_v9", "GENERIC", "neon" if platform.machine() != "aarch64" else "x86_v3"])
def test_a_level_that_cannot_run_is_refused(name):
    with pytest.raises(ValueError, match=f"'{name}' cannot run here.*generic"):
        choose_level(name)


def test_nothing_is_exported_but_the_module():
    """A shared symbol compiled for one level must not be linked into another; nor may ours meet other libraries'."""
    if not sys.platform.startswith("linux") or not shutil.which("nm"):
        pytest.skip("needs nm on Linux")
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", core.__file__], capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[-1] for line in listing.splitlines()] == ["PyInit_core"]


def test_the_installed_package_is_complete():
    folder = os.path.dirname(os.path.dirname(core.__file__))
    for path in ("datasets/data/mnist/train-images-idx3-ubyte.gz", "datasets/data/iris/iris.csv", "ops/dense.py"):
        assert os.path.getsize(os.path.join(folder, path)) > 0
