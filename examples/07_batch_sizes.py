"""Batch, mini-batch and stochastic gradient descent, side by side.

The gradient of the whole set takes the straightest way, and one step an epoch. A single row's gradient points
somewhere near: many cheap, noisy steps. Mini-batches are between the two, and what everybody uses. All three fit a line
y = w x + b to the same 200 noisy points for 20 epochs, so each has seen the same data.

Run it: python 07_batch_sizes.py        (writes 07_batch_sizes.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.layers import Dense, Input

random = np.random.default_rng(0)
x = random.uniform(-1, 1, (200, 1)).astype("float32")
y = (2 * x + 1 + random.normal(0, 0.5, x.shape)).astype("float32")
EPOCHS = 20


class Path(keras.callbacks.Callback):
    """Remembers (w, b) after every step."""

    def on_train_begin(self, logs=None):
        self.points = [self.now()]

    def on_train_batch_end(self, batch, logs=None):
        self.points.append(self.now())

    def now(self):
        return np.concatenate([value.ravel() for value in self.model.get_weights()])


def loss(w, b):
    """Mean squared error over all points, for arrays of w and b."""
    error = w[..., None] * x[:, 0] + b[..., None] - y[:, 0]
    return (error**2).mean(axis=-1)


figure, axes = plt.subplots(1, 4, figsize=(16.5, 4), layout="constrained")
best = np.linalg.lstsq(np.hstack([x, np.ones_like(x)]), y, rcond=None)[0].ravel()
distances = {}
for ax, (name, batch_size) in zip(axes, {"batch": 200, "mini-batch": 20, "stochastic": 1}.items(), strict=False):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([Input((1,)), Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    model.set_weights([np.array([[-2.0]]), np.array([-1.0])])
    path = Path()
    history = model.fit(x, y, batch_size=batch_size, epochs=EPOCHS, verbose=0, callbacks=path)
    distances[name] = np.linalg.norm(path.points[-1] - best)
    print(f"{name:11} {len(path.points) - 1:4} steps, ends {distances[name]:.3f} from the best line")

    title = f"{name}: {batch_size} row{'s' * (batch_size > 1)} a step, {len(path.points) - 1} steps"
    keras.plot.optimizer_paths(loss, {title: path.points}, ax=ax, xlim=(-2.5, 3.5), ylim=(-1.5, 2.5), goal=best)
    ax.legend().remove()
    ax.set(title=title, xlabel="w", ylabel="b")
    axes[3].plot(np.arange(1, EPOCHS + 1), history.history["loss"], ".-", label=name)
axes[3].set(title="mean squared error", xlabel="epoch", yscale="log")
axes[3].legend()
figure.savefig("07_batch_sizes.png", dpi=110)
assert distances["mini-batch"] < 0.1 < distances["batch"]  # 20 steps do not get there
