"""Scripts in the manner of the textbooks run under ``fastnn run`` and print what they should."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import pytest

import fastnn

FOLDER = pathlib.Path(__file__).parent
PACKAGE_PARENT = str(pathlib.Path(fastnn.__file__).parent.parent)


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


expected = load("expected")
SCRIPTS = sorted(path.stem for path in (FOLDER / "scripts").glob("*.py"))


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """The folder in which each script has run."""
    pytest.importorskip("pandas")
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("textbook")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [PACKAGE_PARENT, os.environ.get("PYTHONPATH")])),
        "PYTHONIOENCODING": "utf-8",
        "MPLBACKEND": "Agg",
    }
    scripts = [FOLDER / "scripts" / f"{name}.py" for name in SCRIPTS]
    command = [sys.executable, FOLDER / "run_scripts.py", folder, *scripts]
    subprocess.run(command, env=environment, check=True, timeout=600)
    return folder


def test_all_scripts_are_expected():
    assert sorted(expected.EXPECTED) == SCRIPTS
    assert len(SCRIPTS) >= 25


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(outputs, name):
    out = (outputs / name / "out.txt").read_text(encoding="utf-8")
    err = (outputs / name / "err.txt").read_text(encoding="utf-8")
    assert (outputs / name / "code.txt").read_text() == "0", err
    found = expected.numbers(out)
    for key, (low, high) in expected.EXPECTED[name].items():
        assert low <= found[key] <= high, f"{key}: {found[key]}"
    for a, b in expected.SAME.get(name, ()):
        assert found[a] == pytest.approx(found[b], rel=1e-4)
    plain = re.sub(r"\x1b\[\d+m", "", out)
    for text in expected.TEXTS.get(name, ()):
        assert text in plain
    warned = re.findall(r"DeprecationWarning: (.*) is an old spelling", err)
    assert len(warned) == len(set(warned))  # once each
    for old in expected.OLD.get(name, ()):
        assert any(old in text for text in warned), f"{old} among {warned}"
    if name not in expected.OLD:
        assert not [line for line in err.splitlines() if "Warning" in line]
