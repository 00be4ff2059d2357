"""Writes files that TensorBoard shows."""

import os

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
    write_images : False
        Not supported; see ``fastnn.plot``.
    write_steps_per_second : bool
        Whether ``epoch_steps_per_second`` is written.
    update_freq : "epoch", "batch" or int
        Write ``batch_loss`` and ``batch_<metric>`` after each so many batches.
    profile_batch, embeddings_freq, embeddings_metadata
        Only 0 and None.

    Raises
    ------
    ImportError
        Without tensorboardX.
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
            write_images=(write_images, False),
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
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = check_int(histogram_freq, "TensorBoard: histogram_freq", 0)
        self.write_graph = write_graph
        self.write_steps_per_second = write_steps_per_second
        freq = 1 if update_freq == "batch" else update_freq
        self.update_freq = freq if freq == "epoch" else check_int(freq, "TensorBoard: update_freq", 1)
        self.every_batch = self.update_freq != "epoch"
        self._writers = {}
        self._began = None

    def on_train_begin(self, logs=None):
        self._close()

    def on_epoch_begin(self, epoch, logs=None):
        import time

        self._began = time.perf_counter(), self.model.optimizer.iterations

    def on_train_batch_end(self, batch, logs=None):
        step = self.model.optimizer.iterations
        if self.every_batch and (step - 1) % self.update_freq == 0:
            for name, value in (logs or {}).items():
                self._write("train", f"batch_{name}", value, step - 1)

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
        for writer in self._writers.values():
            writer.flush()

    def on_test_end(self, logs=None):
        if self.model.optimizer is not None and self.model.optimizer.iterations:
            for name, value in (logs or {}).items():
                step = self.model.optimizer.iterations
                self._write("validation", f"evaluation_{name}_vs_iterations", value, step)

    def on_train_end(self, logs=None):
        self._close()

    def on_train_abort(self, error):
        self._close()

    def _steps_per_second(self):
        import time

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
