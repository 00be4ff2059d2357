"""Fashion-MNIST: a net that overfits, and what helps: optimizers, dropout, early stopping, checkpoints.

Ten kinds of clothing are harder than ten digits. On 12,000 images a large net soon knows its training images better
than the task: the training loss falls on, the validation loss turns and rises. Dropout slows that down; early stopping
ends the training there and takes the best weights back; a checkpoint keeps them in a file.

Run it: python 12_fashion_mnist.py        (writes 12_fashion_mnist.png and best.fastnn)
The images (30 MB) are downloaded once, or found in FASTNN_DATA_DIR.
"""

import sys

import matplotlib.pyplot as plt

import fastnn as keras
from fastnn.callbacks import EarlyStopping, ModelCheckpoint
from fastnn.datasets import fashion_mnist
from fastnn.layers import Dense, Dropout, Input

try:
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
except FileNotFoundError as error:
    print(f"skipped: {error}")  # no network and no file: nothing to show, nothing wrong
    sys.exit(0)
x_train = x_train[:12000].reshape(-1, 784).astype("float32") / 255
y_train = y_train[:12000]
x_test = x_test.reshape(-1, 784).astype("float32") / 255


def train(optimizer, dropout=0.0, epochs=20, callbacks=None):
    """784-256-128-10; a fifth of the rows is held out for validation."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([Input((784,))])
    for units in (256, 128):
        model.add(Dense(units, activation="relu"))
        if dropout:
            model.add(Dropout(dropout))
    model.add(Dense(10, activation="softmax"))
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    fit = {"batch_size": 64, "epochs": epochs, "validation_split": 0.2, "verbose": 0, "callbacks": callbacks}
    history = model.fit(x_train, y_train, **fit)
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"{len(history.epoch):3} epochs, test accuracy {accuracy:.2%}")
    return model, history, accuracy


figure, axes = plt.subplots(2, 2, figsize=(14, 10), layout="constrained")
print("overfitting:      ", end="")
_, plain, _ = train("adam")
print("with dropout 0.4: ", end="")
_, dropped, _ = train("adam", dropout=0.4)
print("early stopping:   ", end="")
watch = [EarlyStopping(patience=3, restore_best_weights=True), ModelCheckpoint("best.fastnn", save_best_only=True)]
model, stopped, accuracy = train("adam", epochs=100, callbacks=watch)

best = keras.models.load_model("best.fastnn")
print(f"the checkpoint says the same: {best.evaluate(x_test, y_test, verbose=0)[1]:.2%}")
assert best.evaluate(x_test, y_test, verbose=0)[1] == accuracy

for name in ("sgd", "rmsprop", "adam", "nadam"):
    print(f"{name:18}", end="")
    keras.plot.history(train(name, epochs=8)[1], "val_accuracy", ax=axes[0, 1], label=name)
axes[0, 1].set_title("four optimizers with their default rates: validation accuracy")

keras.plot.history(plain, ax=axes[0, 0], label="plain")
keras.plot.history(dropped, ax=axes[0, 0], label="dropout")
axes[0, 0].axvline(len(stopped.epoch), color="#8A8A8A", linestyle=":", label="early stopping ends here")
axes[0, 0].set(title="loss: the dashed line turns where overfitting begins", ylim=(0, 0.8))
axes[0, 0].legend(fontsize=8, loc="lower left")
probabilities = model.predict(x_test, verbose=0)
names = fashion_mnist.CLASS_NAMES
keras.plot.confusion_matrix(y_test, probabilities, names, ax=axes[1, 0])
keras.plot.mistakes(x_test, y_test, probabilities, names, count=10, columns=5, ax=axes[1, 1])
figure.savefig("12_fashion_mnist.png", dpi=100)

losses = plain.history["val_loss"]
assert losses[-1] > 1.1 * min(losses), "the plain net should overfit"
assert dropped.history["val_loss"][-1] < losses[-1]
assert accuracy > 0.84
