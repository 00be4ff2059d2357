"""``tf.train``: finding the files that ``ModelCheckpoint`` wrote."""

import os


def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """Path of the newest file of weights in a folder (``.ckpt`` or ``.weights.h5``); None where there is none."""
    if not os.path.isdir(checkpoint_dir):
        return None
    names = [name for name in os.listdir(checkpoint_dir) if name.endswith((".ckpt", ".weights.h5"))]
    paths = [os.path.join(checkpoint_dir, name) for name in sorted(names)]
    return max(paths, key=lambda path: os.stat(path).st_mtime_ns, default=None)
