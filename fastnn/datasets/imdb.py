"""IMDB: 50000 film reviews, each a list of word numbers, and whether they praise the film (A. Maas et al., 2011).

A. Maas, R. Daly, P. Pham, D. Huang, A. Ng, C. Potts, "Learning Word Vectors for Sentiment Analysis", ACL 2011.
"""

import numpy as np

from fastnn.datasets import _words
from fastnn.datasets._find import KERAS_MIRRORS, find_file
from fastnn.datasets._npz import read_npz
from fastnn.legacy import old_arguments

HOMEPAGE = "https://ai.stanford.edu/~amaas/data/sentiment/"
SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
INDEX_HASH = "md5:bfafd718b763782e994055a2d397834f"  # no other hash has been published


@old_arguments(nb_words="num_words")
def load_data(
    path="imdb.npz",
    num_words=None,
    skip_top=0,
    maxlen=None,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
):
    """Load the reviews from a folder of this machine, or download them once (17 MB) into the user's cache.

    Parameters
    ----------
    path : str
        Name of the file, or where it is.
    num_words : int, optional
        Words with this number and above (the rarer ones) become ``oov_char``; by default none do.
    skip_top : int
        So do words below this number, the most frequent ones.
    maxlen : int, optional
        Reviews of this length and above are left out.
    seed : int
        Seed of the shuffle.
    start_char : int or None
        Put before each review.
    oov_char : int or None
        Stands for words that are left out; None drops them.
    index_from : int
        Added to all word numbers.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        x (25000,) of lists of int; y int64 (25000,), 1 for praise.

    Raises
    ------
    FileNotFoundError
        If the file is nowhere and cannot be downloaded; the text says where to put it.
    ValueError
        If the file is damaged, or ``maxlen`` leaves no review.
    """
    arrays = read_npz(find_file("imdb", path, SHA256, KERAS_MIRRORS, HOMEPAGE))
    generator = np.random.RandomState(seed)  # both orders come from one, as in Keras
    parts = []
    for part in ("train", "test"):
        texts, labels = _words.shuffled(arrays[f"x_{part}"], arrays[f"y_{part}"], generator)
        texts = _words.marked(texts, start_char, index_from)
        if maxlen:
            texts, labels = _words.shorter_than(maxlen, texts, labels)
            if not texts:
                raise ValueError(f"maxlen={maxlen} leaves no review; give a larger one")
        parts.append((texts, np.asarray(labels)))
    (x_train, y_train), (x_test, y_test) = parts
    texts = x_train + x_test
    texts = _words.limited(texts, num_words or max(max(text) for text in texts), skip_top, oov_char)
    train, test = texts[: len(x_train)], texts[len(x_train) :]
    return (_words.as_array(train), y_train), (_words.as_array(test), y_test)


def get_word_index(path="imdb_word_index.json"):
    """The dict of word to number, before ``index_from`` is added."""
    return _words.read_index(find_file("imdb", path, INDEX_HASH, KERAS_MIRRORS, HOMEPAGE))
