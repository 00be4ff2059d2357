"""The command ``fastnn``, called in this process where that shows all, and as a program where it must."""

import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import time

import pytest

import fastnn
from fastnn.cli import main

PACKAGE_PARENT = str(pathlib.Path(fastnn.__file__).parent.parent)
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(filter(None, [PACKAGE_PARENT, os.environ.get("PYTHONPATH")])),
    "PYTHONIOENCODING": "utf-8",
}
SMALL_DEMO = ["demo", "--rows", "300", "--epochs", "1"]


def program(*arguments, **options):
    """Run ``python -m fastnn`` in a new process."""
    return subprocess.run(
        [sys.executable, "-m", "fastnn", *arguments],
        capture_output=True, text=True, encoding="utf-8", env=ENVIRONMENT, timeout=60, **options,
    )  # fmt: skip


def script(text, *arguments):
    """Run a script that may change its process before it calls ``main``."""
    text = f"import sys; from fastnn.cli import main\n{text}"
    return subprocess.run(
        [sys.executable, "-c", text, *arguments], capture_output=True, text=True, env=ENVIRONMENT, timeout=60
    )


def png_size(path):
    """Width and height that a PNG file says it has."""
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert content[-8:-4] == b"IEND"
    return struct.unpack(">II", content[16:24])


def test_version(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"fastnn {fastnn.__version__} (arithmetic {fastnn.numerics_version})\n"


def test_info(capsys, monkeypatch, tmp_path):
    (tmp_path / "fashion-mnist").mkdir()
    monkeypatch.setenv("FASTNN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FASTNN_ISA", "generic")
    assert main(["info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    facts = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in lines if re.match(r"\w.*\s{2,}", line))
    assert facts["fastnn"] == f"{fastnn.__version__}, arithmetic {fastnn.numerics_version}"
    assert pathlib.Path(facts["installed in"]).samefile(pathlib.Path(fastnn.__file__).parent)
    assert facts["SIMD chosen"] == "generic (by FASTNN_ISA)"
    assert "generic" in facts["SIMD built"]
    assert "generic" in facts["SIMD supported"]
    assert re.match(r"up to \d+; this process may run on \d+ processors?", facts["threads"])
    assert any(line.endswith("digits, iris, mnist") for line in lines)
    assert f"  {tmp_path}: fashion-mnist" in lines


def test_info_says_how_the_level_was_chosen(capsys, monkeypatch):
    monkeypatch.delenv("FASTNN_ISA", raising=False)
    main(["info"])
    assert "(the best supported one)" in capsys.readouterr().out


def test_an_impossible_level_is_a_short_error(capsys, monkeypatch):
    monkeypatch.setenv("FASTNN_ISA", "mmx")
    assert main(["info"]) == 1
    assert capsys.readouterr().err.startswith("fastnn: error: SIMD level 'mmx' cannot run here")


@pytest.mark.parametrize("options", [["--threads", "1,2"], ["--rows", "dense"], ["--figure", "a.png"]])
def test_what_only_peers_take(options, capsys):
    assert main(["bench", "iris-batch1", *options]) == 1
    assert "go with --peers only" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["demo", "--epochs", "0"], "expected a whole number of at least 1, got 0"),
        (["demo", "--rows", "many"], "expected a whole number of at least 1, got many"),
        (["demo", "--seed", "-1"], "expected a whole number from 0 to 4294967295, got -1"),
        (["demo", "--out", "nowhere/a.png"], "is in no folder that exists (nowhere)"),
        (["demo", "--out", "a.doc"], "expected a file that ends in .png, .pdf, .svg, got a.doc"),
        (["bench", "resnet"], "unknown net 'resnet'; expected some of softmax-regression,"),
        (["bench", "--json", "."], ". is a folder"),
        (["bench", "--rows", "real,sparse"], "expected real, dense or both, got sparse"),
        (["bench", "--threads", "1,x"], "expected a whole number of at least 1, got x"),
    ],
)
def test_wrong_arguments(arguments, text, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert text in capsys.readouterr().err


def test_importing_the_command_brings_nothing_heavy():
    result = script(
        "print([name for name in sys.modules if name.startswith(('fastnn.bench', 'fastnn.plot'))])"
    )
    assert result.stdout == "[]\n"


def test_demo(tmp_path):
    out = tmp_path / "demo.png"
    result = program(*SMALL_DEMO, "--out", str(out))
    assert result.returncode == 0, result.stderr
    assert "10/10" in result.stdout  # 300 images in batches of 32
    accuracy = float(re.search(r"Test accuracy: ([0-9.]+)% of 10,000 images", result.stdout)[1])
    assert 30 < accuracy < 80
    assert re.search(r"by fastnn \(1 thread\) and by NumPy \(1 thread\)", result.stdout)
    seconds = [
        float(re.search(rf"{name} +([0-9.]+) s an epoch", result.stdout)[1]) for name in ("fastnn", "NumPy")
    ]
    ratio = float(re.search(r"fastnn is ([0-9.]+) times as fast as NumPy", result.stdout)[1])
    assert ratio == pytest.approx(seconds[1] / seconds[0], rel=0.5)  # the seconds are rounded to a thousandth
    width, height = png_size(out)
    assert width == 1200
    assert height > 800


def test_demo_draws_without_pyplot_and_without_numpys_part(tmp_path):
    out = tmp_path / "demo.png"
    text = "main(sys.argv[1:]); print(*(name for name in sys.modules if name.startswith('matplotlib')))"
    result = script(text, *SMALL_DEMO, "--no-numpy", "--out", str(out))
    assert result.returncode == 0, result.stderr
    modules = result.stdout.splitlines()[-1].split()
    assert "matplotlib.figure" in modules
    assert "matplotlib.pyplot" not in modules
    assert "times as fast" not in result.stdout
    assert png_size(out)[0] == 1200


def test_demo_without_matplotlib(tmp_path):
    text = "sys.modules['matplotlib'] = None; sys.exit(main(sys.argv[1:]))"
    result = script(text, *SMALL_DEMO, "--no-numpy", "--out", str(tmp_path / "demo.png"))
    assert result.returncode == 0, result.stderr
    assert "pip install 'fastnn-cpu[plot]'" in result.stdout.splitlines()[-1]
    assert "Test accuracy" in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to a single process there")
def test_ctrl_c(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "fastnn", "demo", "--epochs", "1000", "--out", str(tmp_path / "demo.png")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT,
    ) as process:  # fmt: skip
        seen = b""
        while b"Epoch 2/1000" not in seen and (some := os.read(process.stdout.fileno(), 4096)):
            seen += some
        process.send_signal(signal.SIGINT)
        start = time.perf_counter()
        _, errors = process.communicate(timeout=30)
        seconds = time.perf_counter() - start
    assert process.returncode == 130
    assert errors.decode().strip() == "fastnn: stopped by Ctrl-C"
    assert seconds < 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell with pipes")
def test_a_reader_that_leaves_early():
    command = f'"{sys.executable}" -m fastnn info | head -n 1'
    result = subprocess.run(command, shell=True, capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    assert result.stdout.startswith("fastnn ")
    assert result.stderr == ""


def test_what_fit_costs_is_measured(capsys, monkeypatch):
    monkeypatch.setattr("fastnn.bench.fit.NETS", ["iris-batch1"])
    assert main(["bench", "fit", "--rounds", "1"]) == 0
    assert "metrics, validation, callbacks" in capsys.readouterr().out


def test_the_appendix_is_measured_alone(capsys):
    assert main(["bench", "appendix", "relu-5x128"]) == 1
    assert "appendix is a table of its own; give no other names with it" in capsys.readouterr().err
    assert main(["bench", "predict", "--epochs", "2"]) == 1
    assert "--epochs goes with nets and with fit, got 2 for predict" in capsys.readouterr().err


def test_epochs_of_fit(monkeypatch):
    seen = []
    monkeypatch.setattr("fastnn.bench.fit.run", lambda *arguments, **options: seen.append(options) or True)
    assert main(["bench", "fit", "--epochs", "5"]) == 0
    assert seen == [{"epochs": 5}]
