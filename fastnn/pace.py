"""Cuts rows into pieces that take about the same short time each, whatever the model and the machine."""

import math
import time

SLICE_SECONDS = 0.025
"""Time that a piece should take: a progress bar looks alive, and Ctrl-C is answered well within 100 ms."""


class Pace:
    """Learns from the clock how many batches fit into one piece.

    It starts with a single batch and at most doubles, so that the first pieces of a large model are not too
    long.

    Parameters
    ----------
    seconds : float
        Time that a piece should take.
    clock : callable
        Returns the time in seconds.

    Attributes
    ----------
    batches : int
        How many fit; to be set where more than one are known to fit from the beginning.
    """

    def __init__(self, seconds=SLICE_SECONDS, clock=time.perf_counter):
        self.batches = 1
        self._seconds = seconds
        self._clock = clock

    def slices(self, rows, batch_size, start=0):
        """Yield (start, stop) of each piece from ``start`` on: whole batches, but for the last one's rest.

        The time of a piece is that which the loop over this generator spends on it.
        """
        while start < rows:
            stop = min(start + self.batches * batch_size, rows)
            began = self._clock()
            yield start, stop
            self.learn(math.ceil((stop - start) / batch_size), self._clock() - began)
            start = stop

    def learn(self, batches, seconds):
        """Note how long so many batches took."""
        fitting = int(self._seconds * batches / max(seconds, 1e-9))
        self.batches = max(1, min(fitting, 2 * self.batches))


def pace_for(callbacks, mode, batches=1):
    """A pace that begins with so many batches, and stays at one where a callback must be told of each."""
    if callbacks.wants_every_batch(mode):
        return Pace(seconds=0)
    pace = Pace()
    pace.batches = batches
    return pace
