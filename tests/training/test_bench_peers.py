"""The benchmark beside other libraries: each in its own process, the same nets from the same weights."""

import importlib.util
import json
from dataclasses import replace

import numpy as np
import pytest

from fastnn.bench import growth, interleave, kernels, limits, nets, peers, run_peers, worker

# Some of these tests import JAX into their process, and JAX warns where others then start the benchmark's;
# `fastnn bench` has each library in a process of its own.
pytestmark = pytest.mark.filterwarnings(r"ignore:os\.fork\(\) was called:RuntimeWarning")

TINY_IRIS = replace(nets.NETS["iris-batch1"], repeats=1)
TINY = nets.Net("tiny", (4, 8, 3), "relu", "adam", 0.05, 16)


@pytest.fixture
def separable():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 200).astype(np.int32)
    x = (generator.standard_normal((200, 4)) / 4 + 3 * np.eye(4)[labels]).astype(np.float32)
    return (x[:150], labels[:150]), (x[150:], labels[150:])


@pytest.mark.parametrize("name", peers.PACKAGES)
@pytest.mark.parametrize("net", [TINY, replace(TINY, activation="sigmoid", optimizer="sgd", learning_rate=1.0)])
def test_each_peer_learns_from_the_weights_it_is_given(name, net, separable):
    if importlib.util.find_spec(peers.PACKAGES[name]) is None:
        pytest.skip(f"{name} is not installed")
    weights = nets.make_trainer(net).model.get_weights()
    x, labels = separable[1]
    hidden = x @ weights[0] + weights[1]
    hidden = np.maximum(hidden, 0) if net.activation == "relu" else 1 / (1 + np.exp(-hidden))
    before = ((hidden @ weights[2] + weights[3]).argmax(axis=1) == labels).mean()
    peer = peers.load(name)(net, weights, separable, 1, 0)
    assert peer.accuracy() == pytest.approx(before)
    assert before < 0.9
    peer.train(40)
    assert peer.accuracy() > 0.97
    probabilities = np.asarray(peer.predict(x))
    assert (probabilities.argmax(axis=1) == labels).mean() == pytest.approx(peer.accuracy())
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert 0.3 < probabilities.max(axis=1).min() < 1
    assert peer.describe()


def test_peers_take_turns_in_processes_of_their_own():
    net = replace(nets.NETS["iris-batch1"], repeats=1)
    told = []
    result = interleave.compare_peers(net, ["fastnn", "numpy"], nets.load_data(net), 2, 1, tell=told.append)[1]
    assert [text.rpartition(", ")[2] for text in told if text.startswith(("warming", "round"))] == [
        "numpy", "fastnn", "fastnn", "numpy", "numpy", "fastnn",
    ]  # fmt: skip
    for name in ("fastnn", "numpy"):
        assert len(result[name]["rounds"]) == 2
        assert min(result[name]["rounds"]) <= result[name]["seconds"] <= max(result[name]["rounds"])
        assert result[name]["accuracy"] > 0.5
        assert 1e-7 < result[name]["row_seconds"] < 0.1


def test_numbers_of_threads_share_the_rounds():
    told = []
    results = interleave.compare_peers(TINY_IRIS, ["fastnn"], nets.load_data(TINY_IRIS), 2, 1, (1, 2), tell=told.append)
    assert [text for text in told if text.startswith("round")] == [
        "round 1 of 2, fastnn on 1", "round 1 of 2, fastnn on 2",
        "round 2 of 2, fastnn on 2", "round 2 of 2, fastnn on 1",
    ]  # fmt: skip
    assert results[1]["fastnn"]["accuracy"] == results[2]["fastnn"]["accuracy"] > 0.5


def test_a_peer_that_fails_is_left_out_with_its_reason(monkeypatch, capsys):
    monkeypatch.setitem(peers.PACKAGES, "broken", "no_such_package_of_this_name")
    monkeypatch.setattr(peers, "installed", lambda: ["fastnn", "broken", "numpy"])
    monkeypatch.setattr(run_peers, "_costs", lambda sides, trained: {})
    report = run_peers.run(["iris-batch1"], rounds=1, kinds=["real"])
    result = report["results"]["real"]["1"]["iris-batch1"]
    assert "KeyError: 'broken'" in result["broken"]["left out"]  # the new process does not know it
    assert result["fastest peer"] == "numpy"
    assert result["ratio"] == result["numpy"]["seconds"] / result["fastnn"]["seconds"]
    assert 0 < result["share of limit"] < 1
    assert "iris-batch1" in capsys.readouterr().out


def test_results_are_written_and_drawn(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(peers, "installed", lambda: ["fastnn", "numpy"])
    file, figure = tmp_path / "peers.json", tmp_path / "peers.png"
    monkeypatch.setattr(run_peers, "COSTS_NET", "iris-batch1")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    report = run_peers.run(["iris-batch1"], rounds=1, threads=(1, 2), json_file=file, figure=figure)
    assert json.loads(file.read_text()) == json.loads(json.dumps(report))
    assert {kind: list(by_count) for kind, by_count in report["results"].items()} == {
        "real": ["1", "2"],
        "dense": ["1", "2"],
    }
    assert report["settings"]["barrier ns"]["2"] > 0
    ours, numpys = report["costs"]["fastnn"], report["costs"]["numpy"]
    assert all(ours[key] > 0 for key in ("import_seconds", "peak_memory", "row_seconds"))
    assert 11e6 < ours["installed_bytes"] < 40e6, "MNIST is in it"
    assert 10e6 < numpys["installed_bytes"] < 300e6
    assert figure.read_bytes().startswith(b"\x89PNG")
    out = capsys.readouterr().out
    assert "OPENBLAS_CORETYPE=Nehalem is set" in out
    assert "2 threads wait for each other in" in out


def test_rows_without_zeros():
    data = nets.load_data(nets.NETS["iris-batch1"])
    dense = run_peers.without_zeros(data)
    assert min(x.min() for x, _ in dense) >= 0.1
    assert [x.shape for x, _ in dense] == [x.shape for x, _ in data]


def test_worker_reads_what_was_saved(tmp_path, separable):
    weights = nets.make_trainer(TINY).model.get_weights()
    worker.save(tmp_path, separable, weights)
    data, loaded = worker.load(tmp_path)
    for ours, theirs in zip(weights, loaded, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(data[1][1], separable[1][1])


def test_operations_of_an_epoch():
    """By hand: forward 2 (4 8 + 8 3), weight gradients the same, one gradient carried back through the last layer."""
    products = 150 * (2 * 56 + 2 * 56 + 2 * 24)
    assert limits.flops(replace(TINY, optimizer="sgd"), 150) == products
    assert limits.flops(TINY, 150) == products + limits.ADAM_FLOPS * (5 * 8 + 9 * 3) * 10
    assert limits.stepped(TINY, 150) == (5 * 8 + 9 * 3) * 10
    assert limits.least_seconds(TINY, 150, 1.0, 1e9, 1e9) == limits.flops(TINY, 150)
    assert limits.least_seconds(TINY, 150, 1e30, 2.0, 1e9) == 150 * 4 * 4 / 2
    assert limits.least_seconds(TINY, 150, 1e30, 1e9, 0.5) == limits.stepped(TINY, 150) / 0.5


def test_peak_and_bandwidth_are_measured():
    assert 1e8 < limits.peak(rounds=2, seconds=0.002) < 1e13
    assert 1e8 < limits.bandwidth(megabytes=8, rounds=2) < 1e13
    assert 1e6 < limits.adam_steps(rounds=2, seconds=0.002) < limits.peak(rounds=2, seconds=0.002)


def test_growth_is_measured_and_drawn(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(growth, "PEERS", ("fastnn",))
    monkeypatch.setattr(growth, "SWEEPS", {"hidden layers": {n: (growth._deep(n), 64) for n in (1, 8)}})
    growth.main(["--rounds", "1", "--json", str(tmp_path / "g.json"), "--figure", str(tmp_path / "g.png")])
    measured = json.loads((tmp_path / "g.json").read_text())["nanoseconds per row"]["hidden layers"]["fastnn"]
    assert set(measured) == {"1", "8"} and min(measured.values()) > 0
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")
    assert "hidden layers: nanoseconds per row" in capsys.readouterr().out


def test_shares_of_the_peak(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(kernels, "SHAPES", ((32, 64, 32),))
    kernels.main(["--rounds", "1", "--dtype", "float64", "--json", str(tmp_path / "k.json")])
    shares = json.loads((tmp_path / "k.json").read_text())["shares"]["32 x 64 x 32"]
    assert set(shares) == set(kernels.OPS)
    assert all(0 < share < 2 for share in shares.values())
    assert "32 x 64 x 32" in capsys.readouterr().out
