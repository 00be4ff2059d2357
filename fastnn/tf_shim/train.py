"""``tf.train``: finding the files that ``ModelCheckpoint`` wrote, and TensorFlow 1's names of optimizers."""

import os

from .. import optimizers
from ..legacy import warn_old

_OPTIMIZERS = {
    "AdadeltaOptimizer": "Adadelta",
    "AdagradOptimizer": "Adagrad",
    "AdamOptimizer": "Adam",
    "GradientDescentOptimizer": "SGD",
    "MomentumOptimizer": "SGD",
    "RMSPropOptimizer": "RMSprop",
}


def __getattr__(name):
    if name not in _OPTIMIZERS:
        raise AttributeError(f"fastnn's stand-in for tf.train has no {name!r}; it has latest_checkpoint")
    new = _OPTIMIZERS[name]
    warn_old(f"tf.train.{name}", f"keras.optimizers.{new}")
    return getattr(optimizers, new)


def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """Path of the newest file of weights in a folder (``.ckpt`` or ``.weights.h5``); None where there is none."""
    if not os.path.isdir(checkpoint_dir):
        return None
    names = [name for name in os.listdir(checkpoint_dir) if name.endswith((".ckpt", ".weights.h5"))]
    paths = [os.path.join(checkpoint_dir, name) for name in sorted(names)]
    return max(paths, key=lambda path: os.stat(path).st_mtime_ns, default=None)
