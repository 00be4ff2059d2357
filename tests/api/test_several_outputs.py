"""Models with several outputs: what Keras does with them, and what is refused."""

import json
import pathlib

import make_outputs as MAKER
import numpy as np
import pytest

import fastnn as keras
from fastnn import Model, Sequential, Trainer, layers, losses
from fastnn.backends.native import NativeBackend, levels
from fastnn.callbacks import BackupAndRestore, Callback
from fastnn.layers import Dense, Input

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "outputs.json").read_text(encoding="utf-8"))
RTOL, ATOL = 1e-10, 1e-12
SPARSE = "sparse_categorical_crossentropy"


def test_golden_file_has_all_cases():
    assert list(GOLDEN["cases"]) == list(MAKER.CASES)
    arrays = MAKER.data()
    assert set(arrays["labels"]) == {0, 1, 2}
    assert 0 < arrays["bits"].mean() < 1


@pytest.mark.parametrize("name", MAKER.CASES)
def test_the_numbers_and_names_are_those_of_keras(name, backend, float64):
    """Predictions, all logs, and weights after ten steps of training, in float64."""
    got, expected = MAKER.play(keras, name), GOLDEN["cases"][name]
    for key in ("type", "keys"):
        assert got[key] == expected[key]
    assert list(got["by name"]) == list(expected["by name"])
    for key in ("evaluate", "on batch"):
        np.testing.assert_allclose(got[key], expected[key], rtol=RTOL, atol=ATOL, err_msg=key)
    for group in ("by name", "history"):
        for key, value in expected[group].items():
            np.testing.assert_allclose(got[group][key], value, rtol=RTOL, atol=ATOL, err_msg=key)
    for key in ("predictions", "weights"):
        for position, (g, e) in enumerate(zip(got[key], expected[key], strict=True)):
            np.testing.assert_allclose(g, e, rtol=RTOL, atol=ATOL, err_msg=f"{key}[{position}]")
    assert expected["history"]["loss"][-1] < expected["history"]["loss"][0]


@pytest.mark.parametrize("name", MAKER.SUMMARIES)
def test_summaries_are_those_of_keras(name):
    keras.naming.clear()
    assert MAKER.summary_text(MAKER.SUMMARIES[name](keras), expand_nested=True) == GOLDEN["summaries"][name]


def test_golden_file_is_what_keras_computes():
    pytest.importorskip("keras")
    made = MAKER.make_golden()
    assert made["summaries"] == GOLDEN["summaries"]
    for name, case in made["cases"].items():
        assert case["keys"] == GOLDEN["cases"][name]["keys"]
        np.testing.assert_allclose(case["evaluate"], GOLDEN["cases"][name]["evaluate"], rtol=RTOL)


# --- One program ---


def net(loss=(SPARSE, "mse"), **arguments):
    keras.utils.set_random_seed(3)
    x = Input((4,), name="x")
    h = layers.Dropout(0.2, name="drop")(Dense(5, activation="relu", name="h")(x))
    model = Model(x, [Dense(3, activation="softmax", name="a")(h), Dense(1, name="b")(h)])
    model.compile("adam", list(loss) if isinstance(loss, tuple) else loss, **arguments)
    return model


@pytest.fixture
def rows():
    generator = np.random.default_rng(0)
    x = generator.standard_normal((50, 4)).astype("float32")
    return x, generator.integers(0, 3, 50), generator.standard_normal((50, 1)), generator.uniform(0.5, 2, 50)


LISTING = """\
forward:
    dense                            h/z(B, 5) <- x(B, 4), h/kernel(4, 5), h/bias(5)
    relu                             h/a(B, 5) <- h/z(B, 5)
    dropout                          drop/y(B, 5) <- h/a(B, 5) rate=0.2 stream=0
    dense                            a/z(B, 3) <- drop/y(B, 5), a/kernel(5, 3), a/bias(3)
    dense                            b/z(B, 1) <- drop/y(B, 5), b/kernel(5, 1), b/bias(1)
    sparse_softmax_cross_entropy     a_loss(B), a/dz(B, 3) <- a/z(B, 3), a/target(B)
    mean_squared_error               b_loss(B), unscaled/b/dz(B, 1) <- b/z(B, 1), b/target(B, 1)
    scale_loss                       scaled/b_loss(B), b/dz(B, 1) <- unscaled/b/dz(B, 1), b_loss(B) factor=0.5
    add                              loss(B) <- a_loss(B), scaled/b_loss(B)
    sparse_categorical_accuracy      a_accuracy(B) <- a/z(B, 3), a/target(B)
    mean_absolute_error              b_mae(B) <- b/z(B, 1), b/target(B, 1)"""


def test_there_is_one_program_for_all():
    model = net(metrics=["accuracy", "mae"], loss_weights=[1, 0.5])
    assert str(model.disassemble("forward")).replace("drop/dropped", "drop/y") == LISTING
    assert "concatenate" in model.disassemble("predict")
    assert "a_loss" in model.explain_plan()
    assert "a_accuracy: native" in model.explain_plan()


def trained(rows, backend, threads=1):
    x, labels, numbers, w = rows
    model = net()
    trainer = Trainer(model, "adam", [SPARSE, "mse"], [["accuracy"], ["mae"]], backend, threads, 5)
    trainer.fit(x, [labels, numbers], 16, epochs=3, verbose=0, sample_weight=[w, None])
    return model.get_weights()


def test_backends_levels_and_threads_agree(rows):
    """The same bits in native and step mode, fused and not, at every level, for any number of threads."""
    expected = trained(rows, "native")
    others = [trained(rows, "step"), trained(rows, "native", 2), trained(rows, NativeBackend(fused=False))]
    others += [trained(rows, NativeBackend(level)) for level in levels()]
    for other in others:
        for a, b in zip(expected, other, strict=True):
            np.testing.assert_array_equal(a, b)
    for a, b in zip(expected, trained(rows, "reference"), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_a_net_with_two_outputs_of_one_kind_is_the_net_with_one_output(rows):
    """Two halves of one output, each with the squared error, are the whole output with it."""
    x, *_ = rows
    y = np.random.default_rng(1).standard_normal((50, 4))
    keras.utils.set_random_seed(3)
    inputs = Input((4,))
    whole = Dense(4)(inputs)
    one, two = Model(inputs, whole), Model(inputs, [whole[:, :2], whole[:, 2:]])
    start = one.get_weights()
    for model, targets in ((one, y), (two, [y[:, :2], y[:, 2:]])):
        one.set_weights(start)
        model.compile(keras.optimizers.SGD(0.1), "mse", loss_weights=None if model is one else [0.5, 0.5])
        model.fit(x, targets, epochs=2, verbose=0, shuffle=False)
        if model is one:
            expected = one.get_weights()
    for a, b in zip(one.get_weights(), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_metrics_that_are_handed_the_outputs(rows, backend):
    x, labels, numbers, w = rows
    model = net(metrics=[["accuracy"], [keras.metrics.R2Score(name="r2")]], weighted_metrics=[[], ["mae"]])
    model.fit(x, [labels, numbers], epochs=1, verbose=0, sample_weight=w, batch_size=7)
    got = model.evaluate(x, [labels, numbers], verbose=0, return_dict=True, sample_weight=w, batch_size=8)
    b = model.predict(x, verbose=0)[1]
    metric = keras.metrics.R2Score()
    metric.update_state(numbers, b)
    assert got["b_r2"] == pytest.approx(float(metric.result()), rel=1e-5)
    assert got["b_mae"] == pytest.approx(np.average(np.abs(b - numbers)[:, 0], weights=w), rel=1e-5)


def test_looking_inside(rows):
    x, labels, numbers, w = (array[:6] for array in rows)
    model = net(loss_weights=[1, 0.5])
    trace = model.trace(x, [labels, numbers], [w, w])
    np.testing.assert_allclose(trace["loss"], trace["a_loss"] + trace["scaled/b_loss"], rtol=1e-6)
    np.testing.assert_allclose(trace["a/target"], labels)
    assert keras.grad_check(model, x, [labels, numbers], [w, w])
    stepper = model.step(x, {"a": labels, "b": numbers})
    views = list(stepper)
    assert len(views) == len(stepper) > 20
    assert any("b_loss" in view.outputs for view in views)


def test_eager_calls(rows):
    x = rows[0]
    model = net()
    for a, b in zip(model(x), model.predict(x, verbose=0), strict=True):
        np.testing.assert_array_equal(a, b)
    y = model.forward(x, training=True)
    dx = model.backward([np.ones_like(y[0]), np.ones_like(y[1])])
    assert dx.shape == x.shape
    assert set(model.gradients)
    with pytest.raises(ValueError, match="dy for each of 2 outputs, got 1"):
        model.backward(np.ones_like(y[0]))


# --- Data and results ---


def by_key(rows):
    x = Input((4,), name="x")
    h = Dense(5, activation="tanh", name="h")(x)
    model = Model(x, {"q": Dense(1, name="b")(h), "p": Dense(3, activation="softmax", name="a")(h)})
    model.compile("sgd", {"p": SPARSE, "q": "mse"}, metrics={"q": ["mae"]})
    return model


def test_names_and_shapes(rows):
    model, other = net(), by_key(rows)
    assert (model.output_names, other.output_names) == (["a", "b"], ["a", "b"])
    assert (model.output_keys, other.output_keys) == (["a", "b"], ["p", "q"])
    assert model.output_shape == [(None, 3), (None, 1)] == other.output_shape
    assert model.metrics_names == ["loss", "a_loss", "b_loss"]
    assert other.metrics_names == ["loss", "p_loss", "q_loss", "q_mae"]
    assert isinstance(model._trainer.loss[0], losses.SparseCategoricalCrossentropy)
    assert [metric.name for metric in other.metrics] == ["mae"]
    found = other.predict(rows[0][:3], verbose=0)
    assert {key: array.shape for key, array in found.items()} == {"p": (3, 3), "q": (3, 1)}
    assert found["p"].flags.c_contiguous


def test_names_that_are_there_twice_get_a_number(rows):
    x, _, numbers, _ = rows
    inputs, shared = Input((4,)), Dense(1, name="d")
    model = Model(inputs, [shared(inputs), shared(inputs[:, ::1])])
    model.compile("sgd", "mse", metrics=["mae", "mae"])
    history = model.fit(x, [numbers, -numbers], verbose=0).history
    assert list(history) == ["d_loss", "d_loss_1", "d_mae", "d_mae_1", "loss"]
    assert history["d_mae"] != history["d_mae_1"]


def test_batches_from_generators_and_data_sets(rows, backend):
    x, labels, numbers, w = rows
    expected = net()
    expected.fit(x, [labels, numbers], batch_size=10, epochs=2, shuffle=False, verbose=0, sample_weight=[w, w])

    def batches(make):
        while True:
            for i in range(0, 50, 10):
                part = slice(i, i + 10)
                yield make(x[part], labels[part], numbers[part], w[part])

    makers = [
        lambda x, a, b, w: (x, (a, b), (w, w)),
        lambda x, a, b, w: (x, [a, b], w),
        lambda x, a, b, w: (x, {"b": b, "a": a}, {"a": w, "b": w}),
    ]
    for make in makers:
        model = net()
        held_out = x, (labels, numbers)
        model.fit(batches(make), steps_per_epoch=5, epochs=2, verbose=0, validation_data=held_out)
        assert "val_b_loss" in model.history.history
        for a, b in zip(model.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert [part.shape for part in model.predict(batches(makers[0]), steps=2, verbose=0)] == [(20, 3), (20, 1)]


def test_splits_batches_and_logs(rows, capsys, backend):
    x, labels, numbers, w = rows
    model = net(metrics=[["accuracy"], []])
    seen = []

    class Watch(Callback):
        def on_predict_batch_end(self, batch, logs=None):
            seen.append([part.shape for part in logs["outputs"]])

    model.fit(x, {"a": labels, "b": numbers}, epochs=1, verbose=2, validation_split=0.2, sample_weight=w)
    text = capsys.readouterr().out
    names = ["a_accuracy", "a_loss", "b_loss", "loss", "val_a_accuracy", "val_a_loss", "val_b_loss", "val_loss"]
    assert [part.split(":")[0] for part in text.splitlines()[0].split(" - ")[3:]] == names
    assert len(model.train_on_batch(x, [labels, numbers])) == 4
    assert list(model.test_on_batch(x, [labels, numbers], return_dict=True)) == sorted(names[:4])
    model.predict(x, verbose=0, batch_size=20, callbacks=[Watch()])
    assert seen == [[(20, 3), (20, 1)], [(20, 3), (20, 1)], [(10, 3), (10, 1)]]
    assert [part.shape for part in model.predict_on_batch(x)] == [(50, 3), (50, 1)]


def test_lists_of_one(rows, backend):
    """Where there is one output, lists and dicts of one are taken too, as Keras does."""
    x, _, numbers, _ = rows
    inputs = Input((4,))
    model = Model(inputs, [Dense(1, name="d")(inputs)])
    start = model.get_weights()
    model.compile("sgd", "mse", metrics=["mae"])
    expected = model.fit(x, numbers, verbose=0, shuffle=False).history
    for loss, metrics in ((["mse"], [["mae"]]), ({"d": "mse"}, {"d": "mae"})):
        model.set_weights(start)
        model.compile("sgd", loss, metrics=metrics)
        assert model.fit(x, [numbers], verbose=0, shuffle=False).history == expected
    assert isinstance(model.predict(x, verbose=0), np.ndarray)
    other = Model(inputs, {"k": model(inputs)})
    assert list(other.predict(x, verbose=0)) == ["k"]
    other.compile("sgd", {"k": "mse"})
    assert list(other.fit(x, {"k": numbers}, verbose=0).history) == ["loss"]
    sequential = Sequential([Dense(1)])
    sequential.compile("sgd", ["mse"])
    sequential.fit(x, [numbers], verbose=0)


def test_files_and_resumed_training(rows, tmp_path, backend):
    """What is cut short in an epoch and goes on ends with the bits of a whole run; so does a model from a file."""
    x, labels, numbers, w = rows

    class Stop(Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.batches = getattr(self, "batches", 0) + 1
            if self.batches == 16:
                raise KeyboardInterrupt

    def run(*callbacks):
        model = net(metrics={"a": ["accuracy"]}, loss_weights=[1, 0.5])
        keras.utils.set_random_seed(9)
        data = {"y": {"a": labels, "b": numbers}, "sample_weight": [w, None], "verbose": 0, "batch_size": 8}
        model.fit(x, epochs=4, callbacks=list(callbacks), **data)
        return model

    whole = run()
    with pytest.raises(KeyboardInterrupt):
        run(BackupAndRestore(tmp_path / "backup", save_freq=1), Stop())
    resumed = run(BackupAndRestore(tmp_path / "backup", save_freq=1))
    assert resumed.history.history == whole.history.history
    resumed.save(tmp_path / "model.fastnn")
    loaded = keras.models.load_model(tmp_path / "model.fastnn")
    assert loaded.metrics_names == whole.metrics_names
    for model in (resumed, loaded, whole):
        model.fit(x, [labels, numbers], verbose=0)
    for a, b, c in zip(resumed.get_weights(), loaded.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, c)


class Net(Model):
    def __init__(self):
        super().__init__()
        self.h, self.a = Dense(5, activation="relu"), Dense(3, activation="softmax")
        self.b = Dense(1)

    def call(self, x):
        h = self.h(x)
        return self.a(h), self.b(h)


def net_of_class():
    keras.utils.set_random_seed(3)
    model = Net()
    model.compile("adam", [SPARSE, "mse"], metrics=[["accuracy"], ["mae"]])
    return model


def test_a_class_of_ones_own(rows, backend):
    x, labels, numbers, _ = rows
    model = net_of_class()
    assert model.metrics_names == ["loss", "accuracy", "mae"]  # the outputs are not known yet
    history = model.fit(x, [labels, numbers], epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert model.metrics_names == ["loss", "accuracy", "mae", f"{SPARSE}_loss", "mse_loss"]
    found = model.predict(x, verbose=0)
    assert isinstance(found, tuple)
    assert [part.shape for part in found] == [(50, 3), (50, 1)]
    assert isinstance(model(x), tuple)


def test_own_losses_and_layers(rows, backend):
    """A loss that is traced, and one in NumPy: the program then runs in step mode."""
    x, labels, numbers, _ = rows

    def squares(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

    expected, own = net(), net((SPARSE, squares))
    for model in (expected, own):
        keras.utils.set_random_seed(4)  # of the dropout
        model.fit(x, [labels, numbers], epochs=2, verbose=0, shuffle=False)
    for a, b in zip(own.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


# --- What is refused ---


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": ["mse"]}, r"loss: 'functional.*' has 2 outputs \['a', 'b'\]; expected a list of as many, got 1"),
        ({"loss": ["mse"] * 3}, "expected a list of as many, got 3"),
        ({"loss": {"a": SPARSE}}, r"Expected keys \['a', 'b'\] in loss dict, but found loss.keys\(\)=\['a'\]"),
        ({"loss": {"a": SPARSE, "c": "mse"}}, r"found loss.keys\(\)=\['a', 'c'\]"),
        ({"loss": [None, None]}, "nothing but None"),
        ({"loss": [SPARSE, "nonsense"]}, "unknown loss 'nonsense'"),
        ({"loss": (SPARSE, "mse"), "metrics": "accuracy"}, "Expected `metrics` argument to be a list, tuple, or dict"),
        ({"loss": (SPARSE, "mse"), "metrics": ["accuracy"]}, "metrics: .*expected a list of as many, got 1"),
        ({"loss": (SPARSE, "mse"), "metrics": {"c": "mae"}}, r"in metrics dict, but found metrics.keys\(\)=\['c'\]"),
        ({"loss": (SPARSE, "mse"), "metrics": [["mae"], []]}, "metric 'mae' takes one column"),
        ({"loss": (SPARSE, None), "metrics": [[], ["mae"]]}, "metric 'mae' of output 'b' needs a loss"),
        ({"loss": (SPARSE, "mse"), "loss_weights": 0.5}, "loss_weights must be a list or dict, as loss is one"),
        ({"loss": (SPARSE, "mse"), "loss_weights": [0.5]}, "loss_weights: .*expected a list of as many, got 1"),
        ({"loss": (SPARSE, "mse"), "loss_weights": {"a": 0.5}}, "expected a number for output 'b', got None"),
        ({"loss": (SPARSE, "mse"), "loss_weights": [1, float("nan")]}, "expected a number for output 'b', got nan"),
    ],
)
def test_what_compile_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        net(**arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a, b, w: {"y": [a]}, r"y: .* has 2 outputs, \['a', 'b'\]; expected a list of as many arrays.*got 1"),
        (lambda a, b, w: {"y": a}, "got one ndarray"),
        (lambda a, b, w: {"y": {"a": a}}, r"y: expected a dict of arrays by output, \['a', 'b'\], got \['a'\]"),
        (lambda a, b, w: {"y": [a, b[:5]]}, r"x and y\[1\] must have the same number of rows, got 50 and 5"),
        (lambda a, b, w: {"y": [a, np.hstack([b, b])]}, r"y\[1\]: loss 'mean_squared_error' expects targets"),
        (lambda a, b, w: {"y": {"a": a + 3, "b": b}}, r"y\['a'\]\[\d+\] is \d, expected a class number from 0 to 2"),
        (lambda a, b, w: {"y": [a, None]}, r"y\[1\] is missing"),
        (lambda a, b, w: {"y": [a, b], "sample_weight": [w]}, "sample_weight: .*got 1 arrays"),
        (lambda a, b, w: {"y": [a, b], "sample_weight": [w, w[:3]]}, r"sample_weight\[1\]: expected a weight for each"),
        (lambda a, b, w: {"y": [a, b], "class_weight": {0: 2}}, "`class_weight` is only supported for Models with"),
    ],
)
def test_data_that_does_not_fit(rows, change, message):
    x, labels, numbers, w = rows
    model = net()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        model.fit(x, verbose=0, **change(labels, numbers, w))
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_outputs_without_names_take_lists(rows):
    x, labels, numbers, _ = rows
    model = Net()
    model.compile("sgd", {"a": SPARSE, "b": "mse"})
    with pytest.raises(ValueError, match="have no names, as its call returns them in a list; give a list of 2"):
        model.fit(x, [labels, numbers], verbose=0)
    model = Net()
    model.compile("sgd", [SPARSE, "mse", "mse"])
    with pytest.raises(ValueError, match="has 2 outputs; expected a list of as many, got 3"):
        model.fit(x, [labels, numbers], verbose=0)


def test_sequential_models_have_one_output():
    x = Input((3,))
    with pytest.raises(ValueError, match="several outputs"):
        Sequential([Input((3,)), Model(x, [Dense(1)(x), Dense(2)(x)])])
