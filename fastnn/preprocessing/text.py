"""Texts as rows for dense nets: words to numbers, as Keras 2 did it."""

from collections import Counter

import numpy as np

from ..checks import check_int

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(text, filters=FILTERS, lower=True, split=" "):
    """The words of a text, in order."""
    text = text.lower() if lower else text
    return [word for word in text.translate(str.maketrans(dict.fromkeys(filters, split))).split(split) if word]


class Tokenizer:
    """Words to numbers by how often they are, and texts to rows, as Keras 2 did it.

    Parameters
    ----------
    num_words : int, optional
        Words from this number on are left out.
    filters, lower, split
        As for :func:`text_to_word_sequence`.
    char_level : bool
        Whether each character counts as a word.
    oov_token : str, optional
        Stands for words that are not known; else these are left out.

    Attributes
    ----------
    word_index, index_word : dict
        The most frequent word has the number 1.
    word_counts, word_docs : dict
        How often a word is there, and in how many texts.
    document_count : int
    """

    def __init__(self, num_words=None, filters=FILTERS, lower=True, split=" ", char_level=False, oov_token=None):
        self.num_words = None if num_words is None else check_int(num_words, "Tokenizer: num_words", 1)
        self.filters, self.lower, self.split = filters, lower, split
        self.char_level, self.oov_token = char_level, oov_token
        self.word_counts, self.word_docs, self.index_docs = Counter(), Counter(), Counter()
        self.word_index, self.index_word, self.document_count = {}, {}, 0

    def _words(self, text):
        if isinstance(text, (list, tuple)):
            return [word.lower() for word in text] if self.lower else list(text)
        if self.char_level:
            return list(text.lower() if self.lower else text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts):
        """Count the words of texts, and number them."""
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            self.word_counts.update(words)
            self.word_docs.update(set(words))
        names = [word for word, _ in sorted(self.word_counts.items(), key=lambda item: -item[1])]
        names = [*([] if self.oov_token is None else [self.oov_token]), *(n for n in names if n != self.oov_token)]
        self.word_index = {word: number for number, word in enumerate(names, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        self.index_docs = Counter({self.word_index[word]: count for word, count in self.word_docs.items()})

    def fit_on_sequences(self, sequences):
        """Count in how many sequences each number is, for ``mode="tfidf"``."""
        self.document_count += len(sequences)
        for sequence in sequences:
            self.index_docs.update(set(sequence))

    def texts_to_sequences(self, texts):
        """The numbers of the words of each text."""
        limit, unknown = self.num_words or len(self.word_index) + 1, self.word_index.get(self.oov_token)
        found = []
        for text in texts:
            numbers = (self.word_index.get(word, unknown) for word in self._words(text))
            kept = (unknown if n is not None and n >= limit else n for n in numbers)
            found.append([n for n in kept if n is not None])
        return found

    def sequences_to_texts(self, sequences):
        """The words of each sequence of numbers, with blanks between them."""
        unknown = self.oov_token
        words = [[self.index_word.get(n, unknown) for n in sequence] for sequence in sequences]
        return [" ".join(word for word in row if word is not None) for row in words]

    def texts_to_matrix(self, texts, mode="binary"):
        """``sequences_to_matrix`` of the texts' numbers."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences, mode="binary"):
        """A row for each sequence, with a column for each number below ``num_words``.

        ``mode`` is "binary" (whether it is there), "count", "freq" (its share) or "tfidf".
        """
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(f"Tokenizer: mode must be binary, count, freq or tfidf, got {mode!r}")
        columns = self.num_words or (len(self.word_index) + 1 if self.word_index else 0)
        if not columns:
            raise ValueError("Specify a dimension (`num_words` argument), or fit on some text data first.")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Fit the Tokenizer on some data before using tfidf mode.")
        matrix = np.zeros((len(sequences), columns))
        for row, sequence in zip(matrix, sequences, strict=True):
            counts = Counter(n for n in sequence if n < columns)
            for number, count in counts.items():
                if mode == "tfidf":
                    rare = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
                    row[number] = (1 + np.log(count)) * rare
                else:
                    row[number] = {"binary": 1, "count": count, "freq": count / len(sequence)}[mode]
        return matrix


def one_hot(text, n, filters=FILTERS, lower=True, split=" "):
    """A number from 1 to n - 1 for each word of a text, the same in every run."""
    from zlib import crc32

    words = text_to_word_sequence(text, filters, lower, split)
    return [crc32(word.encode()) % (n - 1) + 1 for word in words]
