"""Data sets: what they hold, where they are looked for, what is said when a file is missing or damaged."""

import functools
import gzip
import hashlib
import http.server
import json
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from fastnn import datasets
from fastnn.datasets import _find, _idx, _split, digits, fashion_mnist, iris, mnist


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def idx_bytes(array):
    """Return `array` (uint8) as the bytes of an uncompressed IDX file."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_idx(path, array):
    path.write_bytes(gzip.compress(idx_bytes(array), mtime=0))


@pytest.fixture
def no_network(monkeypatch):
    """Fail on any attempt to reach another machine, or this one."""

    def refuse(*args, **kwargs):
        raise AssertionError("a bundled data set used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Point every searched folder into `tmp_path`, and every mirror at a port where nobody listens."""
    monkeypatch.setenv("FASTNN_DATA_DIR", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(_find, "SYSTEM_FOLDER", tmp_path / "system")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    with socket.socket() as nobody:  # bound, so that no other program takes the port; not listening
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setattr(fashion_mnist, "MIRRORS", (f"http://127.0.0.1:{nobody.getsockname()[1]}/",))
        yield tmp_path


@pytest.fixture
def tiny(folders, monkeypatch):
    """Return ``make(folder, first_label=7)``, which writes a Fashion-MNIST of 3 + 2 images of 2 x 2 pixels.

    The hashes are those of the copies whose `first_label` is 7, so any other is "another data set".
    """

    def arrays(first_label):
        return {
            "train-images-idx3-ubyte.gz": np.arange(12, dtype=np.uint8).reshape(3, 2, 2),
            "train-labels-idx1-ubyte.gz": np.array([first_label, 1, 2], np.uint8),
            "t10k-images-idx3-ubyte.gz": np.arange(100, 108, dtype=np.uint8).reshape(2, 2, 2),
            "t10k-labels-idx1-ubyte.gz": np.array([3, 4], np.uint8),
        }

    def make(folder, first_label=7):
        folder.mkdir(parents=True)
        for name, array in arrays(first_label).items():
            write_idx(folder / name, array)
        return folder

    raw = {name: idx_bytes(array) for name, array in arrays(7).items()}
    monkeypatch.setattr(fashion_mnist, "SHA256", {name: sha256(r) for name, r in raw.items()})
    published = {name: sha256(gzip.compress(r, mtime=0)) for name, r in raw.items()}
    monkeypatch.setattr(fashion_mnist, "DOWNLOAD_SHA256", published)
    return make


@pytest.fixture
def server(tmp_path):
    """Serve ``tmp_path/www`` on 127.0.0.1; yields (folder, base URL, list of the paths asked for)."""
    www, asked = tmp_path / "www", []
    www.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            asked.append(self.path)

    address = ("127.0.0.1", 0)
    with http.server.ThreadingHTTPServer(address, functools.partial(Handler, directory=www)) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield www, f"http://127.0.0.1:{httpd.server_address[1]}/", asked
        httpd.shutdown()
        thread.join()


# ---- the package


def test_importing_the_package_is_light():
    code = (
        "import json, sys, numpy; before = set(sys.modules); import fastnn.datasets;"
        "light = [m for m in sys.modules if m not in before];"
        "from fastnn.datasets import digits, fashion_mnist, iris, mnist;"
        "print(json.dumps([light, sorted(m for m in sys.modules if m not in before)]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    light, everything = json.loads(run.stdout)
    assert "fastnn.datasets" in light
    assert not any(m.startswith("fastnn.datasets.") for m in light), "submodules wait until they are used"
    assert "fastnn.datasets.mnist" in everything
    assert not {"pooch", "requests"} & set(everything), "pooch waits until a download is needed"


def test_submodules_are_attributes():
    assert datasets.mnist is mnist and datasets.iris is iris
    assert datasets.data_folders is _find.data_folders
    assert set(dir(datasets)) >= {"data_folders", "digits", "fashion_mnist", "iris", "mnist"}
    with pytest.raises(AttributeError, match="no attribute 'cifar'"):
        datasets.cifar  # noqa: B018


# ---- MNIST


def test_mnist(no_network):
    (x_train, y_train), (x_test, y_test) = mnist.load_data(path="mnist.npz")
    assert (x_train.shape, y_train.shape) == ((60000, 28, 28), (60000,))
    assert (x_test.shape, y_test.shape) == ((10000, 28, 28), (10000,))
    for array in (x_train, y_train, x_test, y_test):
        assert array.dtype == np.uint8
        assert array.flags.c_contiguous and array.flags.writeable
    assert y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert x_train.mean() / 255 == pytest.approx(0.1307, abs=5e-5)  # the mean that is quoted everywhere
    # The whole content, bit for bit, independently of the reader's own check.
    assert sha256(idx_bytes(x_train)) == "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    assert sha256(idx_bytes(x_test)) == "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"


def test_mnist_damaged_in_the_installed_package(tmp_path, monkeypatch):
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", np.zeros((1, 28, 28), np.uint8))
    monkeypatch.setattr(mnist, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz: expected .* SHA-256 ba891046"):
        mnist.load_data()


# ---- iris and digits


def test_iris(no_network):
    (x_train, y_train), (x_test, y_test) = iris.load_data()
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == ((120, 4), (120,), (30, 4), (30,))
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64
    x, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    assert np.bincount(y).tolist() == [50, 50, 50]
    # Mean of each feature and of each class, as published with the data set.
    np.testing.assert_allclose(x.mean(axis=0), [5.843333, 3.057333, 3.758, 1.199333], rtol=1e-6)
    np.testing.assert_allclose([x[y == k, 2].mean() for k in range(3)], [1.462, 4.26, 5.552], rtol=1e-6)
    assert len(iris.FEATURE_NAMES) == 4
    assert iris.CLASS_NAMES == ("setosa", "versicolor", "virginica")


def test_iris_is_the_corrected_version():
    # Rows 35 and 38 are the two that are wrong in the UCI copy: 4.9,3.1,1.5,0.1 and 4.9,3.1,1.5,0.1.
    rows = iris.FILE.read_text(encoding="ascii").splitlines()
    assert rows[35] == "4.9,3.1,1.5,0.2,setosa"
    assert rows[38] == "4.9,3.6,1.4,0.1,setosa"


def test_digits(no_network):
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, y_train.shape) == ((1437, 8, 8), (1437,))
    assert (x_test.shape, y_test.shape) == ((360, 8, 8), (360,))
    assert x_train.dtype == y_train.dtype == x_test.dtype == y_test.dtype == np.uint8
    x, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    assert (x.min(), x.max(), int(x.sum())) == (0, 16, 561718)
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_split_is_that_of_keras():
    x, y = np.arange(20).reshape(10, 2), np.arange(10)
    (x_train, y_train), (x_test, y_test) = _split.shuffle_and_split(x, y, 0.25, 113)
    order = np.arange(10)
    np.random.RandomState(113).shuffle(order)
    assert y_train.tolist() == order[:7].tolist()  # int(10 * 0.75)
    assert y_test.tolist() == order[7:].tolist()
    assert order.tolist() != sorted(order)
    assert x_train.tolist() == x[y_train].tolist() and x_test.tolist() == x[y_test].tolist()


@pytest.mark.parametrize("data", [iris, digits])
def test_split_and_seed(data):
    (x_train, y_train), _ = data.load_data()
    assert np.array_equal(x_train, data.load_data()[0][0]), "the same seed gives the same rows"
    assert not np.array_equal(y_train, data.load_data(seed=1)[0][1])
    (x_all, _), (x_none, y_none) = data.load_data(test_split=0)
    assert len(x_none) == len(y_none) == 0
    assert np.array_equal(x_all[: len(x_train)], x_train), "the split cuts one and the same shuffle"
    for bad in (1, -0.1, float("nan")):
        with pytest.raises(ValueError, match="test_split: expected a fraction"):
            data.load_data(test_split=bad)


# ---- the reader


@pytest.mark.parametrize("shape", [(3, 2, 4), (5,), (0,), (0, 28, 28)])
def test_read_idx(tmp_path, shape):
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    write_idx(tmp_path / "a.gz", array)
    read = _idx.read_idx(tmp_path / "a.gz", len(shape), sha256(idx_bytes(array)))
    assert read.shape == shape and read.dtype == np.uint8
    assert np.array_equal(read, array)
    assert read.flags.writeable and read.flags.c_contiguous


GOOD = idx_bytes(np.arange(6, dtype=np.uint8).reshape(1, 2, 3))


@pytest.mark.parametrize(
    ("content", "message"),
    [  # each file is `GOOD` with one thing wrong
        pytest.param(GOOD, "a complete gzip file, .*Not a gzipped file", id="not gzip"),
        pytest.param(b"", ".* found an empty file", id="empty"),
        pytest.param(gzip.compress(GOOD)[:-9], "a complete gzip file, .*ended before", id="cut gzip"),
        pytest.param(gzip.compress(GOOD)[:-8] + bytes(8), "a complete gzip file, .*CRC", id="wrong checksum"),
        pytest.param(gzip.compress(b""), ".* 00 00 08 03, found an empty file", id="empty content"),
        pytest.param(
            gzip.compress(b"\0\0\x0d\3" + GOOD[4:]), ".* 00 00 08 03, found 00 00 0d 03", id="floats"
        ),
        pytest.param(
            gzip.compress(b"\0\0\x08\1" + GOOD[4:]), ".* 00 00 08 03, found 00 00 08 01", id="labels"
        ),
        pytest.param(gzip.compress(GOOD[:15]), "an IDX header of 16 bytes, found 15", id="cut header"),
        pytest.param(gzip.compress(GOOD[:-1]), r"22 .*\(1, 2, 3\).* found 21", id="one byte less"),
        pytest.param(gzip.compress(GOOD + b"\0"), r"22 .*\(1, 2, 3\).* found 23", id="one byte more"),
        pytest.param(
            gzip.compress(GOOD[:4] + b"\xff" * 12 + GOOD[16:]), r"\d{29} .* found 22", id="huge shape"
        ),
        pytest.param(
            gzip.compress(GOOD[:-1] + b"\7"), ".* SHA-256 .*damaged, or it belongs", id="one bit wrong"
        ),
    ],
)
def test_read_idx_refuses(tmp_path, content, message):
    path = tmp_path / "some-idx3-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"some-idx3-ubyte\.gz: expected " + message):
        _idx.read_idx(path, 3, sha256(GOOD))


def test_read_idx_without_a_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        _idx.read_idx(tmp_path / "absent.gz", 1, "")


# ---- where Fashion-MNIST is looked for


def test_data_folders(folders, monkeypatch):
    assert datasets.data_folders() == [folders / "own", folders / "cache" / "fastnn", folders / "system"]
    monkeypatch.delenv("FASTNN_DATA_DIR")
    assert datasets.data_folders() == [folders / "cache" / "fastnn", folders / "system"]
    monkeypatch.setenv("FASTNN_DATA_DIR", "~/sets")
    assert datasets.data_folders()[0] == Path.home() / "sets"


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", ".cache/fastnn"),
        ("darwin", "Library/Caches/fastnn"),
        ("win32", "AppData/Local/fastnn/Cache"),
    ],
)
def test_user_cache_is_the_customary_one(platform, expected, monkeypatch, tmp_path):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", platform)
    assert _find.user_cache() == tmp_path / expected


def test_search_order(tiny, folders, no_network):
    """Fill the folders from the last to the first: each in turn must win over those filled before."""
    for place in ("system/fashion-mnist", "cache/fastnn/fashion-mnist", "own", "own/fashion-mnist"):
        tiny(folders / place)
        found = _find.find_or_download("fashion-mnist", fashion_mnist.DOWNLOAD_SHA256, (), "")
        assert found == folders / place
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    assert x_train.tolist() == np.arange(12).reshape(3, 2, 2).tolist()
    assert y_train.tolist() == [7, 1, 2]
    assert x_test.shape == (2, 2, 2) and y_test.tolist() == [3, 4]


def test_incomplete_folder_is_passed_over(tiny, folders, no_network):
    (tiny(folders / "own") / "t10k-labels-idx1-ubyte.gz").unlink()
    complete = tiny(folders / "system" / "fashion-mnist")
    assert _find.find_or_download("fashion-mnist", fashion_mnist.DOWNLOAD_SHA256, (), "") == complete


def test_other_compression_is_as_good(tiny, folders):
    folder = tiny(folders / "own")
    for path in folder.iterdir():
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1, mtime=12345))
    assert fashion_mnist.load_data()[0][1].tolist() == [7, 1, 2]


def test_wrong_file_is_named(tiny, folders):
    tiny(folders / "own", first_label=8)
    with pytest.raises(ValueError, match=r"train-labels-idx1-ubyte\.gz: .*another data set"):
        fashion_mnist.load_data()


def test_truncated_file_is_named(tiny, folders):
    path = tiny(folders / "own") / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match=r"t10k-images-idx3-ubyte\.gz: expected a complete gzip file"):
        fashion_mnist.load_data()


# ---- the download


def assert_offline_text(text, folders):
    for place in ("own/fashion-mnist", "own", "cache/fastnn/fashion-mnist", "system/fashion-mnist"):
        assert f"{folders / place}: " in text
    for name in fashion_mnist.SHA256:
        assert name in text
    for word in ("FASTNN_DATA_DIR", fashion_mnist.HOMEPAGE, fashion_mnist.MIRRORS[0]):
        assert word in text


def test_offline_text(tiny, folders):
    (tiny(folders / "own") / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        fashion_mnist.load_data()
    text = str(caught.value)
    assert_offline_text(text, folders)
    assert f"{folders / 'own'}: lacks t10k-labels-idx1-ubyte.gz" in text
    assert f"{folders / 'system' / 'fashion-mnist'}: no such folder" in text


def test_offline_text_without_pooch(tiny, folders, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)  # makes `import pooch` raise ImportError
    with pytest.raises(FileNotFoundError, match="pooch") as caught:
        fashion_mnist.load_data()
    assert_offline_text(str(caught.value), folders)


def test_download_once_into_the_cache(tiny, folders, server, monkeypatch):
    www, url, asked = server
    tiny(www / "fashion")
    monkeypatch.setattr(fashion_mnist, "MIRRORS", (*fashion_mnist.MIRRORS, url + "fashion/"))
    for _ in range(2):
        assert fashion_mnist.load_data()[0][1].tolist() == [7, 1, 2]
        assert asked == [f"/fashion/{name}" for name in fashion_mnist.DOWNLOAD_SHA256], "once, and no more"
    cache = folders / "cache" / "fastnn" / "fashion-mnist"
    assert sorted(p.name for p in cache.iterdir()) == sorted(fashion_mnist.DOWNLOAD_SHA256)


def test_download_from_the_next_mirror_if_one_is_wrong(tiny, folders, server, monkeypatch):
    www, url, asked = server
    tiny(www / "wrong", first_label=8)
    tiny(www / "right")
    monkeypatch.setattr(fashion_mnist, "MIRRORS", (url + "absent/", url + "wrong/", url + "right/"))
    assert fashion_mnist.load_data()[0][1].tolist() == [7, 1, 2]
    assert [path.split("/")[1] for path in asked].count("wrong") == 2, (
        "the wrong mirror was left at its 2nd file"
    )


def test_download_with_wrong_content_only(tiny, folders, server, monkeypatch):
    www, url, _ = server
    tiny(www / "wrong", first_label=8)
    monkeypatch.setattr(fashion_mnist, "MIRRORS", (url + "wrong/",))
    with pytest.raises(FileNotFoundError, match=r"wrong/: .*(hash|SHA256)"):
        fashion_mnist.load_data()
    kept = [p.name for p in (folders / "cache" / "fastnn" / "fashion-mnist").iterdir()]
    assert kept == ["train-images-idx3-ubyte.gz"], "the file with the wrong hash is not kept"


# ---- the real Fashion-MNIST, where this machine has it


def real_fashion_mnist_is_here():
    try:
        return bool(_find.find_or_download("fashion-mnist", fashion_mnist.DOWNLOAD_SHA256, (), ""))
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not real_fashion_mnist_is_here(), reason="no Fashion-MNIST in data_folders()")
def test_real_fashion_mnist(no_network):
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    assert (x_train.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert x_train.dtype == y_train.dtype == x_test.dtype == y_test.dtype == np.uint8
    assert np.bincount(y_train).tolist() == [6000] * 10 and np.bincount(y_test).tolist() == [1000] * 10
    assert [fashion_mnist.CLASS_NAMES[k] for k in y_train[:3]] == ["Ankle boot", "T-shirt/top", "T-shirt/top"]
