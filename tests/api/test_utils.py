"""``fastnn.utils``: splitting, drawing and fetching. Conversions are tested with the models that need them."""

import hashlib
import http.server
import struct
import tarfile
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

import fastnn
from fastnn.layers import Dense, Dropout, Flatten
from fastnn.tf_shim.data import Dataset
from fastnn.utils import get_file, plot_model, split_dataset

X = np.arange(10.0)


def values(dataset):
    return [np.asarray(element).tolist() for element in dataset]


@pytest.mark.parametrize(
    ("sizes", "left", "right"),
    [
        ({"left_size": 0.8}, X[:8], X[8:]),
        ({"right_size": 0.25}, X[:8], X[8:]),  # round(2.5) = 2
        ({"left_size": 3}, X[:3], X[3:]),
        ({"left_size": 3, "right_size": 2}, X[:3], X[8:]),
        ({"left_size": 0.5, "right_size": 4}, X[:5], X[6:]),
    ],
)
def test_split_dataset(sizes, left, right):
    for dataset in (X, X.tolist(), Dataset.from_tensor_slices(X)):
        a, b = split_dataset(dataset, **sizes)
        assert values(a) == left.tolist() and values(b) == right.tolist()
        assert (len(a), len(b)) == (len(left), len(right))


def test_split_dataset_keeps_rows_together():
    left, right = split_dataset((X, X * 2), left_size=0.6, shuffle=True, seed=3)
    pairs = [(float(x), float(y)) for part in (left, right) for x, y in part]
    assert sorted(x for x, _ in pairs) == X.tolist() != [x for x, _ in pairs]
    assert all(y == 2 * x for x, y in pairs)
    again, _ = split_dataset((X, X * 2), left_size=0.6, shuffle=True, seed=3)
    assert [float(x) for x, _ in again] == [x for x, _ in pairs[:6]]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({}, ValueError, "needs left_size or right_size"),
        ({"left_size": 1.0}, ValueError, "left_size must be a share between 0 and 1"),
        ({"left_size": 10}, ValueError, "from 1 to 9 rows, got 10"),
        ({"right_size": "half"}, TypeError, "right_size must be a share"),
        ({"left_size": 6, "right_size": 6}, ValueError, "ask for 12 rows, but there are 10"),
        ({"left_size": 0.5, "preferred_backend": "torch"}, ValueError, "preferred_backend"),
    ],
)
def test_split_dataset_errors(arguments, error, text):
    with pytest.raises(error, match=text):
        split_dataset(X, **arguments)
    with pytest.raises(TypeError, match="expected arrays or a Dataset, got int"):
        split_dataset(3, left_size=0.5)


def network():
    return fastnn.Sequential(
        [Flatten(input_shape=(4, 5), name="flat"), Dense(30, activation="relu"), Dropout(0.1), Dense(2)]
    )


def png_size(path):
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


def test_plot_model(tmp_path):
    plain, full, wide, fine = (tmp_path / f"{name}.png" for name in ("plain", "full", "wide", "fine"))
    plot_model(network(), plain)
    everything = {"show_shapes": True, "show_layer_names": True, "show_layer_activations": True}
    plot_model(network(), full, **everything, show_dtype=True, show_trainable=True)
    plot_model(network(), wide, rankdir="LR")
    plot_model(network(), fine, dpi=400)
    (width, height), (full_width, full_height) = png_size(plain), png_size(full)
    assert height > width and full_height > height and full_width > width
    assert png_size(wide)[0] > png_size(wide)[1]
    assert png_size(fine)[0] == pytest.approx(2 * width, abs=2)
    text = tmp_path / "text.svg"
    import matplotlib

    with matplotlib.rc_context({"svg.fonttype": "none"}):
        plot_model(network(), text, **everything)
    for part in ("flat (Flatten)", "Activation: relu", "Input shape: (None, 20)", "Output shape: (None, 30)"):
        assert part in text.read_text(encoding="utf-8")


def test_plot_model_errors(tmp_path):
    with pytest.raises(ValueError, match="is not built yet"):
        plot_model(fastnn.Sequential([Dense(3)]), tmp_path / "a.png")
    with pytest.raises(ValueError, match="rankdir must be one of TB, BT, LR, RL"):
        plot_model(network(), tmp_path / "a.png", rankdir="DOWN")
    with pytest.raises(ValueError, match="splines"):
        plot_model(network(), tmp_path / "a.png", splines="curved")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def server(tmp_path_factory):
    """An HTTP server on this machine for one folder, which counts what is asked for."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "data.csv").write_text("a,b\n1,2\n")
    with zipfile.ZipFile(folder / "pack.zip", "w") as archive:
        archive.writestr("inside.txt", "zip")
    with tarfile.open(folder / "pack.tar.gz", "w:gz") as archive:
        archive.add(folder / "data.csv", "inside.csv")
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments):
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}", folder, asked
        httpd.shutdown()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_get_file(server, tmp_path):
    url, folder, asked = server
    path = get_file("mine.csv", f"{url}/data.csv", cache_dir=tmp_path)
    assert path == str(tmp_path / "datasets" / "mine.csv")
    assert Path(path).read_text() == "a,b\n1,2\n"
    count = len(asked)
    assert get_file("mine.csv", f"{url}/data.csv", cache_dir=tmp_path) == path
    assert len(asked) == count  # from the cache
    (folder / "data.csv").write_text("new")
    assert Path(get_file("mine.csv", f"{url}/data.csv", cache_dir=tmp_path, force_download=True)).read_text() == "new"
    digest = hashlib.sha256(b"new").hexdigest()
    assert get_file(origin=f"{url}/data.csv", file_hash=digest, cache_dir=tmp_path, cache_subdir="own")
    with pytest.raises(ValueError, match="hash"):
        get_file("other.csv", f"{url}/data.csv", md5_hash="0" * 32, cache_dir=tmp_path)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_get_file_unpacks(server, tmp_path):
    url, *_ = server
    folder = get_file(origin=f"{url}/pack.zip", extract=True, cache_dir=tmp_path)
    assert folder == str(tmp_path / "datasets" / "pack.zip")
    assert Path(folder, "inside.txt").read_text() == "zip"
    folder = get_file("pack.tar.gz", f"{url}/pack.tar.gz", untar=True, cache_dir=tmp_path)
    assert folder == str(tmp_path / "datasets" / "pack_extracted")
    assert Path(folder, "inside.csv").read_text().startswith("a,b")
    with pytest.warns(UserWarning, match="is no archive"):
        get_file("data.csv", f"{url}/data.csv", extract=True, cache_dir=tmp_path)


def test_get_file_errors(tmp_path):
    with pytest.raises(ValueError, match="needs origin"):
        get_file("a.csv")
    with pytest.raises(ValueError, match="without folders"):
        get_file("../a.csv", "http://localhost/a.csv", cache_dir=tmp_path)
    with pytest.raises(ValueError, match="hash_algorithm"):
        get_file("a.csv", "http://localhost/a.csv", file_hash="0", hash_algorithm="crc", cache_dir=tmp_path)
