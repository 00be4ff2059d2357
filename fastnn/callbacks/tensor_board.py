"""Writes files that TensorBoard shows."""

import os
import time

import numpy as np

from ..checks import check_default, check_int
from .callback import Callback
from .reals import learning_rate


class TensorBoard(Callback):
    """Writes losses, metrics, the learning rate and histograms of the weights for TensorBoard.

    Under ``log_dir/train`` stand ``epoch_loss``, ``epoch_<metric>`` and ``epoch_learning_rate``, under
    ``log_dir/validation`` the same of validation and ``evaluation_<name>_vs_iterations``, as Keras names them.
    Needs tensorboardX (``pip install 'fastnn-cpu[tensorboard]'``).

    Parameters
    ----------
    log_dir : str or path
    histogram_freq : int
        Write the weights' histograms after each so many epochs; 0 for none.
    write_graph : bool
        Accepted, for Keras' default; fastnn has no TensorFlow graph to write. See ``model.disassemble()``.
    write_images : bool
        Whether the weights are written as images too, with the histograms; values outside of 0 .. 1 are cut.
    write_steps_per_second : bool
        Whether ``epoch_steps_per_second`` is written, and ``batch_steps_per_second`` where batches are.
    update_freq : "epoch", "batch" or int
        Write ``batch_loss`` and ``batch_<metric>`` after each so many batches, counted from 1 in each ``fit``.
    profile_batch, embeddings_freq, embeddings_metadata
        Only 0 and None.

    Raises
    ------
    ImportError
        Without tensorboardX, or for ``write_images`` without Pillow.
    ValueError
        For an argument that is not supported.
    """

    def __init__(
        self,
        log_dir="logs",
        histogram_freq=0,
        write_graph=True,
        write_images=False,
        write_steps_per_second=False,
        update_freq="epoch",
        profile_batch=0,
        embeddings_freq=0,
        embeddings_metadata=None,
    ):
        check_default(
            "TensorBoard",
            profile_batch=(profile_batch, 0),
            embeddings_freq=(embeddings_freq, 0),
            embeddings_metadata=(embeddings_metadata, None),
        )
        try:
            import tensorboardX  # noqa: F401 (asked for here, so that training does not end for it)
        except ImportError:
            raise ImportError(
                "TensorBoard needs tensorboardX; install it with pip install 'fastnn-cpu[tensorboard]'"
            ) from None
        if write_images:
            try:
                import PIL  # noqa: F401
            except ImportError:
                raise ImportError("TensorBoard(write_images=True) needs Pillow: pip install pillow") from None
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = check_int(histogram_freq, "TensorBoard: histogram_freq", 0)
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        freq = 1 if update_freq == "batch" else update_freq
        self.update_freq = freq if freq == "epoch" else check_int(freq, "TensorBoard: update_freq", 1)
        self.every_batch = self.update_freq != "epoch"
        self._writers = {}
        self._began = self._batch_began = None
        self._batch = 0  # of this fit, from 1
        self._in_fit = False

    state_names = ("_batch",)

    def on_train_begin(self, logs=None):
        self._close()
        self._batch, self._in_fit = 0, True

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.perf_counter(), self.model.optimizer.iterations

    def on_train_batch_begin(self, batch, logs=None):
        self._batch_began = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        if not self.every_batch:
            return
        self._batch += 1
        if self._batch % self.update_freq == 0:
            if self.write_steps_per_second:
                seconds = max(time.perf_counter() - self._batch_began, 1e-9)
                self._write("train", "batch_steps_per_second", 1 / seconds, self._batch)
            for name, value in (logs or {}).items():
                self._write("train", f"batch_{name}", value, self._batch)

    def on_epoch_end(self, epoch, logs=None):
        logs = dict(logs or {})
        rate = logs.pop("learning_rate", None)
        for name, value in logs.items():
            where = "validation" if name.startswith("val_") else "train"
            self._write(where, f"epoch_{name.removeprefix('val_')}", value, epoch)
        self._write("train", "epoch_learning_rate", learning_rate(self.model) if rate is None else rate, epoch)
        if self.write_steps_per_second:
            self._write("train", "epoch_steps_per_second", self._steps_per_second(), epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for parameter in self.model.weights:
                self._writer("train").add_histogram(f"{parameter.path}/histogram", parameter.value, epoch)
                if self.write_images:
                    image = _as_image(parameter.value)
                    self._writer("train").add_image(f"{parameter.path}/image", image, epoch, dataformats="HW")
        for writer in self._writers.values():
            writer.flush()

    def on_test_end(self, logs=None):
        if self.model.optimizer is not None:
            for name, value in (logs or {}).items():
                step = self.model.optimizer.iterations
                self._write("validation", f"evaluation_{name}_vs_iterations", value, step)
        if not self._in_fit:  # only closing makes sure that all has been written
            self._close()

    def on_train_end(self, logs=None):
        self._close()
        self._in_fit = False

    def on_train_abort(self, error):
        self._close()
        self._in_fit = False

    def _steps_per_second(self):
        began, step = self._began
        return (self.model.optimizer.iterations - step) / max(time.perf_counter() - began, 1e-9)

    def _write(self, where, name, value, step):
        self._writer(where).add_scalar(name, value, step)

    def _writer(self, where):
        if where not in self._writers:
            from tensorboardX import SummaryWriter

            self._writers[where] = SummaryWriter(os.path.join(self.log_dir, where))
        return self._writers[where]

    def _close(self):
        for writer in self._writers.values():
            writer.close()
        self._writers = {}


def _as_image(weight):
    """A kernel lying down, or a vector standing."""
    rows = weight.reshape(len(weight), -1) if weight.ndim else weight.reshape(1, 1)
    rows = rows.T if rows.shape[0] > rows.shape[1] > 1 else rows
    return np.clip(rows, 0, 1).astype(np.float32)
