"""Callbacks that tell others: TensorBoard's files, and a server's messages."""

import http.server
import json
import pathlib
import struct
import threading
import urllib.parse

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential
from fastnn.callbacks import CallbackList, RemoteMonitor, TensorBoard
from fastnn.layers import Dense

X = np.random.default_rng(3).standard_normal((40, 4)).astype(np.float32)
Y = np.arange(40) % 3


def network():
    model = Sequential([Input((4,)), Dense(6, "relu", name="one"), Dense(3, "softmax", name="two")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# TensorBoard


def events(folder):
    """``{name: [(step, value)]}`` of the event files of a folder, each record checked as TensorBoard checks it."""
    pytest.importorskip("tensorboardX")
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.record_writer import masked_crc32c

    found = {}
    for path in sorted(pathlib.Path(folder).glob("events.out.tfevents.*")):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack_from("<Q", data)
            assert struct.pack("<I", masked_crc32c(data[:8])) == data[8:12]
            record, data = data[12 : 12 + length], data[12 + length :]
            assert struct.pack("<I", masked_crc32c(record)) == data[:4]
            event, data = Event.FromString(record), data[4:]
            for value in event.summary.value:
                kept = getattr(value, value.WhichOneof("value"))
                found.setdefault(value.tag, []).append((event.step, kept))
    return found


def test_scalars_of_epochs(tmp_path):
    pytest.importorskip("tensorboardX")
    board = TensorBoard(tmp_path)
    assert not CallbackList(board).wants_every_batch("train")
    history = network().fit(X, Y, epochs=3, validation_split=0.25, verbose=0, callbacks=[board]).history
    train, validation = events(tmp_path / "train"), events(tmp_path / "validation")
    assert set(train) == {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"}
    for found, prefix in ((train, ""), (validation, "val_")):
        for name in ("loss", "accuracy"):
            assert [step for step, _ in found[f"epoch_{name}"]] == [0, 1, 2]
            np.testing.assert_allclose(
                [value for _, value in found[f"epoch_{name}"]], history[prefix + name], rtol=1e-6
            )
    assert train["epoch_learning_rate"] == [(epoch, pytest.approx(0.001)) for epoch in range(3)]
    assert [step for step, _ in validation["evaluation_loss_vs_iterations"]] == [1, 2, 3]
    np.testing.assert_allclose(
        [value for _, value in validation["evaluation_loss_vs_iterations"]], history["val_loss"], rtol=1e-6
    )


def test_histograms_batches_and_speed(tmp_path):
    pytest.importorskip("tensorboardX")
    board = TensorBoard(tmp_path, histogram_freq=2, update_freq=2, write_steps_per_second=True)
    model = network()
    model.fit(X, Y, batch_size=10, epochs=3, verbose=0, callbacks=[board])
    found = events(tmp_path / "train")
    assert [step for step, _ in found["batch_loss"]] == [2, 4, 6, 8, 10, 12]
    assert [step for step, _ in found["batch_steps_per_second"]] == [2, 4, 6, 8, 10, 12]
    assert all(value > 0 for _, value in found["epoch_steps_per_second"])
    kernels = found["one/kernel/histogram"]
    assert [step for step, _ in kernels] == [0, 2]
    assert kernels[-1][1].num == 24
    assert kernels[-1][1].sum == pytest.approx(model.get_weights()[0].sum(), rel=1e-5)


def test_weights_as_images(tmp_path):
    pytest.importorskip("tensorboardX")
    pytest.importorskip("PIL")
    board = TensorBoard(tmp_path, histogram_freq=1, write_images=True)
    network().fit(X, Y, epochs=2, verbose=0, callbacks=[board])
    found = events(tmp_path / "train")
    sizes = {name: {(v.width, v.height) for _, v in of} for name, of in found.items() if name.endswith("/image")}
    assert sizes == {
        "one/kernel/image": {(6, 4)}, "one/bias/image": {(1, 6)},
        "two/kernel/image": {(6, 3)}, "two/bias/image": {(1, 3)},
    }  # fmt: skip
    assert [step for step, _ in found["two/kernel/image"]] == [0, 1]


def test_an_evaluation_by_itself_is_written(tmp_path):
    board = TensorBoard(tmp_path)
    network().evaluate(X, Y, verbose=0, callbacks=[board])
    assert [step for step, _ in events(tmp_path / "validation")["evaluation_loss_vs_iterations"]] == [0]


def test_files_are_complete_where_training_is_cut_off(tmp_path):
    pytest.importorskip("tensorboardX")

    class CutOff(fastnn.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network().fit(X, Y, epochs=3, verbose=0, callbacks=[TensorBoard(tmp_path), CutOff()])
    assert [step for step, _ in events(tmp_path / "train")["epoch_loss"]] == [0, 1]


def test_what_tensorboard_is_not_given(tmp_path):
    pytest.importorskip("tensorboardX")
    for name, value in (
        ("profile_batch", 2), ("embeddings_freq", 1), ("embeddings_metadata", "x"),
        ("histogram_freq", -1), ("update_freq", "second"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=name):
            TensorBoard(tmp_path, **{name: value})


def test_without_tensorboardx(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"fastnn-cpu\[tensorboard\]"):
        TensorBoard("logs")


# RemoteMonitor


@pytest.fixture
def server():
    """A server that keeps what is posted to it: ``(path, headers, body)``."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append((self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(404 if "missing" in self.path else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", seen
        running.shutdown()
        thread.join()


def test_logs_are_posted_in_a_form(server):
    root, seen = server
    history = network().fit(X, Y, epochs=2, verbose=0, callbacks=[RemoteMonitor(root)]).history
    assert [path for path, _, _ in seen] == ["/publish/epoch/end/"] * 2
    for epoch, (_, headers, body) in enumerate(seen):
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"
        ((field, (text,)),) = urllib.parse.parse_qs(body, strict_parsing=True).items()
        assert field == "data"
        assert json.loads(text) == {"epoch": epoch, **{name: values[epoch] for name, values in history.items()}}


def test_logs_are_posted_as_json(server):
    root, seen = server
    monitor = RemoteMonitor(root, "/missing", send_as_json=True, headers={"X-Key": "1"})
    monitor.on_epoch_end(4, {"loss": np.float32(0.5), "rate": np.array(2)})
    ((path, headers, body),) = seen
    assert (path, headers["Content-Type"], headers["X-Key"]) == ("/missing", "application/json", "1")
    assert json.loads(body) == {"epoch": 4, "loss": 0.5, "rate": 2}


@pytest.mark.parametrize("root", ["http://127.0.0.1:9", "nonsense"])
def test_a_server_that_is_not_there_is_warned_of(root):
    with pytest.warns(UserWarning, match=f"Could not reach RemoteMonitor root server at {root}"):
        RemoteMonitor(root).on_epoch_end(0, {"loss": 1.0})
