"""``tf.summary``: numbers, histograms, texts and images of one's own for TensorBoard, through tensorboardX."""

import os
from contextlib import contextmanager

import numpy as np

_writers = []  # innermost last
_step = [None]


class Writer:
    """What ``create_file_writer`` returns: a folder of files for TensorBoard."""

    def __init__(self, logdir):
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise ImportError(
                "tf.summary needs tensorboardX; install it with pip install 'fastnn-cpu[tensorboard]'"
            ) from None
        self.files = SummaryWriter(os.fspath(logdir))

    @contextmanager
    def as_default(self, step=None):
        """Within this context, what is written goes to this folder; ``step`` is its step by default."""
        before = _step[0]
        _writers.append(self)
        _step[0] = before if step is None else step
        try:
            yield self
        finally:
            _writers.remove(self)
            _step[0] = before
            self.flush()

    def set_as_default(self, step=None):
        """From now on what is written goes to this folder."""
        _writers.append(self)
        _step[0] = _step[0] if step is None else step

    def flush(self):
        """Let all that has been written reach the file."""
        self.files.flush()

    def close(self):
        """Flush, and end the file."""
        self.files.close()


def create_file_writer(logdir, max_queue=None, flush_millis=None, filename_suffix=None, name=None):
    """A writer into this folder; how often it writes is its own affair."""
    return Writer(logdir)


def scalar(name, data, step=None, description=None):
    """Write a number; returns whether there was a writer."""
    return _write("add_scalar", name, float(np.asarray(data)), step)


def histogram(name, data, step=None, buckets=None, description=None):
    """Write how values are distributed over so many buckets, 30 by default."""
    values = np.asarray(data, np.float64).ravel()
    return _write("add_histogram", name, values, step, bins=30 if buckets is None else int(buckets))


def text(name, data, step=None, description=None):
    """Write a text, or each of a list on a line of its own."""
    lines = [data] if isinstance(data, (str, bytes)) else np.ravel(np.asarray(data, object)).tolist()
    lines = [line.decode() if isinstance(line, bytes) else str(line) for line in lines]
    return _write("add_text", name, "  \n".join(lines), step)


def image(name, data, step=None, max_outputs=3, description=None):
    """Write images (n, height, width, channels) of 0 to 1, or of 0 to 255 in bytes; the first ``max_outputs``."""
    images = np.asarray(data)[:max_outputs]
    for number, one in enumerate(images):
        label = name if len(images) == 1 else f"{name}/{number}"
        if not _write("add_image", label, one, step, dataformats="HWC"):
            return False
    return True


def flush(writer=None):
    """Let all that has been written reach the files."""
    for one in [writer] if writer is not None else _writers:
        one.flush()


def _write(method, name, value, step, **options):
    if not _writers:
        return False
    step = _step[0] if step is None else int(np.asarray(step))
    if step is None:
        raise ValueError("No step set. Give step=... with each value, or writer.as_default(step=...)")
    getattr(_writers[-1].files, method)(name, value, step, **options)
    return True


class experimental:
    """The step by default, as TensorFlow has it here."""

    @staticmethod
    def set_step(step):
        """What follows is of this step."""
        _step[0] = None if step is None else int(np.asarray(step))

    @staticmethod
    def get_step():
        """The step by default."""
        return _step[0]
