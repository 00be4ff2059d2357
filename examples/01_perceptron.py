"""The perceptron: AND, OR, NAND by one neuron, and why XOR is out of its reach.

A perceptron answers 1 where w1*x1 + w2*x2 + b > 0: it cuts the plane in two with a straight line. XOR asks for 1 at
(0,1) and (1,0), and for 0 at (0,0) and (1,1). If a line did that, then

    b <= 0,   w1 + b > 0,   w2 + b > 0,   w1 + w2 + b <= 0.

Adding the two in the middle gives w1 + w2 + 2b > 0, so w1 + w2 + b > -b >= 0: the last one is contradicted. Three of
four points are the most that a line can get right. Three gates together can do it, in two layers:
XOR = AND(NAND(x1, x2), OR(x1, x2)).

Run it: python 01_perceptron.py        (writes 01_perceptron.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}
BY_HAND = {"AND": (0.5, 0.5, -0.7), "OR": (0.5, 0.5, -0.2), "NAND": (-0.5, -0.5, 0.7)}  # w1, w2, b


def gate(name, x):
    w1, w2, b = BY_HAND[name]
    return (w1 * x[:, 0] + w2 * x[:, 1] + b > 0).astype(int)


def train(answers):
    """One sigmoid neuron, trained on the four points."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(1.0), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(X, np.array(answers, "float32"), batch_size=4, epochs=500, verbose=0)
    return model


def most_that_a_line_gets_right():
    """Largest share of XOR's points over 68,921 lines (a larger w1, w2, b of the same ratio is the same line)."""
    w1, w2, b = np.meshgrid(*[np.linspace(-1, 1, 41)] * 3)
    said = w1[..., None] * X[:, 0] + w2[..., None] * X[:, 1] + b[..., None] > 0
    return (said == GATES["XOR"]).mean(axis=-1).max()


for name in BY_HAND:
    print(f"{name:5} with weights chosen by hand: {gate(name, X)}")
    assert gate(name, X).tolist() == GATES[name]
two_layers = gate("AND", np.stack([gate("NAND", X), gate("OR", X)], axis=1))
print(f"XOR   by three gates in two layers: {two_layers}")
assert two_layers.tolist() == GATES["XOR"]

figure, axes = plt.subplots(1, 4, figsize=(14, 3.8), layout="constrained")
for ax, (name, answers) in zip(axes, GATES.items(), strict=True):
    model = train(answers)
    _, accuracy = model.evaluate(X, np.array(answers, "float32"), verbose=0)
    keras.plot.decision_boundary(model, X, answers, ax=ax, margin=0.4)
    ax.set_title(f"{name}: accuracy {accuracy:.0%}")
    print(f"{name:5} learnt: accuracy {accuracy:.0%}")
    assert accuracy == 1 or (name == "XOR" and accuracy <= 0.75)
figure.savefig("01_perceptron.png", dpi=110)

print(f"XOR: the best of 68,921 lines gets {most_that_a_line_gets_right():.0%} right")
assert most_that_a_line_gets_right() == 0.75
