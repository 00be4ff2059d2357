"""Linear regression: a Dense layer with one unit learns y = 2x from eight points.

One unit without activation computes y = w*x + b. Training with the mean squared error moves w to 2 and b to 0, so the
net also answers for numbers it has never seen. The run is logged for TensorBoard: tensorboard --logdir logs

Run it: python 05_linear_regression.py        (writes 05_linear_regression.png and the folder logs)
"""

import importlib.util
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.layers import Dense, Input

x = np.array([1, 2, 3, 4, 5, 6, 7, 8], dtype="float32").reshape(-1, 1)
y = 2 * x

keras.utils.set_random_seed(1)
model = keras.Sequential([Input((1,)), Dense(1, activation="linear")])
model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.01), loss="mse")

lines = []  # (w, b) before each step
remember = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: lines.append(model.get_weights()))
callbacks = [remember]
if importlib.util.find_spec("tensorboardX"):
    callbacks.append(keras.callbacks.TensorBoard("logs"))
else:
    print("no TensorBoard files: tensorboardX is not installed (pip install 'fastnn-cpu[tensorboard]')")
history = model.fit(x, y, batch_size=1, epochs=300, verbose=0, callbacks=callbacks)

losses = history.history["loss"]
for epoch in (0, 1, 2, 10, 100, 299):
    print(f"epoch {epoch + 1:3d}   loss {losses[epoch]:.3e}")
(w,), b = model.layers[0].get_weights()
print(f"learnt: y = {w[0]:.4f} x + {b[0]:+.4f}")

questions = np.array([3.5, 5, 5.5, 6], dtype="float32").reshape(-1, 1)
answers = model.predict(questions, verbose=0)
for question, answer in zip(questions[:, 0], answers[:, 0], strict=True):
    print(f"x = {question:<4}  prediction {answer:.4f}   2x = {2 * question}")
assert np.allclose(answers, 2 * questions, atol=0.01)
if len(callbacks) > 1:
    print("TensorBoard files:", *sorted(path.parent for path in Path("logs").rglob("events*")))
    assert list(Path("logs").rglob("events*"))

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
left.plot(x, y, "ko", label="the eight points")
for steps in (0, 1, 800):  # the first step alone does most of it
    (w,), b = lines[steps]
    left.plot(x, w * x + b, label=f"after {steps} steps")
left.set(xlabel="x", ylabel="y", title="the line that the unit draws")
left.legend()
keras.plot.history(history, ax=right)
right.set(yscale="log", title="mean squared error")
figure.savefig("05_linear_regression.png", dpi=110)
