"""Reuters: 11228 news, each a list of word numbers, on 46 topics (Reuters-21578; D. Lewis, 1997)."""

import numpy as np

from fastnn.datasets import _words
from fastnn.datasets._find import KERAS_MIRRORS, find_file
from fastnn.datasets._npz import read_npz
from fastnn.legacy import old_arguments

HOMEPAGE = "https://www.daviddlewis.com/resources/testcollections/reuters21578/"
SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
INDEX_HASH = "md5:4d44cc38712099c9e383dc6e5f11a921"  # no other hash has been published

LABEL_NAMES = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply", "coffee", "sugar",
    "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi", "money-fx", "interest", "gnp",
    "meal-feed", "alum", "oilseed", "gold", "tin", "strategic-metal", "livestock", "retail", "ipi", "iron-steel",
    "rubber", "heat", "jobs", "lei", "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
)  # fmt: skip


@old_arguments(nb_words="num_words")
def load_data(
    path="reuters.npz",
    num_words=None,
    skip_top=0,
    maxlen=None,
    test_split=0.2,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
):
    """Load the news from a folder of this machine, or download them once (2 MB) into the user's cache.

    Parameters
    ----------
    path : str
        Name of the file, or where it is.
    test_split : float
        Fraction of the news kept for testing.
    num_words, skip_top, maxlen, seed, start_char, oov_char, index_from
        As for ``imdb.load_data``.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        x (n,) of lists of int; y int64 (n,), an index into ``get_label_names()``.

    Raises
    ------
    FileNotFoundError
        If the file is nowhere and cannot be downloaded; the text says where to put it.
    ValueError
        If the file is damaged.
    """
    arrays = read_npz(find_file("reuters", path, SHA256, KERAS_MIRRORS, HOMEPAGE))
    texts, labels = _words.shuffled(arrays["x"], arrays["y"], np.random.RandomState(seed))
    texts = _words.marked(texts, start_char, index_from)
    if maxlen:
        texts, labels = _words.shorter_than(maxlen, texts, labels)
    texts = _words.limited(texts, num_words or max(max(text) for text in texts), skip_top, oov_char)
    n_train = int(len(texts) * (1 - test_split))
    train, test = texts[:n_train], texts[n_train:]
    labels = np.asarray(labels)
    return (_words.as_array(train), labels[:n_train]), (_words.as_array(test), labels[n_train:])


def get_word_index(path="reuters_word_index.json"):
    """The dict of word to number, before ``index_from`` is added."""
    return _words.read_index(find_file("reuters", path, INDEX_HASH, KERAS_MIRRORS, HOMEPAGE))


def get_label_names():
    """The names of the topics."""
    return LABEL_NAMES
