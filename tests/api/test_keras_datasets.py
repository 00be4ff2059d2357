"""Data sets that Keras has and the package does not bring: read from small files in the form of the real ones."""

import importlib
import importlib.util
import json
import pathlib
import pickle
import zipfile

import make_datasets as MAKER
import numpy as np
import pytest

from fastnn.datasets import _find, _npz, imdb, reuters

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "datasets.json").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with all files, which is Keras' own; no other folder is searched and nothing is downloaded."""
    home = tmp_path / "keras"
    (home / "datasets").mkdir(parents=True)
    MAKER.write_files(home / "datasets")
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.delenv("FASTNN_DATA_DIR", raising=False)
    monkeypatch.setattr(_find, "data_folders", lambda: [tmp_path / "empty"])
    monkeypatch.setattr(_find, "user_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(_find, "_download", refuse_to_download)
    return home / "datasets"


def refuse_to_download(files, mirror, target):
    raise OSError("no network in tests")


@pytest.mark.parametrize("number", range(len(MAKER.CASES)), ids=lambda number: MAKER.CASES[number][0])
def test_as_keras_reads_them(folder, number):
    name, arguments = MAKER.CASES[number]
    module = importlib.import_module(f"fastnn.datasets.{name}")
    result = module.load_data(**arguments)
    assert MAKER.plain(result) == GOLDEN[number]
    for x, y in result:
        assert x.ndim == (2 if "housing" in name else 1) and len(x) == len(y)


def test_word_indices(folder):
    assert imdb.get_word_index() == {"the": 1, "film": 2}
    assert reuters.get_word_index() == {"the": 1, "grain": 2}
    assert len(reuters.get_label_names()) == 46


def test_old_name_of_num_words(folder):
    with pytest.warns(DeprecationWarning, match="nb_words"):
        (x, _), _ = imdb.load_data(nb_words=9)
    assert max(max(text) for text in x) < 9


def test_a_path_is_taken_as_it_is(folder, tmp_path):
    elsewhere = tmp_path / "mine.npz"
    elsewhere.write_bytes((folder / "imdb.npz").read_bytes())
    (folder / "imdb.npz").unlink()
    assert len(imdb.load_data(path=str(elsewhere))[0][0]) == 12


def test_what_to_do_without_the_file(folder):
    (folder / "imdb.npz").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        imdb.load_data()
    for text in ("imdb.npz", str(folder), "no network in tests", imdb.HOMEPAGE, "FASTNN_DATA_DIR"):
        assert text in str(caught.value)


def test_bad_arguments(folder):
    from fastnn.datasets import boston_housing, california_housing

    with pytest.raises(ValueError, match="test_split"):
        boston_housing.load_data(test_split=1)
    with pytest.raises(ValueError, match="'large' or 'small', got 'tiny'"):
        california_housing.load_data(version="tiny")
    with pytest.raises(ValueError, match="maxlen=1 leaves no review"):
        imdb.load_data(maxlen=1)


class Evil:
    """Runs code when it is unpickled by an ordinary reader."""

    def __reduce__(self):
        return (pathlib.Path.touch, (pathlib.Path("evil-was-here"),))


def archive_of(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


def npy_of_object(value):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (117 - len(header)) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + pickle.dumps(value)


def test_no_code_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = np.empty(1, object)
    evil[0] = Evil()
    np.savez(tmp_path / "evil.npz", x=evil)
    with pytest.raises(ValueError, match="it is no part of an array"):
        _npz.read_npz(tmp_path / "evil.npz")
    assert not (tmp_path / "evil-was-here").exists()
    archive_of(tmp_path / "text.npz", x=npy_of_object("a text"))
    with pytest.raises(ValueError, match="expected an array, found str"):
        _npz.read_npz(tmp_path / "text.npz")


def test_damaged_files(tmp_path):
    good = tmp_path / "good.npz"
    np.savez(good, x=np.arange(5))
    content = good.read_bytes()
    for size in (0, 10, len(content) // 2, len(content) - 3):
        (tmp_path / "bad.npz").write_bytes(content[:size])
        with pytest.raises(ValueError, match=r"bad.npz: expected an archive"):
            _npz.read_npz(tmp_path / "bad.npz")
    archive_of(tmp_path / "bad.npz", x=b"\x93NUMPY\x09\x00")
    with pytest.raises(ValueError, match="unknown version"):
        _npz.read_npz(tmp_path / "bad.npz")
    with pytest.raises(FileNotFoundError):
        _npz.read_npz(tmp_path / "none.npz")


def test_bombs(tmp_path, monkeypatch):
    monkeypatch.setattr(_npz, "LARGEST", 10_000)
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros(10_000))
    with pytest.raises(ValueError, match="at most 10000 bytes when unpacked"):
        _npz.read_npz(tmp_path / "bomb.npz")
