"""What cannot work is refused, with the argument, what was expected and what came; and changes nothing."""

import copy

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, Trainer, data, initializers, layers, losses, metrics, optimizers, random
from fastnn.layers import Activation, Dense, Dropout, Flatten, ReLU, Softmax

X = np.random.default_rng(0).standard_normal((20, 4)).astype("float32")
LABELS = np.arange(20) % 3
ONE_HOT = np.eye(3, dtype="float32")[LABELS]


def with_value(array, index, value):
    array = array.copy()
    array[index] = value
    return array


def state(model):
    """All that a refused call must leave as it was."""
    executable = model._trainer._session.executable
    slots = [buffer.name for buffer in executable.program.buffers if buffer.role == "slot"]
    return {
        "weights": [w.tobytes() for w in model.get_weights()],
        "slots": [executable.get(name).tobytes() for name in slots],
        "iterations": model.optimizer.iterations,
        "epochs": model._trainer.epochs_started,
        "history": copy.deepcopy(model.history.history),
        "history object": id(model.history),
        "random": (random._seed, dict(random._drawn)),
        "numpy": np.random.get_state()[1].tobytes(),  # noqa: NPY002
    }


def trained(loss="sparse_categorical_crossentropy", y=LABELS):
    model = Sequential(
        [Input((4,)), Dense(5, "relu", name="hidden"), Dropout(0.2), Dense(3, "softmax", name="last")]
    )
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(X, y, batch_size=8, epochs=2, verbose=0)
    return model


def refused(model, call, error, *texts):
    """Assert that ``call`` raises ``error``, with ``texts`` in the message, and changes nothing."""
    before = state(model)
    with pytest.raises(error) as caught:
        call(model)
    assert type(caught.value) is error
    for text in texts:
        assert text in str(caught.value)
    assert state(model) == before


BAD_DATA = {
    "objects": (
        np.array([[object()] * 4] * 20),
        LABELS,
        TypeError,
        ["x: expected an array of numbers", "object"],
    ),
    "text": ([["1"] * 4] * 20, LABELS, TypeError, ["x: expected an array of numbers"]),
    "complex": (X.astype(complex), LABELS, TypeError, ["x: expected an array of numbers", "complex128"]),
    "ragged": ([[1, 2, 3, 4], [1, 2]], LABELS, ValueError, ["x: expected rows of equal length"]),
    "no x": (None, LABELS, ValueError, ["x is missing"]),
    "no y": (X, None, ValueError, ["y is missing"]),
    "number": (3.0, LABELS, ValueError, ["x: expected at least one row", "()"]),
    "empty x": (X[:0], LABELS, ValueError, ["x: expected at least one row", "(0, 4)"]),
    "empty y": (X, LABELS[:0], ValueError, ["y: expected at least one row", "(0,)"]),
    "lengths": (X, LABELS[:9], ValueError, ["x and y must have the same number of rows", "20 and 9"]),
    "features": (X[:, :3], LABELS, ValueError, ["x: the model expects inputs of shape (None, 4)", "(20, 3)"]),
    "axes": (X.reshape(20, 2, 2), LABELS, ValueError, ["(None, 4)", "(20, 2, 2)", "x.reshape(20, 4)"]),
    "single row": (X[0], LABELS, ValueError, ["(None, 4)", "(4,)", "x[np.newaxis]"]),
    "nan": (
        with_value(X, (7, 2), np.nan),
        LABELS,
        ValueError,
        ["x: expected finite", "row 7, column 2 is nan"],
    ),
    "inf": (
        with_value(X, (3, 1), -np.inf),
        LABELS,
        ValueError,
        ["x: expected finite", "row 3, column 1 is -inf"],
    ),
    "too large": (
        with_value(X.astype(float), (2, 0), 1e300),
        LABELS,
        ValueError,
        ["row 2, column 0 is 1e+300"],
    ),
    "float labels": (X, LABELS + 0.5, TypeError, ["y: loss 'sparse", "y[0] is", "float64", "one-hot"]),
    "negative label": (X, with_value(LABELS, 5, -1), ValueError, ["y[5] is -1", "from 0 to 2", "3 outputs"]),
    "large label": (X, with_value(LABELS, 6, 3), ValueError, ["y[6] is 3", "from 0 to 2"]),
    "one-hot for sparse": (X, ONE_HOT, ValueError, ["class numbers of shape (n,)", "(20, 3)", "argmax"]),
}


@pytest.mark.parametrize("case", BAD_DATA)
@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_bad_data(backend, case, method):
    x, y, error, texts = BAD_DATA[case]
    refused(trained(), lambda model: getattr(model, method)(x, y), error, *texts)


@pytest.mark.parametrize("case", ["objects", "ragged", "empty x", "features", "nan", "single row"])
def test_bad_data_to_predict(backend, case):
    x, _, error, texts = BAD_DATA[case]
    refused(trained(), lambda model: model.predict(x), error, *texts)


@pytest.mark.parametrize(
    ("y", "error", "texts"),
    [
        (
            LABELS,
            ValueError,
            ["(None, 3)", "(20,)", "sparse_categorical_crossentropy", "to_categorical(y, 3)"],
        ),
        (LABELS[:, np.newaxis], ValueError, ["(None, 3)", "(20, 1)", "sparse_categorical_crossentropy"]),
        (ONE_HOT[:, :2], ValueError, ["y: loss 'categorical_crossentropy'", "(None, 3)", "(20, 2)"]),
        (with_value(ONE_HOT, (4, 1), np.nan), ValueError, ["y: expected finite", "row 4, column 1 is nan"]),
        (ONE_HOT.astype(object), TypeError, ["y: expected an array of numbers"]),
    ],
)
def test_bad_one_hot_targets(backend, y, error, texts):
    refused(trained("categorical_crossentropy", ONE_HOT), lambda model: model.fit(X, y), error, *texts)


@pytest.mark.parametrize(
    ("arguments", "error", "texts"),
    [
        ({"batch_size": 0}, ValueError, ["batch_size must be an integer of at least 1, got 0"]),
        ({"batch_size": 2.5}, ValueError, ["batch_size", "2.5"]),
        ({"epochs": 0}, ValueError, ["epochs must be", "got 0"]),
        ({"epochs": "3"}, ValueError, ["epochs must be", "'3'"]),
        ({"initial_epoch": -1}, ValueError, ["initial_epoch", "-1"]),
        ({"verbose": 3}, ValueError, ["verbose must be 0, 1, 2", "3"]),
        ({"shuffle": "batch"}, ValueError, ["shuffle must be True or False", "'batch'"]),
        ({"validation_split": 1.0}, ValueError, ["validation_split", "below 1", "1.0"]),
        ({"validation_split": -0.1}, ValueError, ["validation_split", "-0.1"]),
        ({"validation_split": 0.99}, ValueError, ["validation_split=0.99 of 20 rows leaves 0 for training"]),
        ({"validation_data": X}, ValueError, ["validation_data must be a pair (x, y)", "ndarray"]),
        ({"validation_data": (X,)}, ValueError, ["validation_data must be a pair (x, y)"]),
        ({"validation_data": (X, LABELS + 1)}, ValueError, ["validation_data[1][2] is 3", "0 to 2"]),
        (
            {"validation_data": (X, LABELS[:3])},
            ValueError,
            ["validation_data[0] and validation_data[1]", "20 and 3"],
        ),
        ({"validation_freq": 0}, ValueError, ["validation_freq"]),
        ({"validation_batch_size": 0}, ValueError, ["validation_batch_size"]),
        ({"callbacks": [print]}, TypeError, ["callbacks[0]: expected a callback", "LambdaCallback"]),
        ({"class_weight": [1, 2, 3]}, ValueError, ["class_weight must be a dict", "dict(enumerate("]),
        ({"class_weight": {"a": 2}}, ValueError, ["class_weight: expected a class number, got 'a'"]),
        ({"class_weight": {0: np.inf}}, ValueError, ["class_weight[0] must be a finite number, got inf"]),
        (
            {"class_weight": {0: 2}, "sample_weight": np.ones(20)},
            ValueError,
            ["class_weight and sample_weight cannot"],
        ),
        ({"sample_weight": np.ones(19)}, ValueError, ["sample_weight", "20 rows", "(19,)"]),
        ({"sample_weight": [1.0] * 19 + [np.nan]}, ValueError, ["sample_weight", "row 19", "nan"]),
        ({"sample_weight": ["a"] * 20}, TypeError, ["sample_weight: expected an array of numbers"]),
        (
            {"validation_data": (X, LABELS, np.ones(3))},
            ValueError,
            ["validation_data[2]: expected a weight for each of 20 rows"],
        ),
        ({"steps_per_epoch": 0}, ValueError, ["steps_per_epoch", "at least 1", "0"]),
        ({"validation_steps": 1.5}, ValueError, ["validation_steps", "integer", "1.5"]),
    ],
)
def test_bad_arguments_of_fit(backend, arguments, error, texts):
    refused(trained(), lambda model: model.fit(X, LABELS, **arguments), error, *texts)


@pytest.mark.parametrize(
    ("weights", "texts"),
    [
        ([], ["expected 4 weights", "hidden/kernel (4, 5)", "got 0"]),
        ([np.ones((4, 5)), np.ones(5), np.ones((3, 5)), np.ones(3)], ["last/kernel", "(5, 3)", "(3, 5)"]),
        ([np.ones((4, 5)), np.ones(5), np.ones((5, 3)), ["a", "b", "c"]], ["last/bias", "(3,)"]),
    ],
)
def test_bad_weights(backend, weights, texts):
    refused(trained(), lambda model: model.set_weights(weights), ValueError, *texts)


def test_bad_weights_of_a_layer(backend):
    refused(
        trained(),
        lambda model: model.layers[0].set_weights([np.ones((4, 5)), np.ones(4)]),
        ValueError,
        "hidden/bias",
        "(5,)",
        "(4,)",
    )
    refused(
        trained(),
        lambda model: model.layers[0].set_weights([1]),
        ValueError,
        "'hidden'",
        "expected 2 weights",
    )


@pytest.mark.parametrize(
    ("arguments", "error", "texts"),
    [
        (("ftrl", "mse"), ValueError, ["unknown optimizer 'ftrl'", "adam, adamax"]),
        ((None, "mse"), ValueError, ["optimizer is missing", "rmsprop, sgd"]),
        ((3, "mse"), TypeError, ["optimizer", "3"]),
        (("sgd", "rmse"), ValueError, ["unknown loss 'rmse'", "mean_squared_error", "mse"]),
        (("sgd", 3), TypeError, ["loss", "3"]),
        (("sgd", "mse", None, ["aoc"]), ValueError, ["unknown metric 'aoc'", "accuracy"]),
        (("sgd", "mse", [1, 2]), ValueError, ["loss_weights must be one number", "[1, 2]"]),
        (("sgd", "mse", None, None, ["sparse_categorical_accuracy"]), ValueError, ["class numbers"]),
        (
            ("sgd", "mse", None, ["sparse_categorical_accuracy"]),
            ValueError,
            ["class numbers", "'mean_squared"],
        ),
        (
            ("sgd", "sparse_categorical_crossentropy", None, ["binary_accuracy"]),
            ValueError,
            ["'binary_accuracy'", "one column for each output", "'accuracy'"],
        ),
    ],
)
def test_bad_arguments_of_compile(backend, arguments, error, texts):
    refused(trained(), lambda model: model.compile(*arguments), error, *texts)


@pytest.mark.parametrize(
    ("make", "error", "texts"),
    [
        (lambda: Dense(-1), ValueError, ["Dense: units must be an integer of at least 1, got -1"]),
        (lambda: Dense(2.0), ValueError, ["Dense: units", "2.0"]),
        (lambda: Dense("2"), ValueError, ["Dense: units", "'2'"]),
        (lambda: Dense(True), ValueError, ["Dense: units", "True"]),
        (lambda: Dense(2, "rleu"), ValueError, ["unknown activation 'rleu'", "relu, relu6, selu, sigmoid"]),
        (lambda: Dense(2, 3.5), TypeError, ["activation", "3.5"]),
        (lambda: Dense(2, kernel_initializer="he"), ValueError, ["unknown initializer 'he'", "he_normal"]),
        (lambda: Dense(2, bias_initializer=0), TypeError, ["initializer", "0"]),
        (lambda: Dense(2, kernel_regularizer="l3"), ValueError, ["unknown regularizer 'l3'", "l1, l1_l2"]),
        (lambda: Dense(2, kernel_constraint="max"), ValueError, ["unknown constraint 'max'", "max_norm"]),
        (lambda: Dense(2, use_bias="no"), ValueError, ["Dense: use_bias", "'no'"]),
        (lambda: Dense(2, input_dim=0), ValueError, ["Dense", "input shape", "0"]),
        (lambda: Dense(2, input_dim=3, input_shape=(3,)), ValueError, ["input_shape=(3,)", "input_dim=3"]),
        (lambda: Dense(2, name=3), ValueError, ["name of a Dense", "3"]),
        (lambda: Dense(2, unit=3), TypeError, ["unit"]),
        (lambda: Dropout(1.0), ValueError, ["Dropout: rate", "below 1", "1.0"]),
        (lambda: Dropout(-0.1), ValueError, ["Dropout: rate", "-0.1"]),
        (lambda: Dropout("a"), ValueError, ["Dropout: rate", "'a'"]),
        (lambda: Dropout(0.5, noise_shape=(1,)).build((None, 3)), ValueError, ["noise_shape=(1,)", "(None, 3)"]),
        (lambda: ReLU(max_value=-6), ValueError, ["ReLU: max_value", "-6"]),
        (lambda: Softmax(axis=0).build((None, 3)), ValueError, ["axis=0", "that of the rows"]),
        (lambda: Softmax(axis=[]), ValueError, ["Softmax: axis", "[]"]),
        (lambda: Activation("x"), ValueError, ["unknown activation 'x'"]),
        (lambda: Flatten("channels_first"), ValueError, ["Flatten: data_format"]),
        (lambda: Input(), ValueError, ["Input: shape is missing"]),
        (lambda: Input((None, 3)), ValueError, ["input shape", "None"]),
        (lambda: Input((3,), batch_size=5), ValueError, ["Input: batch_size=5"]),
        (lambda: optimizers.SGD(-1), ValueError, ["SGD: learning_rate", "-1"]),
        (lambda: optimizers.SGD(float("nan")), ValueError, ["SGD: learning_rate", "nan"]),
        (lambda: optimizers.SGD(momentum=2), ValueError, ["SGD: momentum", "2"]),
        (lambda: optimizers.SGD(moment=0.9), TypeError, ["SGD has no argument 'moment'", "momentum"]),
        (lambda: optimizers.Adam(beta_1=1), ValueError, ["Adam: beta_1", "below 1"]),
        (lambda: optimizers.Adam(amsgrad="yes"), ValueError, ["Adam: amsgrad", "'yes'"]),
        (lambda: optimizers.Adam(clipnorm=-1), ValueError, ["Adam: clipnorm", "-1"]),
        (lambda: optimizers.SGD(clipnorm=1, clipvalue=1), ValueError, ["at most one", "clipnorm and clipvalue"]),
        (lambda: optimizers.SGD(use_ema=1.5), ValueError, ["SGD: use_ema must be True or False"]),
        (lambda: optimizers.SGD(use_ema=True, ema_momentum=2), ValueError, ["`ema_momentum`", "[0, 1]", "2"]),
        (lambda: optimizers.SGD(use_ema=True, ema_momentum="a"), ValueError, ["SGD: ema_momentum", "'a'"]),
        (
            lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=-1),
            ValueError,
            ["`ema_overwrite_frequency` must be an integer >= 1", "-1"],
        ),
        (lambda: optimizers.SGD(gradient_accumulation_steps=1), ValueError, ["an integer >= 2", "steps=1"]),
        (lambda: optimizers.SGD(gradient_accumulation_steps=2.5), ValueError, ["an integer >= 2", "2.5"]),
        (lambda: optimizers.SGD(loss_scale_factor=0), ValueError, ["loss_scale_factor", "above 0"]),
        (lambda: optimizers.SGD(loss_scale_factor=-1), ValueError, ["loss_scale_factor", "-1"]),
        (lambda: optimizers.SGD(0.1, 0, False, None, 1, clipnorm=2), TypeError, ["'clipnorm' twice"]),
        (lambda: optimizers.SGD(*range(20)), TypeError, ["SGD takes at most 13 arguments"]),
        (lambda: optimizers.AdamW(weight_decay=None), ValueError, ["AdamW: weight_decay", "None"]),
        (lambda: optimizers.schedules.CosineDecay(0.1, 0), ValueError, ["CosineDecay: decay_steps", "above 0"]),
        (lambda: optimizers.schedules.PiecewiseConstantDecay([5], [1]), ValueError, ["one more value"]),
        (lambda: losses.BinaryCrossentropy(label_smoothing=2), ValueError, ["Crossentropy: label_smoothing", "2"]),
        (lambda: losses.MeanSquaredError(reduction="max"), ValueError, ["MeanSquaredError: reduction", "'max'"]),
        (lambda: metrics.BinaryAccuracy(threshold=2), ValueError, ["threshold", "2"]),
        (lambda: initializers.RandomNormal(stddev=-1), ValueError, ["RandomNormal: stddev", "-1"]),
        (lambda: initializers.VarianceScaling(mode="fan"), ValueError, ["mode is one of", "'fan'"]),
        (lambda: fastnn.utils.set_random_seed(-1), ValueError, ["seed", "-1"]),
        (lambda: fastnn.utils.set_random_seed(2**32), ValueError, ["seed", "2**32"]),
        (lambda: fastnn.utils.to_categorical([0, 3], 2), ValueError, ["from 0 to 1", "0 to 3"]),
        (lambda: fastnn.utils.to_categorical([0.5]), ValueError, ["class numbers"]),
        (lambda: fastnn.config.set_floatx("float16"), ValueError, ["float16", "float32"]),
        (lambda: fastnn.get_backend("gpu"), ValueError, ["unknown backend 'gpu'"]),
    ],
)
def test_bad_arguments_of_constructors(make, error, texts):
    with pytest.raises(error) as caught:
        make()
    for text in texts:
        assert text in str(caught.value)


def test_bad_threads_and_seed(backend):
    for threads in (0, -1, 1.5, "2"):
        with pytest.raises(ValueError, match="threads must be an integer of at least 1"):
            Trainer(Sequential([Dense(1)]), "sgd", "mse", threads=threads)
    with pytest.raises(ValueError, match="seed must be an integer"):
        Trainer(Sequential([Dense(1)]), "sgd", "mse", seed=-1)


@pytest.mark.parametrize(
    ("entries", "error", "texts"),
    [
        ([Dense], TypeError, ["expected a layer", "Dense"]),
        ([Dense(1), Input((2,))], ValueError, ["Input must be the first entry"]),
        ([Dense(1, name="a"), Dense(1, name="a")], ValueError, ["different names", "'a'"]),
        ([Input((28, 28)), Dense(1, name="a")], ValueError, ["Dense layer 'a'", "(None, 28, 28)", "Flatten"]),
        ([Input((28, 28)), Softmax(3, name="s")], ValueError, ["Softmax layer 's'", "(None, 28, 28)"]),
        ([Input((28, 28)), Activation("softmax", name="s")], ValueError, ["Activation layer 's'"]),
        ([Input((3,)), Dense(2, input_dim=4, name="a")], ValueError, ["'a'", "(4,)", "(None, 3)"]),
    ],
)
def test_bad_layers_of_a_model(entries, error, texts):
    model = Sequential()
    for entry in entries[:-1]:
        model.add(entry)
    with pytest.raises(error) as caught:
        model.add(entries[-1])
    for text in texts:
        assert text in str(caught.value)
    assert entries[-1] not in model.layers


def test_bad_data_leaves_a_new_model_unbuilt(backend):
    model = Sequential([Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    drawn = dict(random._drawn)
    for x, y in (
        (with_value(X, (0, 0), np.nan), LABELS),
        (X, LABELS + 5),
        (X, LABELS[:2]),
        (X.reshape(20, 2, 2), LABELS),
    ):
        with pytest.raises(ValueError):
            model.fit(x, y)
        assert not model.built
        assert model.weights == []
        assert model.history is None
        assert random._drawn == drawn
        assert model.optimizer.iterations == 0


def test_one_output_is_too_few_for_classes(backend):
    model = Sequential([Dense(1)])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(
        ValueError, match="an output for each class, but the model has 1; use loss='binary_cross"
    ):
        model.fit(X, LABELS)


def test_shape_of_the_input_must_be_known():
    with pytest.raises(ValueError, match="does not know the shape of its input"):
        Sequential([Dense(1)]).disassemble()
    with pytest.raises(ValueError, match="build needs input_shape"):
        Sequential([Dense(1)]).build()
    with pytest.raises(ValueError, match="has no layers"):
        Sequential().predict(X)


def test_get_layer_lists_what_there_is():
    model = Sequential([Dense(1, name="a"), Dense(1, name="b")])
    with pytest.raises(ValueError, match="no layer 'c'; there are 0: a, 1: b"):
        model.get_layer("c")
    with pytest.raises(ValueError, match="a name or an index"):
        model.get_layer()


def test_layer_refuses_other_shapes_than_it_was_built_for(backend):
    layer = Dense(2, name="mine")
    layer.forward(X)
    with pytest.raises(ValueError, match=r"Dense layer 'mine': is built for .*\(None, 4\), got \(None, 3\)"):
        layer.forward(X[:, :3])
    with pytest.raises(
        ValueError, match=r"'mine': dy: expected an array of shape \(None, 2\), got \(20, 3\)"
    ):
        layer.backward(ONE_HOT)
    with pytest.raises(ValueError, match=r"expected dy with 20 rows as in forward, got 3"):
        layer.backward(np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"expected rows, an array of shape \(n, ...\), got \(4,\)"):
        layer.forward(X[0])
    with pytest.raises(ValueError, match=r"mine/bias: expected an array of shape \(2,\), got \(\)"):
        layer.bias.value = 3


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_good_rows_are_used_in_place(dtype):
    x = np.arange(24).reshape(2, 3, 4).astype(dtype)
    rows = data.features(x, (None, 3, 4), np.dtype("float32"))
    assert rows.shape == (2, 12)
    assert np.shares_memory(rows, x)


@pytest.mark.parametrize("x", [[[1, 2], [3, 4]], np.array([[1, 2], [3, 4]], ">f4"), np.ones((2, 2), bool)])
def test_other_numbers_are_converted(x):
    rows = data.features(x, (None, 2), np.dtype("float32"))
    assert rows.dtype == np.float32
    assert np.array_equal(rows, np.asarray(x))


def test_sum_that_overflows_is_no_error():
    x = np.full((2, 2), 3e38, "float32")
    assert data.features(x, (None, 2), np.dtype("float32")) is not None


def test_labels_of_any_integer_type():
    loss = losses.get("sparse_categorical_crossentropy")
    for y in ([0, 1], np.array([[0], [1]], "uint8"), np.array([False, True])):
        labels = data.targets(y, loss, (None, 2), np.dtype("float32"))
        assert labels.dtype == np.int32
        assert labels.tolist() == [0, 1]


def test_one_column_may_be_flat():
    y = data.targets([1, 0, 1], losses.get("mse"), (None, 1), np.dtype("float32"))
    assert y.shape == (3, 1)
    assert y.dtype == np.float32


def test_layers_name_themselves_for_a_custom_layer_without_ops(backend):
    class Nothing(layers.Layer):
        pass

    with pytest.raises(NotImplementedError, match=r"Nothing .* define emit\(builder, x\)"):
        Sequential([Nothing()]).predict(X)
