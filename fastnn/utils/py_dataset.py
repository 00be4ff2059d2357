"""Batches by number: the base of data sets that do not fit into memory."""


class PyDataset:
    """Base of a source of batches that ``fit``, ``evaluate`` and ``predict`` take.

    A subclass defines ``__getitem__(number)``, which returns a batch ``(x,)``, ``(x, y)`` or
    ``(x, y, sample_weight)``, and ``__len__`` (or ``num_batches``, None for a set without end).

    Parameters
    ----------
    workers, use_multiprocessing, max_queue_size
        Accepted as in Keras, where they change how batches are fetched, never which; here each is fetched when
        it is needed.
    """

    def __init__(self, workers=1, use_multiprocessing=False, max_queue_size=10):
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index):
        """The batch with this number."""
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(number), which returns a batch")

    @property
    def num_batches(self):
        """Number of batches; None for a set without end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__} must define __len__, the number of batches")

    def on_epoch_begin(self):
        """Called before each epoch."""

    def on_epoch_end(self):
        """Called after each epoch: the place to draw another order."""
