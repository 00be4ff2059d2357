"""Linear regression: a Dense layer with one unit learns y = 2x from eight points.

One unit without activation computes y = w*x + b. Training with the mean squared error moves w to 2 and b to 0, so the
net also answers for numbers it has never seen.

Run it: python 02_linear_regression.py
"""

import numpy as np

import fastnn as keras
from fastnn.layers import Dense, Input

x = np.array([1, 2, 3, 4, 5, 6, 7, 8], dtype="float32").reshape(-1, 1)
y = 2 * x


def main():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([Input((1,)), Dense(1, activation="linear")])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.01), loss="mse")
    history = model.fit(x, y, batch_size=1, epochs=300, verbose=0)

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


if __name__ == "__main__":
    main()
