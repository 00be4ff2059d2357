"""What IMDB and Reuters share: texts as lists of word numbers, the most frequent word first."""

import json

import numpy as np


def shuffled(texts, labels, generator):
    """Texts and labels in the next order of a ``numpy.random.RandomState``."""
    order = np.arange(len(texts))
    generator.shuffle(order)
    return texts[order], labels[order]


def marked(texts, start_char, index_from):
    """The texts with ``start_char`` in front and all numbers raised by ``index_from``, which frees the lowest."""
    start = [] if start_char is None else [start_char]
    return [start + [word + (index_from or 0) for word in text] for text in texts]


def shorter_than(maxlen, texts, labels):
    """The texts of fewer than ``maxlen`` words, and their labels."""
    kept = [(text, label) for text, label in zip(texts, labels, strict=True) if len(text) < maxlen]
    return [text for text, _ in kept], [label for _, label in kept]


def limited(texts, num_words, skip_top, oov_char):
    """The texts with ``oov_char`` for words that are too rare or too frequent; without them for None."""
    if oov_char is None:
        return [[word for word in text if skip_top <= word < num_words] for text in texts]
    return [[word if skip_top <= word < num_words else oov_char for word in text] for text in texts]


def as_array(texts):
    """An array (n,) of lists."""
    array = np.empty(len(texts), object)
    array[:] = texts
    return array


def read_index(path):
    """The dict of word to number that a JSON file holds."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)
