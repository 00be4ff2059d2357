"""The names of TensorFlow: values, types and shapes as TensorFlow 2.21 gives them."""

import numpy as np
import pytest

import fastnn
from fastnn import tf_shim as tf

X = np.array([[1.0, -2.0, 3.0], [0.5, 0.25, -4.0]], "float32")


def test_constants_have_tensorflows_types():
    assert tf.constant([1.0, 2]).dtype == tf.float32
    assert tf.constant([[1, 2]]).dtype == tf.int32
    assert tf.constant(np.float64(1)).dtype == tf.float64
    assert tf.constant([np.float64(1)]).dtype == tf.float64
    assert tf.constant(1, tf.float32, (2, 3)).shape == (2, 3)
    assert tf.convert_to_tensor(X).numpy() is not None and type(tf.convert_to_tensor(X).numpy()) is np.ndarray
    assert tf.constant(True).dtype == tf.bool


def test_values_are_taken_out():
    mean = tf.reduce_mean(X)
    assert isinstance(mean.numpy(), np.float32) and float(mean) == pytest.approx(X.mean())
    assert f"{mean:.3f}" == f"{X.mean():.3f}"
    tensor = tf.constant(X)
    for value in (tensor * 2, tensor - tensor, tensor[0], tensor[0, 0], -tensor, tensor @ tensor.T):
        assert not isinstance(value.numpy(), tf.Tensor)
    assert (tensor * 2).numpy().tolist() == (X * 2).tolist()


@pytest.mark.parametrize(
    ("computed", "expected", "dtype"),
    [
        (tf.one_hot([0, 2, 5], 3), [[1, 0, 0], [0, 0, 1], [0, 0, 0]], "float32"),
        (tf.one_hot([1, 0], 2, axis=0), [[0, 1], [1, 0]], "float32"),
        (tf.argmax(X, 1), [2, 0], "int64"),
        (tf.argmax(X), [0, 1, 0], "int64"),
        (tf.cast([0.9, -1.9], tf.int32), [0, -1], "int32"),
        (tf.cast(tf.equal([1, 2], [1, 3]), "float32"), [1, 0], "float32"),
        (tf.reduce_mean([1, 2]), 1, "int32"),
        (tf.reduce_mean(X, axis=1), [2 / 3, -3.25 / 3], "float32"),
        (tf.reduce_sum(X, 0, keepdims=True), [[1.5, -1.75, -1]], "float32"),
        (tf.reduce_max(X, [0, 1]), 3, "float32"),
        (tf.square(X), X**2, "float32"),
        (tf.square(3), 9, "int32"),
        (tf.add(X, 1), X + 1, "float32"),
        (tf.maximum(X, 0), np.maximum(X, 0), "float32"),
        (tf.math.log([1.0, np.e]), [0, 1], "float32"),
        (tf.pow(X, 2), X**2, "float32"),
        (tf.sigmoid([-100.0, 0.0, 100.0]), [0, 0.5, 1], "float32"),
        (tf.math.softplus([0.0, 200.0]), [np.log(2), 200], "float32"),
        (tf.matmul(X, X, transpose_b=True), X @ X.T, "float32"),
        (tf.concat([X, X], 0), np.concatenate([X, X]), "float32"),
        (tf.stack([[1, 2], [3, 4]], 1), [[1, 3], [2, 4]], "int32"),
        (tf.reshape(X, [-1, 2]), X.reshape(-1, 2), "float32"),
        (tf.transpose(X), X.T, "float32"),
        (tf.expand_dims([1, 2], -1), [[1], [2]], "int32"),
        (tf.squeeze([[1], [2]]), [1, 2], "int32"),
        (tf.clip_by_value(X, -1, 1), np.clip(X, -1, 1), "float32"),
        (tf.where(X > 0, X, 0.0), np.where(X > 0, X, 0), "float32"),
        (tf.range(3), [0, 1, 2], "int32"),
        (tf.shape(X), [2, 3], "int32"),
        (tf.zeros((2, 2)), np.zeros((2, 2)), "float32"),
        (tf.ones_like([1, 2]), [1, 1], "int32"),
        (tf.gather(X, [1, 0]), X[[1, 0]], "float32"),
        (tf.math.confusion_matrix([0, 1, 1], [0, 0, 1]), [[1, 0], [1, 1]], "int32"),
        (tf.round([0.5, 1.5, -0.4]), [0, 2, 0], "float32"),
        (tf.split([1, 2, 3, 4], 2)[1], [3, 4], "int32"),
        (tf.math.top_k([1.0, 5.0, 3.0], 2)[1], [1, 2], "int32"),
        (tf.reduce_all([True, False]), False, "bool"),
    ],
)
def test_values(computed, expected, dtype):
    assert isinstance(computed, tf.Tensor)
    assert computed.dtype == dtype
    assert computed.numpy() == pytest.approx(np.asarray(expected), rel=1e-6, abs=1e-7)


def test_cross_entropies_of_logits():
    assert np.abs(X).max() > 1  # no softmax of nearly equal logits
    p = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
    expected = -np.log(p[[0, 1], [2, 0]])
    sparse = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[2, 0], logits=X)
    full = tf.nn.softmax_cross_entropy_with_logits(labels=[[0, 0, 1], [1, 0, 0]], logits=X)
    assert sparse.numpy() == pytest.approx(expected, rel=1e-6)
    assert full.numpy() == pytest.approx(expected, rel=1e-6)
    assert sparse.dtype == full.dtype == "float32"
    s = 1 / (1 + np.exp(-X.astype(float)))
    labels = np.array([[1, 0, 1], [0, 0, 1]])
    binary = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=X)
    assert binary.numpy() == pytest.approx(-np.log(np.where(labels, s, 1 - s)), rel=1e-5)
    extreme = np.array([[1000.0, -1000.0]], "float32")
    assert tf.nn.sparse_softmax_cross_entropy_with_logits([1], extreme).numpy() == pytest.approx([2000])
    assert np.isfinite(tf.nn.sigmoid_cross_entropy_with_logits([[1.0, 0.0]], extreme)).all()


def test_activations_are_those_of_layers():
    layer = fastnn.layers.Dense(3, activation=tf.nn.relu)
    assert layer.activation is fastnn.activations.relu
    assert tf.nn.softmax is fastnn.activations.softmax
    assert tf.nn.relu(X).numpy().tolist() == np.maximum(X, 0).tolist()
    assert tf.nn.softmax(tf.constant(X)).numpy().sum(axis=1) == pytest.approx([1, 1])


def test_models_called_on_arrays():
    """As in TensorFlow's quickstart: ``model(x[:1]).numpy()``, then ``tf.nn.softmax(predictions).numpy()``."""
    model = fastnn.Sequential([fastnn.layers.Dense(2, input_shape=(3,))])
    outputs = model(X)
    assert outputs.numpy().tolist() == model.predict(X, verbose=0).tolist()
    assert type(outputs.numpy()) is np.ndarray
    assert tf.nn.softmax(outputs).numpy().shape == (2, 2)


def test_variables():
    variable = tf.Variable([1.0, 2.0])
    assert variable.assign_add([1, 1]).numpy().tolist() == [2, 3]
    variable.assign_sub([0.5, 0.5])
    assert variable.numpy().tolist() == [1.5, 2.5] and variable.dtype == tf.float32
    with pytest.raises(ValueError, match=r"expected an array of shape \(2,\)"):
        variable.assign([1.0])


def test_seeds():
    def draw():
        return [tf.random.normal((3,)), tf.random.uniform([2], 1, 9, tf.int32), tf.random.truncated_normal((50,))]

    tf.random.set_seed(4)
    first = draw()
    tf.compat.v1.set_random_seed(4)
    assert all((a == b).all() for a, b in zip(first, draw(), strict=True))
    assert not (first[0] == draw()[0]).all()
    assert np.abs(first[2]).max() < 2
    assert sorted(tf.random.shuffle([1, 2, 3]).tolist()) == [1, 2, 3]


def test_questions_about_the_machine():
    assert tf.config.list_physical_devices("GPU") == []
    assert len(tf.config.experimental.list_physical_devices("CPU")) == 1
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    assert not tf.test.is_gpu_available() and tf.executing_eagerly()
    tf.get_logger().setLevel("ERROR")
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)

    @tf.function
    def double(x):
        return 2 * x

    assert double(tf.constant(2.0)).numpy() == 4


def test_missing_names():
    with pytest.raises(AttributeError, match=r"has no 'SparseTensor'; it has: .*one_hot"):
        _ = tf.SparseTensor
    assert "keras" in dir(tf) and tf.keras is fastnn


def test_module():
    """Variables are found where TensorFlow finds them: by the attributes' names, then module by module."""

    class Line(tf.Module):
        def __init__(self, name=None):
            super().__init__(name)
            self.w, self.b = tf.Variable(2.0, name="w"), tf.Variable(0.5, name="b", trainable=False)

        @tf.Module.with_name_scope
        def __call__(self, x):
            with self.name_scope:
                return self.w * x + self.b

    class DeepNet(tf.Module):
        def __init__(self):  # as many do, without super().__init__()
            self.parts = [Line(), {"last": Line("last")}]
            self.again, self.count = self.parts[0], 3
            self.offset = tf.Variable(1.0, name="offset")
            self.dense = fastnn.layers.Dense(2)

    net = DeepNet()
    net.dense(np.ones((1, 3)))
    names = [getattr(v, "path", v.name.removesuffix(":0")) for v in net.variables]
    assert names == [f"{net.dense.name}/kernel", f"{net.dense.name}/bias", "offset", "b", "w", "b", "w"]
    assert len(net.trainable_variables) == 5 and len(net.non_trainable_variables) == 2
    assert net.submodules == (net.parts[0], net.parts[1]["last"])
    assert (Line().name, net.parts[1]["last"].name, DeepNet().name) == ("line", "last", "deepnet")
    line, x = Line(), tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(line(x))
    assert float(tape.gradient(loss, line.trainable_variables)[0]) == 3


def test_a_model_of_numbers_instead_of_rows():
    """The line of TensorFlow's guide of training loops, called on a vector."""

    class Line(fastnn.Model):
        def __init__(self):
            super().__init__()
            self.w, self.b = tf.Variable(5.0), tf.Variable(0.0)

        def call(self, x, training=None):
            return self.w * x + self.b

    model, x = Line(), tf.linspace(-2.0, 2.0, 201)
    y = 3 * x + 2
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(y - model(x)))
        for v, g in zip((model.w, model.b), tape.gradient(loss, [model.w, model.b]), strict=True):
            v.assign_sub(0.1 * g)
    np.testing.assert_allclose([model.w.numpy(), model.b.numpy()], [3, 2], atol=1e-3)
    model.compile(fastnn.optimizers.SGD(0.1), "mse")
    model.fit(x, 2 * x, epochs=100, batch_size=201, verbose=0)
    np.testing.assert_allclose([model.w.numpy(), model.b.numpy()], [2, 0], atol=1e-3)
