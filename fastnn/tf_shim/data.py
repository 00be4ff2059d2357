"""``tf.data.Dataset``, as far as it feeds ``fit``: elements made one by one, from NumPy arrays or a generator.

Design
------
a. A data set is a function that starts a new iteration. Each method returns another data set around it, so
   nothing is computed before somebody iterates.
b. Slices of arrays travel as row numbers and become arrays when they leave the data set: shuffling moves
   numbers, and a batch is gathered in one step.
c. ``shuffle`` uses Python's ``random`` module, which ``set_random_seed`` seeds.
"""

import itertools
import random
import types

import numpy as np

from ..tensor import tensor

AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2

experimental = types.SimpleNamespace(
    AUTOTUNE=AUTOTUNE, INFINITE_CARDINALITY=INFINITE_CARDINALITY, UNKNOWN_CARDINALITY=UNKNOWN_CARDINALITY,
    cardinality=lambda dataset: dataset.cardinality(),
)  # fmt: skip


class Dataset:
    """Elements one after another: arrays, or tuples or dicts of arrays.

    Made by :meth:`from_tensor_slices`, :meth:`from_tensors`, :meth:`from_generator`, :meth:`range` or
    :meth:`zip`. Can be iterated any number of times.

    Parameters
    ----------
    start : callable
        Returns an iterator over the items.
    cardinality : int
        Number of items, or one of the two constants above.
    take_rows : callable, optional
        Turns an item (a row number, or an array of them) into an element; by default items are elements.
    """

    def __init__(self, start, cardinality, take_rows=None):
        self._start = start
        self._cardinality = cardinality
        self._take_rows = take_rows

    @classmethod
    def from_tensor_slices(cls, tensors, name=None):
        """The rows of an array, or of each array in a tuple or dict.

        Raises
        ------
        ValueError
            If arrays differ in their number of rows.
        """
        arrays = _map(np.asarray, tensors)
        lengths = {len(array) for array in _leaves(arrays)}
        if len(lengths) != 1:
            raise ValueError(f"from_tensor_slices: expected arrays with as many rows, got {sorted(lengths)}")
        count = lengths.pop()

        def take_rows(rows):
            return _map(lambda array: tensor(array[rows]), arrays)

        return cls(lambda: iter(range(count)), count, take_rows)

    @classmethod
    def from_tensors(cls, tensors, name=None):
        """A single element."""
        return cls(lambda: iter([_map(tensor, tensors)]), 1)

    @classmethod
    def from_generator(cls, generator, output_types=None, output_shapes=None, args=None, output_signature=None):
        """What the iterator that ``generator(*args)`` returns yields; types are those of the arrays."""
        return cls(
            lambda: (_map(tensor, element) for element in generator(*(args or ()))), UNKNOWN_CARDINALITY
        )

    @classmethod
    def range(cls, *arguments):
        """The numbers of Python's ``range``."""
        numbers = range(*arguments)
        return cls(lambda: (tensor(np.int64(number)) for number in numbers), len(numbers))

    @classmethod
    def zip(cls, *datasets):
        """Tuples of elements; as many as the shortest data set has."""
        datasets = datasets[0] if len(datasets) == 1 and isinstance(datasets[0], tuple) else datasets
        known = [d._cardinality for d in datasets if d._cardinality >= 0]
        if any(d._cardinality == UNKNOWN_CARDINALITY for d in datasets):
            count = UNKNOWN_CARDINALITY
        else:
            count = min(known, default=INFINITE_CARDINALITY)
        return cls(lambda: zip(*datasets, strict=False), count)

    def __iter__(self):
        if self._take_rows is None:
            return self._start()
        return (self._take_rows(item) for item in self._start())

    def as_numpy_iterator(self):
        """The elements as plain NumPy arrays."""
        return (_map(np.asarray, element) for element in self)

    def cardinality(self):
        """Number of elements; -1 for a data set without end, -2 where it is not known."""
        return tensor(np.int64(self._cardinality))

    def __len__(self):
        if self._cardinality < 0:
            what = "infinite" if self._cardinality == INFINITE_CARDINALITY else "unknown"
            raise TypeError(f"The dataset is {what}.")
        return self._cardinality

    def batch(self, batch_size, drop_remainder=False, **ignored_speed):
        """Stack so many elements; the last batch may be short."""
        size = _positive(batch_size, "batch_size")
        _refuse(ignored_speed, {"num_parallel_calls", "deterministic", "name"}, "batch")

        def start():
            items = self._start()
            while group := list(itertools.islice(items, size)):
                if len(group) == size or not drop_remainder:
                    yield _stack(group) if self._take_rows is None else np.array(group)

        rounded = self._cardinality // size if drop_remainder else -(-self._cardinality // size)
        return Dataset(start, rounded if self._cardinality >= 0 else self._cardinality, self._take_rows)

    def unbatch(self):
        """The rows of each element one by one."""

        def start():
            for element in self:
                for row in range(len(_leaves(element)[0])):
                    yield _map(lambda array, row=row: tensor(array[row]), element)

        return Dataset(start, UNKNOWN_CARDINALITY)

    def repeat(self, count=None):
        """The elements ``count`` times over, or without end."""
        endless = count is None or count < 0

        def start():
            for _ in itertools.count() if endless else range(count):
                yield from self._start()

        if endless:
            return Dataset(start, INFINITE_CARDINALITY if self._cardinality else 0, self._take_rows)
        return self._counted(start, lambda n: n * count)

    def shuffle(self, buffer_size, seed=None, reshuffle_each_iteration=True, name=None):
        """Each element is drawn from a buffer of so many; another order with each iteration."""
        size = _positive(buffer_size, "buffer_size")
        fixed = None if reshuffle_each_iteration else random.getrandbits(64) if seed is None else seed
        own = None if seed is None else random.Random(seed)

        def start():
            generator = own or random
            if fixed is not None:
                generator = random.Random(fixed)
            items = self._start()
            buffer = list(itertools.islice(items, size))
            for item in items:
                place = generator.randrange(size)
                buffer[place], item = item, buffer[place]
                yield item
            generator.shuffle(buffer)
            yield from buffer

        return Dataset(start, self._cardinality, self._take_rows)

    def map(self, map_func, **ignored_speed):
        """Each element replaced by ``map_func(*element)``, which computes with NumPy."""
        _refuse(ignored_speed, {"num_parallel_calls", "deterministic", "name"}, "map")

        def start():
            for element in self:
                yield _map(tensor, map_func(*element) if isinstance(element, tuple) else map_func(element))

        return Dataset(start, self._cardinality)

    def filter(self, predicate):
        """The elements for which ``predicate(*element)`` holds."""

        def start():
            for element in self:
                if predicate(*element) if isinstance(element, tuple) else predicate(element):
                    yield element

        return Dataset(start, UNKNOWN_CARDINALITY)

    def take(self, count):
        """The first ``count`` elements; all for -1."""
        if count < 0:
            return self
        cardinality = count if self._cardinality == INFINITE_CARDINALITY else self._cardinality
        return Dataset(
            lambda: itertools.islice(self._start(), count),
            min(count, cardinality) if cardinality >= 0 else cardinality,
            self._take_rows,
        )

    def skip(self, count):
        """All elements but the first ``count``."""
        return self._counted(lambda: itertools.islice(self._start(), count, None), lambda n: max(n - count, 0))

    def concatenate(self, dataset):
        """The elements of this data set, then those of another."""
        count = min(self._cardinality, dataset._cardinality)
        if count >= 0:
            count = self._cardinality + dataset._cardinality
        return Dataset(lambda: itertools.chain(self, dataset), count)

    def cache(self, filename=""):
        """The elements, computed only once and kept in memory."""
        kept = []

        def start():
            if not kept:
                kept.append(list(self))
            return iter(kept[0])

        return Dataset(start, self._cardinality)

    def prefetch(self, buffer_size, name=None):
        """The same data set: nothing is fetched ahead, which changes no element."""
        return self

    def with_options(self, options, name=None):
        """The same data set: options of TensorFlow's execution change no element."""
        return self

    def _counted(self, start, count):
        cardinality = count(self._cardinality) if self._cardinality >= 0 else self._cardinality
        return Dataset(start, cardinality, self._take_rows)

    def __repr__(self):
        return f"<fastnn Dataset, cardinality {self._cardinality}>"


def _map(function, element):
    """An element with ``function`` applied to each of its arrays; lists become tuples where they hold several."""
    if isinstance(element, dict):
        return {key: _map(function, value) for key, value in element.items()}
    if isinstance(element, tuple):
        return tuple(_map(function, value) for value in element)
    return function(element)


def _leaves(element):
    if isinstance(element, dict):
        element = tuple(element.values())
    return [leaf for value in element for leaf in _leaves(value)] if isinstance(element, tuple) else [element]


def _stack(elements):
    first = elements[0]
    if isinstance(first, dict):
        return {key: _stack([element[key] for element in elements]) for key in first}
    if isinstance(first, tuple):
        return tuple(_stack([element[i] for element in elements]) for i in range(len(first)))
    return tensor(np.stack(elements))


def _positive(value, name):
    if int(value) < 1:
        raise ValueError(f"{name} must be at least 1, got {value!r}")
    return int(value)


def _refuse(given, known, method):
    for name in given:
        if name not in known:
            raise TypeError(f"Dataset.{method} has no argument {name!r}")
