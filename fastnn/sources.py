"""Where an epoch's batches come from: arrays in memory, or whatever yields batches one by one.

Design
------
a. Both kinds have ``steps`` (batches an epoch, None while not known), ``pieces(pace)``, which yields the
   pieces of one epoch, ``rewind()`` and ``ready()``. A trainer need not know which it has.
b. A piece of arrays is many batches, so that an epoch stays in native code. A piece of a stream is one batch:
   never more than one is held in memory.
c. What counts as an epoch follows Keras 3: with ``steps`` given, an epoch goes on where the last one stopped;
   a source that can begin anew does so at its end; one that runs out before its time is warned of.
"""

import itertools
import math
import warnings
from typing import NamedTuple

import numpy as np

RAN_OUT = (
    "Your input ran out of data; interrupting training. Make sure that your dataset or generator can generate "
    "at least `steps_per_epoch * epochs` batches. You may need to use the `.repeat()` function when building "
    "your dataset."
)
INFINITE = -1  # what ``tf.data.Dataset.cardinality()`` gives for a data set without end
_ARRAYS = (list, tuple, dict, str, bytes, range)


class Piece(NamedTuple):
    """Some batches of an epoch: numbers ``first`` to ``last``, which are ``order`` of ``rows``."""

    first: int
    last: int
    rows: tuple
    order: np.ndarray | None
    """Numbers of the rows; None for all of them in their own order."""
    batch_size: int
    count: int
    """Number of the rows."""

    def in_order(self, what):
        """``rows[what]``, arrays in a tuple, in the order of the piece."""
        arrays = self.rows[what]
        return arrays if arrays is None or self.order is None else part_of(arrays, self.order)


def yields_batches(x):
    """Whether ``x`` is a source of batches: a generator, iterable, Sequence or Dataset, but no array."""
    if x is None or isinstance(x, _ARRAYS) or hasattr(x, "__array__"):
        return False
    try:
        memoryview(x)
    except TypeError:
        return any(hasattr(x, name) for name in ("__iter__", "__next__", "__getitem__"))
    return False


class ArraySource:
    """Rows in memory.

    Parameters
    ----------
    rows : tuple
        ``x, y, weights`` as the backends take them: an array (n, features), and for each output that is trained an
        array in a tuple, or None.
    batch_size : int
    steps : int, optional
        Batches an epoch; by default all rows once.
    order : callable, optional
        ``order(n)`` gives the numbers of the rows in the order of the next pass; by default they stay as they
        are.
    """

    def __init__(self, rows, batch_size, steps=None, order=None):
        self.rows = rows
        self.batch_size = batch_size
        self._given = steps
        self._make_order = order
        self.rewind()

    @property
    def count(self):
        """Number of the rows."""
        return len(self.rows[0])

    @property
    def steps(self):
        return self._given or math.ceil(self.count / self.batch_size)

    def rewind(self):
        """Begin a new pass with the next epoch."""
        self._position = None  # of the next row; None at the end of a pass
        self._done = 0  # rows of the next epoch that another run has had

    @property
    def position(self):
        """Number of rows of this pass that are used up; None before the first."""
        return self._position

    def go_to(self, position, done):
        """Go on where another run has stopped: at ``position`` of a pass, ``done`` rows of it in one epoch."""
        self.rewind()
        if position is not None:
            self.ready()  # makes the order
            self._position, self._done = position, done

    def ready(self):
        """Whether there is another batch; begins the next pass where the last one is over."""
        if self._position in (None, self.count):
            self._position = 0
            self._order = None if self._make_order is None else self._make_order(self.count)
        return True

    @property
    def between_passes(self):
        """Whether an epoch is a whole pass, and none has begun."""
        return self._given is None and not self._done and self._position in (None, self.count)

    def pass_over(self):
        """Stand at the end of a pass that was made elsewhere."""
        self._position, self._done = self.count, 0

    def apply(self, change):
        """Replace the rows by ``change(rows)``."""
        self.rows = change(self.rows)

    @property
    def weighted(self):
        """Whether the rows have weights."""
        return self.rows[2] is not None

    def hold_out(self, first, batch_size, steps):
        """Keep the rows before ``first``; the others as a source of their own."""
        held_out = part_of(self.rows, slice(first, None))
        self.apply(lambda rows: part_of(rows, slice(first)))
        return ArraySource(held_out, batch_size, steps)

    def pieces(self, pace):
        """Yield the :class:`Piece` s of one epoch, cut by ``pace``."""
        done, self._done = self._done, 0
        if not done:
            self.ready()
        begin = self._position - done
        left = self.count - begin
        for start, stop in pace.slices(min(left, self.steps * self.batch_size), self.batch_size, done):
            self._position = begin + stop
            part = slice(begin + start, begin + stop)
            rows, order = self.rows, None
            if self._order is None:
                rows = part_of(rows, part)
            else:
                order = self._order[part]
            last = (stop - 1) // self.batch_size
            yield Piece(start // self.batch_size, last, rows, order, self.batch_size, stop - start)
        if math.ceil(left / self.batch_size) < self.steps:
            warn_ran_out()


class BatchStream:
    """Batches that come one by one.

    Parameters
    ----------
    x : iterator, iterable, or object with ``__len__`` and ``__getitem__``
        An iterator is used up; all others begin anew with each epoch.
    steps : int, optional
        Batches an epoch; by default the length of ``x``, or as many as come.
    order : callable, optional
        ``order(n)`` gives the numbers of the batches of a sequence in the order of the next pass.

    Raises
    ------
    ValueError
        If it yields nothing, or has no end and no ``steps``.
    """

    def __init__(self, x, steps=None, order=None):
        self._x = x
        self._given = steps
        self._make_order = order
        self._is_iterator = hasattr(x, "__next__")
        self._is_sequence = not self._is_iterator and hasattr(x, "__getitem__")
        self._length = self._count()
        self._iterator = iter(x) if self._is_iterator else None
        self._waiting = []  # a batch that was looked at before its time
        self._seen = 0  # batches of this pass
        self._changes = []
        if not self.ready():
            raise ValueError(f"x: expected at least one batch, but the {type(x).__name__} gives none")

    @property
    def steps(self):
        return self._given or self._length

    @property
    def is_iterator(self):
        """Whether it can be gone through only once."""
        return self._is_iterator

    @property
    def first(self):
        """The next batch, which is not used up by this."""
        return self._waiting[0]

    def apply(self, change):
        """Replace each batch by ``change(batch)`` when it comes; tried at once on the next one, to fail early."""
        self._changes.append(change)
        self._changed(self.first)

    @property
    def weighted(self):
        """Whether the next batch has weights."""
        return self._changed(self.first)[2] is not None

    def _changed(self, batch):
        for change in self._changes:
            batch = change(batch)
        return batch

    def rewind(self):
        """Begin a new pass, if that can be."""
        if not self._is_iterator:
            self._iterator, self._waiting = None, []

    def ready(self):
        """Whether there is another batch."""
        if not self._waiting:
            if self._iterator is None:
                self._begin()
            self._waiting = list(itertools.islice(self._iterator, 1))
        return bool(self._waiting)

    def pieces(self, pace):
        """Yield one :class:`Piece` a batch; ``pace`` has nothing to cut."""
        self._tell("on_epoch_begin")
        done, ran_out = 0, False
        while done != self.steps and not ran_out:
            if self.ready():
                rows = self._changed(self._waiting.pop())
                count = len(rows[0])
                done, self._seen = done + 1, self._seen + 1
                yield Piece(done - 1, done - 1, rows, None, count, count)
            else:
                ran_out = True
        if ran_out and (self._given or self._is_iterator):
            warn_ran_out()
        elif ran_out:
            self._length = done  # known from now on
        if self._given is None or ran_out or self._seen == self._length:
            self.rewind()
        self._tell("on_epoch_end")

    def _begin(self):
        self._seen = 0
        if not self._is_sequence:
            self._iterator = iter(self._x)
        elif self._length is None:
            self._iterator = (self._x[i] for i in itertools.count())
        else:
            numbers = range(self._length) if self._make_order is None else self._make_order(self._length)
            self._iterator = (self._x[int(i)] for i in numbers)

    def _count(self):
        """Number of batches of a pass; None where it is not known."""
        if self._is_iterator:
            return None
        if hasattr(self._x, "cardinality"):  # a tf.data.Dataset
            cardinality = int(self._x.cardinality())
            if cardinality == INFINITE and self._given is None:
                raise ValueError(
                    "x: the data set repeats without end; give steps_per_epoch (steps, validation_steps)"
                )
            return cardinality if cardinality >= 0 else None
        if hasattr(self._x, "num_batches"):
            return self._x.num_batches
        try:
            return len(self._x)
        except TypeError:
            return None

    def _tell(self, hook):
        getattr(self._x, hook, lambda: None)()


def part_of(rows, which):
    """The rows ``which`` (a slice or their numbers) of ``x, y, weights``, which may be tuples of arrays."""
    if isinstance(rows, tuple):
        return tuple(part_of(arrays, which) for arrays in rows)
    return None if rows is None else rows[which]


def unpack(batch):
    """A batch as ``(x, y, sample_weight)``; what is not there is None.

    Raises
    ------
    ValueError
        For a tuple of another length.
    """
    if not isinstance(batch, (tuple, list)):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise ValueError(
            "a batch must be (x,), (x, y) or (x, y, sample_weight), "
            f"got a {type(batch).__name__} of {len(batch)}"
        )
    return (*batch, None, None)[:3]


def warn_ran_out():
    """Warn in Keras' words that there were fewer batches than asked for."""
    warnings.warn(RAN_OUT, UserWarning, stacklevel=2)


def refuse_beside_batches(x, **arguments):
    """ValueError where targets or weights are given beside a source that yields them."""
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"{name} cannot be given beside a {type(x).__name__}; let it yield (x, y) or (x, y, sample_weight)"
            )
