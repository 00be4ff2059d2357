"""XOR: what one perceptron cannot learn, a hidden layer does (see 01_perceptron.py for why).

The hidden layer moves the four points to places where a line will do; seen in the plane of the inputs, the boundary
bends. With only two hidden units about every third start ends in a local minimum, where two points share one answer:
try another start, or take more units.

Run it: python 02_xor.py        (writes 02_xor.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.layers import Dense, Input

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
Y = np.array([[0], [1], [1], [0]], dtype="float32")


def train(hidden_units, seed):
    """A 2-``hidden_units``-1 net after 1,000 epochs on the four points."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [Input((2,)), Dense(hidden_units, activation="sigmoid"), Dense(1, activation="sigmoid")]
    )
    model.compile(keras.optimizers.SGD(0.5, momentum=0.9), loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, batch_size=4, epochs=1000, verbose=0)
    _, accuracy = model.evaluate(X, Y, verbose=0)
    return model, history, accuracy


figure, axes = plt.subplots(1, 4, figsize=(15.5, 3.8), layout="constrained")
for hidden_units, boundary, inside in ((2, axes[0], axes[1]), (8, axes[2], None)):
    for starts in range(1, 21):
        model, history, accuracy = train(hidden_units, seed=starts)
        if accuracy == 1:
            break
    print(f"2-{hidden_units}-1 net: accuracy {accuracy:.0%} after {starts} start(s)")
    for point, answer in zip(X, model.predict(X, verbose=0), strict=True):
        print(f"  {point.astype(int)} -> {answer[0]:.3f}")
    assert accuracy == 1

    keras.plot.decision_boundary(model, X, Y, ax=boundary, margin=0.4)
    boundary.set_title(f"2-{hidden_units}-1: the plane of the inputs")
    keras.plot.history(history, ax=axes[3], label=f"2-{hidden_units}-1")
    if inside is not None:  # the same four points as the last neuron sees them
        hidden, last = model.layers
        keras.plot.decision_boundary(last.forward, hidden.forward(X), Y, ax=inside, margin=0.2)
        inside.set(xlabel="hidden unit 1", ylabel="hidden unit 2", title="2-2-1: after the hidden layer")
axes[3].set_title("loss")
figure.savefig("02_xor.png", dpi=110)
