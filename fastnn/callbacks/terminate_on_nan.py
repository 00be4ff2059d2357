"""Stops training when the loss is no longer a number."""

import math

from ..progress import print_msg
from .callback import Callback


class TerminateOnNaN(Callback):
    """Stops training after the first batch whose loss is NaN or infinite.

    Parameters
    ----------
    raise_error : bool
        Whether to end training by an exception instead of ``stop_training``; ``on_train_end`` is then not
        called.

    Raises
    ------
    RuntimeError
        With ``raise_error``, naming the batch.
    """

    def __init__(self, raise_error=False):
        self.raise_error = raise_error

    def on_batch_end(self, batch, logs=None):
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}. "
                "Terminating training immediately."
            )
        print_msg(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
