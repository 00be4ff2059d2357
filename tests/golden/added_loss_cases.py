"""Models whose layers add to the loss, made with fastnn or with Keras: ``keras`` is the library."""

import numpy as np

ROWS, FEATURES, BATCH, EPOCHS = 20, 5, 8, 3


def data():
    """Rows and targets that float32 holds exactly, and the rows' weights."""
    generator = np.random.default_rng(5)
    x, y = generator.standard_normal((ROWS, FEATURES)), generator.standard_normal((ROWS, 2))
    return [a.astype("float32").astype("float64") for a in (x, y, generator.uniform(0.5, 1.5, ROWS))]


def start(model):
    """A value for each weight."""
    generator = np.random.default_rng(7)
    return [generator.uniform(-0.9, 0.9, w.shape).astype("float32").astype("float64") for w in model.get_weights()]


def models(keras):
    """``{name: model}``, built and with these weights."""
    ops, layers = keras.ops, keras.layers

    class Activity(layers.Layer):
        def __init__(self, how, **options):
            super().__init__(**options)
            self.how = how

        def call(self, x):
            self.add_loss(self.how(x))
            return x

    class Linear(layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], 3), initializer="ones", name="w")
            self.b = self.add_weight(shape=(3,), initializer="ones", name="b")

        def call(self, x):
            self.add_loss(0.125 * ops.sum(ops.square(self.w)) + 0.25 * ops.mean(ops.abs(self.w)))
            self.add_loss([0.5 * ops.sum(self.b), 0.25 * ops.mean(ops.square(self.b))])
            return ops.matmul(x, self.w) + self.b

    class Penalised(Linear):
        def call(self, x):
            self.add_loss(keras.regularizers.L1L2(0.0625, 0.125)(self.w))
            self.add_loss(0.25 * keras.regularizers.L2(0.5)(x))
            return super().call(x)

    class Block(layers.Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.linear, self.activity = Linear(), Activity(lambda x: 0.25 * ops.mean(ops.square(x)))

        def call(self, x, training=None):
            y = ops.tanh(self.activity(self.linear(x)))
            self.add_loss(0.0625 * ops.mean(ops.abs(y)))
            return y

    class TrainingOnly(layers.Layer):
        def call(self, x, training=None):
            if training:
                self.add_loss(0.5 * ops.mean(ops.square(x)))
            return x

    class Reconstructing(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.hidden = [layers.Dense(4, activation="selu") for _ in range(2)]
            self.reconstruct, self.out = layers.Dense(FEATURES), layers.Dense(2)

        def call(self, inputs):
            z = inputs
            for layer in self.hidden:
                z = layer(z)
            self.add_loss(0.05 * ops.mean(ops.square(self.reconstruct(z) - inputs)))
            return self.out(z)

    def net(*middle, **options):
        return keras.Sequential([
            keras.Input((FEATURES,)), layers.Dense(4, activation="tanh", **options), *middle, layers.Dense(2),
        ])  # fmt: skip

    found = {
        "mean": net(Activity(lambda x: 0.5 * ops.mean(ops.square(x)))),
        "sum": net(Activity(lambda x: 0.03125 * ops.sum(ops.square(x)))),
        "a number a row": net(Activity(lambda x: 0.03125 * ops.mean(ops.abs(x), axis=-1))),
        "several numbers a row": net(Activity(lambda x: 0.03125 * ops.square(x))),
        "mean of sums": net(Activity(lambda x: -0.25 * ops.mean(ops.sum(ops.exp(x) - x, axis=1)))),
        "weights": net(Linear()),
        "nested": net(Block()),
        "regularizers": net(Penalised()),
        "training only": net(TrainingOnly()),
        "twice": net(*[Activity(lambda x: 0.125 * ops.mean(ops.square(x)))] * 1, Activity(lambda x: ops.mean(x))),
        "with penalties": net(
            Activity(lambda x: 0.5 * ops.mean(ops.square(x))), kernel_regularizer="l2", activity_regularizer="l1"
        ),
        "a model of one's own": Reconstructing(),
    }
    for model in found.values():
        model(np.zeros((1, FEATURES)))
        if not model.built:
            model.build((None, FEATURES))
        model.set_weights(start(model))
    return found


def report(keras, name):
    """What a model computes and learns, as plain numbers."""
    x, y, weights = data()
    model = models(keras)[name]
    model.compile(keras.optimizers.SGD(0.0625, momentum=0.5), "mse", metrics=["mae"])
    size = {"batch_size": BATCH, "verbose": 0}
    found = {"evaluate_before": model.evaluate(x, y, **size)}
    model(x)
    found["losses"] = [float(ops_sum(loss)) for loss in model.losses]
    found["loss"] = model.fit(x, y, epochs=EPOCHS, shuffle=False, **size).history["loss"]
    found["weighted"] = model.fit(x, y, shuffle=False, sample_weight=weights, **size).history["loss"]
    found["end"] = [np.asarray(w).tolist() for w in model.get_weights()]
    found["evaluate"] = model.evaluate(x, y, **size)
    return found


def ops_sum(loss):
    """As Keras adds up a loss that is no single number."""
    return np.asarray(loss).sum()
