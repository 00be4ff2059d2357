"""What scripts of books and guides do in passing, each in a few lines."""

import sys
import warnings

import numpy as np
import pytest

import fastnn as keras
from fastnn import backend as K
from fastnn import layers, legacy, tf_shim
from fastnn.metrics import Metric, SparseCategoricalAccuracy

RNG = np.random.default_rng(5)
X = RNG.normal(size=(12, 4)).astype("float32")


class WideAndDeep(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden = layers.Dense(5, activation="relu")
        self.main, self.aux = layers.Dense(1), layers.Dense(1)

    def call(self, inputs):
        wide, deep = (inputs["wide"], inputs["deep"]) if isinstance(inputs, dict) else inputs
        hidden = self.hidden(deep)
        return self.main(layers.concatenate([wide, hidden])), self.aux(hidden)


@pytest.mark.parametrize("kind", [tuple, list, dict])
def test_several_inputs_of_a_subclassed_model(kind):
    parts = X[:, :2], X[:, 1:]
    data = dict(zip(("wide", "deep"), parts, strict=True)) if kind is dict else kind(parts)
    model = WideAndDeep()
    model.compile("sgd", ["mse", "mse"], loss_weights=[0.9, 0.1])
    model.fit(data, (X[:, :1], X[:, 1:2]), epochs=2, verbose=0, validation_data=(data, (X[:, :1], X[:, 1:2])))
    main, aux = model.predict(data, verbose=0)
    assert main.shape == aux.shape == (12, 1)
    called = WideAndDeep()
    called(data)  # builds it
    called.set_weights(model.get_weights())
    np.testing.assert_allclose(called(data)[1], aux, rtol=1e-5)
    hidden = np.maximum(X[:, 1:] @ model.hidden.get_weights()[0] + model.hidden.get_weights()[1], 0)
    np.testing.assert_allclose(aux, hidden @ model.aux.get_weights()[0] + model.aux.get_weights()[1], rtol=1e-5)


def test_class_numbers_as_floats():
    y = np.arange(12) % 3
    losses = []
    for labels in (y, y.astype("float32"), y[:, np.newaxis].astype("float64")):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy", SparseCategoricalAccuracy()])
        losses.append(model.fit(X, labels, epochs=3, verbose=0).history)
    assert losses[0] == losses[1] == losses[2]
    with pytest.raises(TypeError, match=r"y\[2\] is 2.5"):
        model.fit(X, y + np.where(np.arange(12) == 2, 0.5, 0.0), verbose=0)
    with pytest.raises(TypeError, match=r"y\[0\] is nan"):
        model.fit(X, np.full(12, np.nan), verbose=0)


@pytest.mark.parametrize(
    "layer",
    [layers.LeakyReLU(0.5), layers.ReLU(), layers.ELU(), layers.Softmax(), layers.Activation("tanh"),
     layers.Dropout(0.5), layers.Rescaling(2.0), layers.Lambda(lambda x: x * x)],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
def test_layer_of_one_row(layer):
    for row in (np.array([-10.0, -5.0, 0.0, 5.0]), [1.0, 2.0]):  # of any length
        alone = layer(row)
        assert alone.shape == (len(row),)
        np.testing.assert_array_equal(alone, type(layer).from_config(layer.get_config())(np.array([row]))[0])


def test_layer_of_one_row_on_a_tape():
    x = tf_shim.Variable([1.0, -2.0, 3.0])
    with tf_shim.GradientTape() as tape:
        y = tf_shim.reduce_sum(layers.LeakyReLU(0.5)(x))
    assert tape.gradient(y, x).numpy().tolist() == [1, 0.5, 1]


def test_functions_in_a_file(tmp_path):
    def half(shape, dtype=None):
        return np.full(shape, 0.5)

    def small(w):
        return 0.01 * keras.ops.sum(keras.ops.abs(w))

    def positive(w):
        return keras.ops.maximum(w, 0.0)

    options = {"kernel_initializer": half, "kernel_regularizer": small, "kernel_constraint": positive}
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, **options)])
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], verbose=0)
    for name in ("m.keras", "m.fastnn", "m.h5"):
        model.save(tmp_path / name)
        objects = {"half": half, "small": small, "positive": positive}
        again = keras.models.load_model(tmp_path / name, custom_objects=objects)
        assert again.layers[0].kernel_initializer.function is half
        assert again.evaluate(X, X[:, :1], verbose=0) == model.evaluate(X, X[:, :1], verbose=0)
        with pytest.raises(ValueError, match="half"):
            keras.models.load_model(tmp_path / name)


def test_layer_whose_configuration_has_no_name(tmp_path):
    class Double(layers.Layer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def call(self, x):
            return x * self.factor

        def get_config(self):
            return {"factor": self.factor}

    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(Double(2.0)(x)))
    again = keras.Model.from_config(model.get_config(), custom_objects={"Double": Double})
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    model.save(tmp_path / "m.keras")
    with keras.saving.custom_object_scope({"Double": Double}):
        loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


@keras.saving.register_keras_serializable("books")
class Scaled(layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def test_objects_as_configurations():
    for thing in (
        layers.Dense(3, activation="relu"), Scaled(3.0), keras.losses.Huber(0.5), keras.metrics.AUC(name="a"),
        keras.optimizers.Adam(0.5), keras.regularizers.L2(0.1), keras.initializers.HeNormal(seed=1),
        keras.Sequential([keras.Input((4,)), layers.Dense(2)], name="s"),
    ):  # fmt: skip
        config = keras.saving.serialize_keras_object(thing)
        again = keras.saving.deserialize_keras_object(config)
        assert type(again) is type(thing)
        assert again.get_config() == thing.get_config()
        assert keras.utils.serialize_keras_object is keras.saving.serialize_keras_object
    assert keras.saving.get_registered_name(Scaled) == "books>Scaled"
    assert keras.saving.get_registered_object("books>Scaled") is Scaled
    assert keras.saving.get_registered_object("books>Other") is None
    again = layers.deserialize(layers.serialize(layers.Dense(3)))
    assert again.units == 3


def test_own_metric_gives_tensors():
    class Share(Metric):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.total, self.count = self.add_weight(name="total"), self.add_weight(name="count")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign_add(tf_shim.reduce_sum(y_true))
            self.count.assign_add(len(y_true))

        def result(self):
            return self.total / self.count

    metric = Share()
    assert str(metric(tf_shim.constant([1.0, 0.0]), None)) == "tf.Tensor(0.5, shape=(), dtype=float32)"
    assert metric.result().numpy() == 0.5


def test_backend_function():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dropout(0.5), layers.Dense(2)])
    hidden = K.function([model.layers[0].input], [model.layers[0].output])
    kernel, bias = model.layers[0].get_weights()
    np.testing.assert_allclose(hidden([X])[0], X @ kernel + bias, rtol=1e-5, atol=1e-6)
    both = K.function([model.layers[0].input, K.learning_phase()], model.layers[1].output)
    np.testing.assert_array_equal(both([X, 0]), hidden([X])[0])
    assert (both([X, 1]) == 0).any()
    with pytest.raises(ValueError, match="expected 2 inputs, got 1"):
        both([X])


def test_summaries_for_tensorboard(tmp_path):
    pytest.importorskip("tensorboardX")
    tf = tf_shim
    assert tf.summary.scalar("nobody", 1.0, step=1) is False
    writer = tf.summary.create_file_writer(tmp_path / "logs")
    with writer.as_default(step=3):
        assert tf.summary.scalar("loss", tf.constant(0.5))
        tf.summary.histogram("values", RNG.normal(size=100), step=1, buckets=50)
        tf.summary.text("words", ["one", "two"], step=1)
        tf.summary.image("picture", np.zeros((2, 4, 4, 1), np.uint8), step=1)
    with writer.as_default(), pytest.raises(ValueError, match="No step set"):
        tf.summary.scalar("loss", 1.0)
    writer.close()
    (file,) = (tmp_path / "logs").iterdir()
    content = file.read_bytes()
    assert all(word in content for word in (b"loss", b"values", b"one", b"picture"))


def test_newest_checkpoint(tmp_path):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    assert tf_shim.train.latest_checkpoint(tmp_path / "none") is None
    for n in (2, 1):
        model.save_weights(tmp_path / "new" / f"cp-{n}.ckpt")  # as TensorFlow did, it makes the folder
    assert tf_shim.train.latest_checkpoint(tmp_path / "new").endswith("cp-1.ckpt")


def test_old_name_of_the_rate_in_the_logs(monkeypatch):
    monkeypatch.setattr(legacy, "_warned", set())
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(X, X[:, :1], epochs=2, callbacks=[halve], verbose=0).history
    with pytest.warns(DeprecationWarning, match="the log 'lr'"):
        assert history["lr"] == history["learning_rate"] == [0.25, 0.125]


def test_old_module_as_an_attribute_warns_in_the_script(monkeypatch):
    from fastnn import as_keras

    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in as_keras.ROOTS}
    monkeypatch.setattr(legacy, "_warned", set())
    as_keras.install()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            exec(compile("import keras\nkeras.wrappers.scikit_learn.KerasClassifier", "script.py", "exec"), {})
        assert [(w.filename, w.lineno) for w in caught] == [("script.py", 2)]
    finally:
        as_keras.uninstall()
        sys.modules.update(hidden)


def test_names_that_modules_list():
    assert {"he_normal", "glorot_uniform", "HeNormal"} <= set(keras.initializers.__all__)
    assert {"relu", "selu", "get"} <= set(keras.activations.__all__)
    for name in ("initializers", "regularizers", "constraints", "activations", "losses", "metrics"):
        module = getattr(keras, name)
        assert all(getattr(module, name, None) is not None for name in module.__all__)
        assert not {"np", "math", "check_real"} & set(module.__all__)


def test_functional_models_are_counted_as_in_keras():
    K.clear_session()
    x = keras.Input((2,))
    keras.Sequential([layers.Dense(3, input_shape=(2,))])
    assert keras.Model(x, layers.Dense(1)(x)).name == "functional_1"
    deferred = keras.Sequential([layers.Dense(3)])
    deferred.build((None, 2))
    assert keras.Model(x, layers.Dense(1)(x)).name == "functional_3"
    keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.Dense(3)])
    model = keras.Sequential()
    for layer in (keras.Input((2,)), layers.Dense(3), layers.Dense(3)):
        model.add(layer)
    assert keras.Model(x, layers.Dense(1)(x)).name == "functional_7"


def test_size_of_nadam_in_the_summary(capsys):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    model.compile("nadam", "mse")
    model.fit(X[:, :2], X[:, :3], verbose=0)
    model.summary()
    assert "Optimizer params: 21 (88.00 B)" in capsys.readouterr().out


def test_own_layer_after_geron():
    class MyDense(layers.Layer):
        def __init__(self, units, activation=None, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.activation = keras.activations.get(activation)

        def build(self, batch_input_shape):
            self.kernel = self.add_weight(name="kernel", shape=[batch_input_shape[-1], self.units])
            super().build(batch_input_shape)

        def call(self, x):
            return self.activation(x @ self.kernel)

        def compute_output_shape(self, batch_input_shape):
            return tf_shim.TensorShape([*batch_input_shape.as_list()[:-1], self.units])

    model = keras.Sequential([MyDense(3, activation="relu", input_shape=(4,)), MyDense(1)])
    assert model.output_shape == (None, 1)
    assert model.predict(X, verbose=0).shape == (12, 1)


def test_estimators_of_scikeras():
    pytest.importorskip("sklearn")
    from fastnn import scikeras

    def build(units=3):
        model = keras.Sequential([keras.Input((4,)), layers.Dense(units, activation="relu"), layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.05), "mse")
        return model

    keras.utils.set_random_seed(2)
    y = X @ [1.0, -2.0, 0.5, 0.0]
    regressor = scikeras.KerasRegressor(model=build, model__units=8, epochs=200, verbose=0)
    assert regressor.fit(X, y) is regressor
    assert regressor.model_.layers[0].units == 8
    missed = np.square(y - regressor.predict(X)).sum() / np.square(y - y.mean()).sum()
    assert regressor.score(X, y) == pytest.approx(1 - missed)
    assert regressor.score(X, y) > 0.8
