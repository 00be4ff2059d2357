"""XOR: why one perceptron cannot learn it, and how a hidden layer does.

A perceptron answers 1 where w1*x1 + w2*x2 + b > 0: it cuts the plane in two with a straight line. XOR asks for 1 at
(0,1) and (1,0), and for 0 at (0,0) and (1,1). If a line did that, then

    b <= 0,   w1 + b > 0,   w2 + b > 0,   w1 + w2 + b <= 0.

Adding the two in the middle gives w1 + w2 + 2b > 0, so w1 + w2 + b > -b >= 0: the last one is contradicted. Three of
four points are the most a line can get right (75%). A hidden layer first moves the points to places where a line
will do.

Run it: python 01_xor.py
"""

import numpy as np

import fastnn as keras
from fastnn.layers import Dense, Input

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
Y = np.array([[0], [1], [1], [0]], dtype="float32")


def train(hidden_units, seed):
    """A 2-``hidden_units``-1 net (0: a single perceptron) after 1,000 epochs on the four points."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([Input((2,))])
    if hidden_units:
        model.add(Dense(hidden_units, activation="sigmoid"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(keras.optimizers.SGD(0.5, momentum=0.9), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, batch_size=4, epochs=1000, verbose=0)
    _, accuracy = model.evaluate(X, Y, verbose=0)
    return model, accuracy


def best_line():
    """Largest accuracy of any single perceptron, over a fine grid of its weights (positive scaling changes nothing)."""
    w1, w2, b = np.meshgrid(*[np.linspace(-1, 1, 41)] * 3)
    answers = w1[..., None] * X[:, 0] + w2[..., None] * X[:, 1] + b[..., None] > 0
    return (answers == Y[:, 0]).mean(axis=-1).max()


def main():
    accuracies = [train(0, seed)[1] for seed in range(5)]
    print(f"a single perceptron, 5 starts: accuracy {accuracies}; the best of 68,921 lines: {best_line():.0%}")
    assert max(accuracies) <= 0.75
    assert best_line() == 0.75

    for hidden_units in (2, 8):
        # With two hidden units about every second start ends in a local minimum, where two points share one answer.
        for starts in range(1, 21):
            model, accuracy = train(hidden_units, seed=starts)
            if accuracy == 1:
                break
        print(f"\n2-{hidden_units}-1 net: accuracy {accuracy:.0%} after {starts} start(s)")
        for point, answer in zip(X, model.predict(X, verbose=0), strict=True):
            print(f"  {point.astype(int)} -> {answer[0]:.3f}")
        assert accuracy == 1


if __name__ == "__main__":
    main()
