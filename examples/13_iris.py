"""Iris: 4 measurements, 3 species, a 4-30-16-3 net, one flower at a time, and a confusion matrix.

With batch_size=1 every flower takes a step of its own: 120 steps an epoch, 12,000 in all. Each step is tiny, so in most
libraries the time goes into the calls around it.

Run it: python 13_iris.py        (writes 13_iris.png)
"""

import time

import matplotlib.pyplot as plt

import fastnn as keras
from fastnn.datasets import iris
from fastnn.layers import Dense, Input

(x_train, y_train), (x_test, y_test) = iris.load_data(test_split=0.2)
y_train, y_test = (keras.utils.to_categorical(y, 3) for y in (y_train, y_test))

keras.utils.set_random_seed(1)
model = keras.Sequential(
    [
        Input((4,)),
        Dense(30, activation="relu", name="hidden1"),
        Dense(16, activation="relu", name="hidden2"),
        Dense(3, activation="softmax", name="species"),
    ]
)
model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.summary()

start = time.perf_counter()
history = model.fit(x_train, y_train, batch_size=1, epochs=100, verbose=0)
print(f"100 epochs of {len(x_train)} steps took {time.perf_counter() - start:.2f} s")
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"test loss {loss:.3f}, accuracy {accuracy:.1%} of {len(x_test)} flowers")

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained", width_ratios=(3, 2))
for name in ("loss", "accuracy"):
    keras.plot.history(history, name, ax=left, label=name)
left.set_ylabel("")
answers = model.predict(x_test, verbose=0)
keras.plot.confusion_matrix(y_test, answers, iris.CLASS_NAMES, ax=right)
figure.savefig("13_iris.png", dpi=110)
assert accuracy >= 0.9
