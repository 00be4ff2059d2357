"""Record in ``sources.json`` what Keras' fit, evaluate and predict do with batches from generators and the like.

Run ``KERAS_BACKEND=tensorflow python tests/golden/make_sources.py`` with Keras and TensorFlow installed.
``tests/training/test_sources.py`` runs the same cases with fastnn and compares numbers, texts and warnings.
"""

import contextlib
import io
import json
import pathlib
import re
import warnings

import numpy as np

GOLDEN = pathlib.Path(__file__).with_name("sources.json")

ROWS = 12
X = (np.arange(2 * ROWS).reshape(ROWS, 2) % 7 / 7 - 0.4).astype("float32")
Y = (X @ [[1.5], [-0.5]] + 0.1).astype("float32")
WEIGHTS = np.linspace(0.2, 1.3, ROWS).astype("float32")
CLASSES = (np.arange(ROWS) % 3 == 0).astype("float32")

CASES = {}


def case(function):
    """Add a case: a function of (keras, tf, model) that returns plain data."""
    CASES[function.__name__] = function
    return function


def batches(sizes, *arrays):
    """A generator of batches of these sizes."""
    start = 0
    for size in sizes:
        yield tuple(array[start : start + size] for array in arrays)
        start += size


def endless(*arrays, size=4):
    while True:
        yield from batches([size] * (ROWS // size), *arrays)


def sequence(keras, size=5, columns=(X, Y)):
    class Batches(keras.utils.Sequence):
        ended = 0

        def __len__(self):
            return -(-ROWS // size)

        def __getitem__(self, number):
            return tuple(array[number * size : (number + 1) * size] for array in columns)

        def on_epoch_end(self):
            self.ended += 1

    return Batches()


@case
def generator_with_steps(keras, tf, model):
    return model.fit(endless(X, Y), epochs=3, steps_per_epoch=3, shuffle=False, verbose=1).history


@case
def generator_across_epochs(keras, tf, model):
    """Four batches an epoch of a cycle of three: each epoch goes on where the last one stopped."""
    return model.fit(endless(X, Y), epochs=2, steps_per_epoch=4, verbose=2).history


@case
def generator_of_sizes(keras, tf, model):
    return model.fit(batches([3, 1, 6, 2], X, Y), epochs=1, verbose=1).history


@case
def generator_runs_out(keras, tf, model):
    return model.fit(batches([4, 4, 4], X, Y), epochs=1, steps_per_epoch=5, verbose=1).history


@case
def generator_with_sample_weights(keras, tf, model):
    return model.fit(batches([5, 5, 2], X, Y, WEIGHTS), steps_per_epoch=3, verbose=2).history


@case
def generator_with_class_weight(keras, tf, model):
    weight = {0: 0.5, 1: 3.0}
    return model.fit(
        sequence(keras, 5, (X, CLASSES[:, None])), shuffle=False, class_weight=weight, verbose=2
    ).history


@case
def sequence_of_batches(keras, tf, model):
    source = sequence(keras)
    history = model.fit(source, epochs=2, shuffle=False, verbose=1).history
    return {**history, "ended": source.ended > 0}


@case
def sequence_with_fewer_steps(keras, tf, model):
    return model.fit(sequence(keras), epochs=3, steps_per_epoch=2, shuffle=False, verbose=2).history


@case
def dataset(keras, tf, model):
    source = tf.data.Dataset.from_tensor_slices((X, Y)).batch(5)
    return model.fit(source, epochs=2, shuffle=False, verbose=1).history


@case
def dataset_repeated(keras, tf, model):
    source = tf.data.Dataset.from_tensor_slices((X, Y)).repeat().batch(5)
    return model.fit(source, epochs=2, steps_per_epoch=4, shuffle=False, verbose=1).history


@case
def dataset_too_short(keras, tf, model):
    source = tf.data.Dataset.from_tensor_slices((X, Y)).batch(5)
    return model.fit(source, epochs=2, steps_per_epoch=5, shuffle=False, verbose=2).history


@case
def dataset_mapped(keras, tf, model):
    source = tf.data.Dataset.from_tensor_slices((X, Y)).map(lambda x, y: (2 * x, y + 1)).batch(4).take(2).prefetch(1)
    return model.fit(source, epochs=1, shuffle=False, verbose=2).history


@case
def validation_by_generator(keras, tf, model):
    history = model.fit(
        X, Y, batch_size=4, epochs=2, shuffle=False, verbose=2,
        validation_data=endless(X, Y, size=ROWS), validation_steps=1,
    )  # fmt: skip
    return history.history


@case
def validation_by_sequence(keras, tf, model):
    history = model.fit(
        endless(X, Y), steps_per_epoch=3, epochs=2, verbose=1, validation_data=sequence(keras)
    )
    return history.history


@case
def validation_by_arrays(keras, tf, model):
    history = model.fit(
        endless(X, Y), steps_per_epoch=3, epochs=4, initial_epoch=1, verbose=2, validation_data=(X, Y),
        validation_batch_size=5, validation_freq=2,
    )  # fmt: skip
    return history.history


@case
def validation_by_dataset(keras, tf, model):
    source = tf.data.Dataset.from_tensor_slices((X, Y)).batch(5)
    history = model.fit(
        X, Y, batch_size=4, epochs=2, shuffle=False, verbose=2, validation_data=source, validation_steps=2
    )
    return history.history


@case
def arrays_with_steps(keras, tf, model):
    return model.fit(
        X, Y, batch_size=4, epochs=3, steps_per_epoch=2, shuffle=False, verbose=2
    ).history


@case
def arrays_with_validation_steps(keras, tf, model):
    history = model.fit(
        X, Y, batch_size=4, epochs=2, shuffle=False, verbose=2, validation_data=(X, Y), validation_steps=2
    )
    return history.history


@case
def evaluate_generator_of_sizes(keras, tf, model):
    return model.evaluate(batches([5, 5, 2], X, Y), return_dict=True, verbose=1)


@case
def evaluate_steps(keras, tf, model):
    return [model.evaluate(X, Y, batch_size=4, steps=2, verbose=2), model.evaluate(sequence(keras), verbose=0)]


@case
def evaluate_weighted(keras, tf, model):
    return model.evaluate(batches([5, 5, 2], X, Y, WEIGHTS), steps=3, verbose=0)


@case
def predict_generator_of_sizes(keras, tf, model):
    return model.predict(batches([5, 5, 2], X), verbose=1).tolist()


@case
def predict_steps(keras, tf, model):
    many = model.predict(X, batch_size=5, steps=2, verbose=0)
    few = model.predict(endless(X, Y), steps=2, verbose=1)  # targets are left out
    return [many.tolist(), few.tolist()]


@case
def predict_sequence(keras, tf, model):
    return model.predict(sequence(keras), verbose=2).tolist()


def plain_text(text):
    """The text with each bar as it was drawn last, without escapes, backspaces and times."""
    lines = []
    for line in re.sub(r"\x1b\[\d+m", "", text).split("\n"):
        last = line.rsplit("\r", 1)[-1].replace("\b", "").rstrip()
        last = re.sub(r" \d+s \d+(s|ms|us)/step", " TIME", last)
        lines.append(re.sub(r" - \d+s - \d+(s|ms|us)/step", " - TIME", last))
    return lines


def run(name, keras, tf):
    """The result of a case: what it returned, printed and warned of."""
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[0.3], [-0.2]], "float32"), np.array([0.1], "float32")])
    model.compile(keras.optimizers.SGD(learning_rate=0.1), "mse", metrics=["binary_accuracy"])
    with contextlib.redirect_stdout(io.StringIO()) as out, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = CASES[name](keras, tf, model)
    said = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    return {"value": value, "text": plain_text(out.getvalue()), "warnings": said}


if __name__ == "__main__":
    import keras
    import tensorflow as tf

    results = {name: run(name, keras, tf) for name in CASES}
    GOLDEN.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
