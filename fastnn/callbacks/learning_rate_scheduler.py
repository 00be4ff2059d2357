"""Sets the learning rate anew for every epoch."""

import numpy as np

from ..progress import print_msg
from .callback import Callback
from .reals import learning_rate


class LearningRateScheduler(Callback):
    """Sets the learning rate at the beginning of every epoch, and adds it to the epoch's logs.

    Parameters
    ----------
    schedule : callable
        ``schedule(epoch, learning_rate)``, or as in older notes ``schedule(epoch)``, returns the new one as a
        float; ``epoch`` counts from 0.
    verbose : {0, 1}
        1 prints the learning rate of every epoch.

    Raises
    ------
    ValueError
        If ``schedule`` returns something else than a float.
    """

    def __init__(self, schedule, verbose=0):
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch, logs=None):
        try:
            rate = self.schedule(epoch, learning_rate(self.model))
        except TypeError:
            rate = self.schedule(epoch)
        if isinstance(rate, np.ndarray) and rate.shape == () and rate.dtype.kind == "f":
            rate = float(rate)  # a tensor, as the recipe of Keras 2 gives: lr * tf.math.exp(-0.1)
        if not isinstance(rate, (float, np.float32, np.float64)):
            raise ValueError(f"The output of the `schedule` function should be a float. Got: {rate}")
        self.model.optimizer.learning_rate = rate
        if self.verbose > 0:
            print_msg(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs["learning_rate"] = learning_rate(self.model)
