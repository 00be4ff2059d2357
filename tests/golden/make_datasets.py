"""Record in ``datasets.json`` how Keras shuffles, splits and cuts its data sets, shown on small files.

Run ``python tests/golden/make_datasets.py`` with Keras installed. ``tests/api/test_keras_datasets.py`` makes the
same files and compares what fastnn reads from them.
"""

import json
import pathlib
import tempfile

import numpy as np

GOLDEN = pathlib.Path(__file__).with_name("datasets.json")


def texts(count, seed):
    """Lists of word numbers of different lengths, as an array of objects."""
    generator = np.random.RandomState(seed)
    array = np.empty(count, object)
    array[:] = [generator.randint(1, 40, size=generator.randint(1, 9)).tolist() for _ in range(count)]
    return array


def write_files(folder):
    """Write a small file for each data set, in the form of the real ones."""
    folder = pathlib.Path(folder)
    x = np.random.RandomState(0).uniform(0, 50, (25, 13)).round(2)
    np.savez(folder / "boston_housing.npz", x=x, y=x.sum(axis=1))
    np.savez(folder / "california_housing.npz", x=np.arange(8 * 700).reshape(700, 8) / 4, y=np.arange(700.0))
    labels = np.arange(12) % 2
    np.savez(folder / "imdb.npz", x_train=texts(12, 1), y_train=labels, x_test=texts(9, 2), y_test=labels[:9])
    np.savez(folder / "reuters.npz", x=texts(20, 3), y=np.arange(20) % 46)
    (folder / "imdb_word_index.json").write_text('{"the": 1, "film": 2}')
    (folder / "reuters_word_index.json").write_text('{"the": 1, "grain": 2}')


CASES = [
    ("boston_housing", {}),
    ("boston_housing", {"test_split": 0.5, "seed": 7}),
    ("california_housing", {"test_split": 0.9}),
    ("california_housing", {"version": "small", "test_split": 0.99, "seed": 1}),
    ("imdb", {}),
    ("imdb", {"num_words": 20}),
    ("imdb", {"num_words": 30, "skip_top": 8, "oov_char": None, "maxlen": 7}),
    ("imdb", {"start_char": None, "index_from": 0, "seed": 3}),
    ("imdb", {"start_char": None, "index_from": 5, "num_words": 25}),
    ("reuters", {}),
    ("reuters", {"num_words": 15, "test_split": 0.35}),
    ("reuters", {"maxlen": 6, "start_char": None, "index_from": 2, "oov_char": None, "num_words": 30}),
    ("reuters", {"skip_top": 10, "seed": 9}),
]


def plain(result):
    """What ``load_data`` returned: the number of rows, and the first few of them, as lists."""
    return [[[len(part), np.asarray(part).tolist()[:12]] for part in pair] for pair in result]


if __name__ == "__main__":
    import importlib

    golden = []
    with tempfile.TemporaryDirectory() as folder:
        write_files(folder)
        for name, arguments in CASES:
            module = importlib.import_module(f"keras.src.datasets.{name}")
            module.get_file = lambda fname=None, *rest, **named: f"{folder}/{fname}"
            golden.append(plain(module.load_data(**arguments)))
    GOLDEN.write_text(json.dumps(golden) + "\n", encoding="utf-8")
