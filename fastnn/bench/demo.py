"""The command ``fastnn demo``: the MNIST classifier of the notes, its time beside NumPy's, a figure."""

import math
import time
from dataclasses import dataclass

import numpy as np

from . import nets, system
from .numpy_twin import NumpyTwin, numpys_masks

NET = nets.NETS["quickstart"]
PIECES = 10


@dataclass
class DemoResult:
    """What the demo found out; the figure is drawn from it.

    Attributes
    ----------
    history : dict of str to list of float
        As ``fit`` returns it; the validation rows are the test images.
    accuracy : float
        On the test images.
    images : numpy.ndarray (n, 28, 28)
        Test images.
    labels : numpy.ndarray of int (n,)
    probabilities : numpy.ndarray (n, 10)
    kernel : numpy.ndarray (784, units)
        Weights of the first layer.
    rows : int
        Number of training images.
    seconds : dict of str to float
        Of one epoch, for "fastnn" and "NumPy"; empty if they were not compared.
    """

    history: dict
    accuracy: float
    images: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    kernel: np.ndarray
    rows: int
    seconds: dict


def run(epochs=5, out="fastnn-demo.png", seed=1, rows=None, with_numpy=True):
    """Train, report, compare with NumPy, and draw.

    Parameters
    ----------
    epochs : int
    out : path
        File of the figure.
    seed : int
        Of the initial weights, the order of the images, and dropout.
    rows : int, optional
        Use only this many of the training images.
    with_numpy : bool
        Whether to train an epoch with NumPy too.

    Returns
    -------
    DemoResult
    """
    blas_threads = system.limit_blas(1) if with_numpy else None
    (x, labels), test = nets.load_data(NET)
    x, labels = x[:rows], labels[:rows]
    result = _train(x, labels, test, epochs, seed)
    if with_numpy:
        result.seconds = _compare(x, labels, test, seed, blas_threads)
    _draw(result, out)
    return result


def _train(x, labels, test, epochs, seed):
    """Train as a lecture script does, with the progress bar of ``fit``."""
    from .. import Input, Sequential, utils
    from ..layers import Dense, Dropout

    print(f"Training 784-128-10 (ReLU, dropout {NET.dropout}, softmax) on {len(x):,} images of digits,")
    print(f"with Adam in batches of {NET.batch}, seed {seed}. val_ stands for {len(test[0]):,} test images.")
    utils.set_random_seed(seed)
    model = Sequential([Input((784,)), Dense(128, "relu"), Dropout(NET.dropout), Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    history = model.fit(x, labels, NET.batch, epochs, validation_data=test)
    seconds = time.perf_counter() - start
    probabilities = model.predict(test[0], verbose=0)
    accuracy = float((probabilities.argmax(axis=1) == test[1]).mean())
    print(f"\nTest accuracy: {100 * accuracy:.2f}% of {len(test[0]):,} images that it was not trained on.")
    print(f"Training took {seconds:.1f} s, with an evaluation on the test images after each epoch.")
    return DemoResult(
        history=history.history,
        accuracy=accuracy,
        images=test[0].reshape(-1, 28, 28),
        labels=test[1],
        probabilities=probabilities,
        kernel=model.get_weights()[0],
        rows=len(x),
        seconds={},
    )


def _compare(x, labels, test, seed, blas_threads):
    """Seconds of one epoch by fastnn and by NumPy, from the same initial weights, without evaluation."""
    from ..progress import Progbar

    numpy_threads = system.threads_text(blas_threads)
    print(f"\nOne epoch from a new start by fastnn (1 thread) and by NumPy ({numpy_threads}),")
    print(f"in turns of a {PIECES}th of the images each, so that both meet the same machine.")
    trainer = nets.make_trainer(NET, seed, threads=1)
    twin = NumpyTwin(NET, trainer.model.get_weights(), numpys_masks(seed))
    order = np.random.default_rng(seed).permutation(len(x))
    x, labels = x[order], labels[order]  # each turn takes the next rows, which lie together then

    def train_fastnn(piece):
        trainer.fit(x[piece], labels[piece], NET.batch, verbose=0)

    def train_numpy(piece):
        twin.train(x[piece], labels[piece], np.arange(len(x[piece])))

    sides = {"fastnn": train_fastnn, "NumPy": train_numpy}
    for train in sides.values():  # memory is reserved at the first batch, which is no part of an epoch's time
        train(slice(0, NET.batch))
    seconds = dict.fromkeys(sides, 0.0)
    starts = range(0, len(x), math.ceil(len(x) / PIECES))
    bar = Progbar(len(starts), unit_name="turn")
    for number, first in enumerate(starts, 1):
        for name, train in sides.items():
            start = time.perf_counter()
            train(slice(first, first + starts.step))
            seconds[name] += time.perf_counter() - start
        bar.update(number)
    predicted = trainer.predict(test[0], verbose=0).argmax(axis=1)
    accuracies = {"fastnn": float((predicted == test[1]).mean()), "NumPy": twin.accuracy(*test)}
    for name in seconds:
        print(f"{name:8}{seconds[name]:7.3f} s an epoch, test accuracy {100 * accuracies[name]:.2f}%")
    print(f"fastnn is {seconds['NumPy'] / seconds['fastnn']:.2f} times as fast as NumPy here.")
    return seconds


def _draw(result, out):
    try:
        from ..plot.demo import save_figure
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] != "matplotlib":
            raise
        print("\nNo figure: matplotlib is not installed (pip install 'fastnn-cpu[plot]'); all else is done.")
        return
    save_figure(result, out)
    print(f"\nFigure: {out}")
