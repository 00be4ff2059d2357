"""The NumPy twin computes what fastnn computes, and the benchmark tells the truth about both."""

import json
import os
import pathlib
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import fastnn
from fastnn.bench import nets, numpy_twin, timing, verify

TINY = nets.Net("tiny", (4, 8, 3), "relu", "adam", 0.05, 16)


@pytest.fixture(scope="module")
def mnist():
    x, labels = nets.load_data(nets.NETS["quickstart"])[0]
    return x[:600], labels[:600]


@pytest.fixture
def separable():
    """Three classes of points that any net tells apart: (x, labels), (x_test, labels_test)."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 200).astype(np.int32)
    x = (generator.standard_normal((200, 4)) / 4 + 3 * np.eye(4)[labels]).astype(np.float32)
    return (x[:150], labels[:150]), (x[150:], labels[150:])


@pytest.mark.parametrize("net", nets.NETS.values(), ids=nets.NETS)
def test_twin_takes_the_same_steps(net, mnist):
    data = mnist if net.data == "mnist" else nets.load_data(net)[0]
    steps = {"wide-1024": 3, "fullbatch": 3, "iris-batch1": 240}.get(net.name, 25)
    result = verify.verify(replace(net, batch=min(net.batch, 600)), data, steps=steps)
    assert result["steps"] == steps
    assert result["agrees"]
    assert result["largest change"] > 1000 * verify.TOLERANCE / 10  # the weights have moved far beyond it


@pytest.mark.parametrize("name", ["sigmoid-3x128", "blog-300-200-100"])
def test_twin_ends_an_epoch_with_a_short_batch_as_fit_does(name, mnist):
    net = nets.NETS[name]
    x, labels = mnist[0][:100], mnist[1][:100]  # three batches of 32 and one of 4
    trainer = nets.make_trainer(net)
    twin = numpy_twin.NumpyTwin(net, trainer.model.get_weights())
    history = trainer.fit(x, labels, net.batch, epochs=2, shuffle=False, verbose=0).history
    losses = [twin.train(x, labels, np.arange(100)) for _ in range(2)]
    np.testing.assert_allclose(losses, history["loss"], rtol=1e-4)
    for ours, numpys in zip(trainer.model.get_weights(), twin.weights, strict=True):
        assert np.quantile(np.abs(ours - numpys), 0.999) < verify.TOLERANCE
    outputs = trainer.predict(x, verbose=0)
    assert twin.accuracy(x, labels) == pytest.approx((outputs.argmax(axis=1) == labels).mean(), abs=0.011)


def other_masks(monkeypatch):
    right_masks = numpy_twin.fastnns_masks
    monkeypatch.setattr(verify, "fastnns_masks", lambda key: right_masks(key + 1))


def learning_rate_off_by_a_thousandth(monkeypatch):
    right = numpy_twin.Adam.__init__
    monkeypatch.setattr(numpy_twin.Adam, "__init__", lambda self, rate, w: right(self, 1.001 * rate, w))


def another_epsilon(monkeypatch):
    right = numpy_twin.Adam.__init__
    monkeypatch.setattr(numpy_twin.Adam, "__init__", lambda self, rate, w: right(self, rate, w, epsilon=1e-8))


def one_unit_without_a_slope(monkeypatch):
    right = numpy_twin.NumpyTwin._times_slope

    def times_slope(self, d, y):
        y[:, 5] = 1
        right(self, d, y)

    monkeypatch.setattr(numpy_twin.NumpyTwin, "_times_slope", times_slope)


def relu_that_begins_too_late(monkeypatch):
    """Other signs, but none that rounding would explain."""

    def activate(self, z):
        z[z < 0.01] = 0

    monkeypatch.setattr(numpy_twin.NumpyTwin, "_activate", activate)


def one_wrong_label(monkeypatch):
    right = numpy_twin.NumpyTwin.train

    def train(self, x, labels, order):
        if self.steps == 4:
            labels = np.array([9 - labels[0], *labels[1:]])
        return right(self, x, labels, order)

    monkeypatch.setattr(numpy_twin.NumpyTwin, "train", train)


@pytest.mark.parametrize(
    "go_wrong",
    [
        other_masks, learning_rate_off_by_a_thousandth, another_epsilon, one_unit_without_a_slope,
        relu_that_begins_too_late, one_wrong_label,
    ],
)  # fmt: skip
def test_verification_can_fail(go_wrong, mnist, monkeypatch):
    """Where one side computes something a little different, the weights differ, and it says so."""
    net = nets.NETS["quickstart"]
    assert verify.verify(net, mnist, steps=10)["agrees"]
    go_wrong(monkeypatch)
    assert not verify.verify(net, mnist, steps=10)["agrees"]


def test_a_sign_that_rounding_decides_is_fastnns(monkeypatch):
    """The sum 1 - 2^-25 - 1 + 2^-26 is above 0 in float32, since 1 - 2^-25 is rounded to 1, and below 0 in float64."""
    net = replace(TINY, batch=2)
    trainer = nets.make_trainer(net)
    kernel, *others = trainer.model.get_weights()
    kernel[:, 3] = 1, -(2**-25), -1, 2**-26
    trainer.model.set_weights([kernel, *others])
    monkeypatch.setattr(verify, "make_trainer", lambda net, seed: trainer)
    data = np.ones((2, 4), np.float32), np.array([0, 2], np.int32)
    result = verify.verify(net, data, steps=1)
    assert (result["agrees"], result["signs"]) == (True, 2)
    monkeypatch.setattr(verify, "NEAR_ZERO", 2**-30)  # below the rounding of float32: then it is no excuse
    result = verify.verify(net, data, steps=1)
    assert (result["agrees"], result["signs"]) == (False, 0)


def test_hash_depends_on_the_weights_alone(mnist):
    net = nets.NETS["softmax-regression"]
    first, again, other = (verify.verify(net, mnist, seed, steps=2)["sha256"] for seed in (0, 0, 1))
    assert first == again != other


def test_accuracy_is_that_of_the_test_rows(separable):
    train, (x_test, labels_test) = separable
    result = timing.compare(TINY, (train, (x_test, labels_test)), rounds=1, epochs=20)
    assert result["fastnn"]["accuracy"] == result["numpy"]["accuracy"] == 1
    wrong = x_test, (labels_test + 1) % 3
    result = timing.compare(TINY, (train, wrong), rounds=1, epochs=20)
    assert result["fastnn"]["accuracy"] == result["numpy"]["accuracy"] == 0


def test_rounds_are_timed_in_turn_and_the_first_is_dropped(separable):
    told = []
    result = timing.compare(TINY, separable, rounds=2, tell=told.append)
    assert [text.split(", ")[-1] for text in told] == [
        "numpy",
        "fastnn",
        "fastnn",
        "numpy",
        "numpy",
        "fastnn",
        "test accuracy",
    ]
    for side in ("fastnn", "numpy"):
        assert len(result[side]["rounds"]) == 2
        assert min(result[side]["rounds"]) <= result[side]["seconds"] <= max(result[side]["rounds"])
    assert result["ratio"] == result["numpy"]["seconds"] / result["fastnn"]["seconds"]


def test_command_prints_what_it_writes(tmp_path):
    file = tmp_path / "result.json"
    parent = str(pathlib.Path(fastnn.__file__).parent.parent)
    command = [sys.executable, "-m", "fastnn", "bench", "iris-batch1", "--rounds", "1", "--json", str(file)]
    path = os.pathsep.join(filter(None, [parent, os.environ.get("PYTHONPATH")]))
    run = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, timeout=60
    )
    assert run.returncode == 0, run.stderr
    written = json.loads(file.read_text())
    settings, result = written["settings"], written["results"]["iris-batch1"]
    assert settings["numpy threads"] == 1
    assert "NumPy " + settings["numpy"] + ", 1 thread;" in run.stdout
    row = run.stdout.splitlines()[-1]
    numbers = [float(text) for text in re.findall(r"\d\S*", row.removeprefix("iris-batch1"))[:7]]
    check = result["check"]
    expected = [
        result["fastnn"]["seconds"], result["numpy"]["seconds"], result["ratio"],
        100 * result["fastnn"]["accuracy"], 100 * result["numpy"]["accuracy"],
        check["99.9 % quantile"], check["largest difference"],
    ]  # fmt: skip
    np.testing.assert_allclose(numbers, expected, rtol=0.06, atol=1e-5)
    assert row.endswith(check["sha256"][:8])
    assert check["agrees"]
    assert "[1/1] iris-batch1: comparing weights" in run.stderr


def test_find():
    assert nets.find([]) == list(nets.NETS.values())
    assert [net.name for net in nets.find([], quick=True)] == [
        name for name, net in nets.NETS.items() if not net.slow
    ]
    assert nets.find(["wide-1024"], quick=True) == [nets.NETS["wide-1024"]]
    with pytest.raises(ValueError, match="unknown net 'x'; expected some of softmax-regression"):
        nets.find(["x"])


def test_twin_refuses_dropout_after_sigmoid():
    with pytest.raises(ValueError, match="ReLU alone"):
        numpy_twin.NumpyTwin(replace(TINY, dropout=0.5, activation="sigmoid"), [np.zeros((4, 8))])


def test_adam_of_the_twin_flushes_what_has_decayed():
    w = np.ones(3, np.float32)
    adam = numpy_twin.Adam(0.001, w)
    adam.step(w, np.array([1e-34, 1, 0], np.float32))
    for _ in range(99):
        adam.step(w, np.zeros(3, np.float32))
    assert adam._m[0] == adam._m[2] == 0 < adam._m[1]


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_masks_of_both_kinds_keep_the_right_share(rate):
    for draw in (numpy_twin.numpys_masks(0), numpy_twin.fastnns_masks(0)):
        mask = np.full((200, 50), np.nan, np.float32)
        draw(mask, rate, 0, 0)
        assert set(np.unique(mask)) == {0, 1}
        assert mask.mean() == pytest.approx(1 - rate, abs=0.02)


def test_bench_fit(tmp_path, capsys):
    from fastnn.bench import fit

    file = tmp_path / "fit.json"
    results = fit.run(rounds=1, json_file=file, names=["iris-batch1"])
    assert json.loads(file.read_text(encoding="utf-8"))["results"] == results
    cases = results["iris-batch1"]
    assert list(cases) == ["fit", "metrics, validation, callbacks"]
    for case in cases.values():
        assert case["fit"] > 0
        assert case["slices"] > 0
        assert case["beyond"] == pytest.approx(case["fit"] / case["slices"] - 1)
    assert "iris-batch1" in capsys.readouterr().out


def test_bench_appendix(tmp_path, capsys):
    from fastnn.bench import appendix

    file = tmp_path / "appendix.json"
    assert appendix.run(rounds=1, json_file=file, samples=64, steps=1)
    lines = capsys.readouterr().out.splitlines()
    results = json.loads(file.read_text())["results"]
    assert [line.startswith(name) for line, name in zip(lines[-3:], results, strict=True)] == [True] * 3
    for result in results.values():
        assert result["fastnn"] > 0 and result["ratio"] == pytest.approx(result["numpy"] / result["fastnn"])
        assert 0 <= result["difference"] <= appendix.LIMIT


def test_bench_predict(tmp_path, capsys):
    from fastnn.bench import predict

    file = tmp_path / "predict.json"
    assert predict.run(rounds=1, json_file=file, calls=3)
    result = json.loads(file.read_text())
    assert result["agrees"] and list(result["seconds"]) == list(predict.ways_of_calling())
    assert all(0 < seconds < 1 for seconds in result["seconds"].values())
    assert "model.predict(x, verbose=0)" in capsys.readouterr().out
