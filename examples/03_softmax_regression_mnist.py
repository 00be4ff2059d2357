"""Softmax regression on MNIST: ten linear units, one for each digit, and no hidden layer.

The weights of a unit are an image of what it looks for: the figure shows where ink speaks for a digit (blue) and where
against it (red). About 92% of the test images is all that a linear model reaches.

Run it: python 03_softmax_regression_mnist.py        (writes 03_softmax_regression_mnist.png)
"""

import fastnn as keras
from fastnn.datasets import mnist
from fastnn.layers import Dense, Input


def draw(kernel, path):
    """The ten columns of ``kernel`` (784, 10) as images."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.4), layout="constrained")
    limit = abs(kernel).max() * 0.6
    for digit, axes in enumerate(figure.subplots(2, 5).flat):
        axes.imshow(kernel[:, digit].reshape(28, 28), cmap="RdBu", vmin=-limit, vmax=limit)
        axes.set_title(f"weights of {digit}")
        axes.set_axis_off()
    figure.savefig(path, dpi=120)


def main():
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    x_train = x_train.reshape(-1, 784).astype("float32") / 255
    x_test = x_test.reshape(-1, 784).astype("float32") / 255

    keras.utils.set_random_seed(1)
    model = keras.Sequential([Input((784,)), Dense(10, activation="softmax")])
    model.compile(
        optimizer=keras.optimizers.SGD(0.5), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.summary()
    model.fit(x_train, y_train, batch_size=128, epochs=10, verbose=2)

    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"test accuracy: {accuracy:.2%}")
    draw(model.layers[0].get_weights()[0], "03_softmax_regression_mnist.png")
    assert accuracy > 0.915


if __name__ == "__main__":
    main()
