"""One-hot labels or class numbers: two spellings of one loss.

categorical_crossentropy takes rows such as [0, 0, 1, 0], sparse_categorical_crossentropy the number 2. The loss of a
row is -log p of the right class in both, so from the same seed they train to the same weights. Mixing them up is a
common mistake, and fastnn says what is wrong.

Run it: python 17_labels.py
"""

import numpy as np

import fastnn as keras
from fastnn.datasets import digits
from fastnn.layers import Dense, Input

(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, x_test = (x.reshape(-1, 64).astype("float32") / 16 for x in (x_train, x_test))
one_hot_train, one_hot_test = (keras.utils.to_categorical(y, 10) for y in (y_train, y_test))
print("class number", y_train[0], "is one-hot", one_hot_train[0].astype(int))


def train(loss, labels):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([Input((64,)), Dense(32, activation="relu"), Dense(10, activation="softmax")])
    model.compile("adam", loss=loss, metrics=["accuracy"])
    model.fit(x_train, labels, epochs=15, verbose=0)
    return model


one_hot = train("categorical_crossentropy", one_hot_train)
numbers = train("sparse_categorical_crossentropy", y_train)
for name, model, labels in (("one-hot", one_hot, one_hot_test), ("class numbers", numbers, y_test)):
    loss, accuracy = model.evaluate(x_test, labels, verbose=0)
    print(f"{name:14} loss {loss:.4f}, accuracy {accuracy:.4f}")
assert accuracy > 0.9
pairs = zip(one_hot.get_weights(), numbers.get_weights(), strict=True)
difference = max(np.abs(a - b).max() for a, b in pairs)
print(f"largest difference of any weight: {difference:.1e}")
assert difference < 1e-4

probability = numbers.predict(x_test[:1], verbose=0)[0]
by_hand = -np.log(probability[y_test[0]])
assert np.isclose(by_hand, -(one_hot_test[0] * np.log(probability)).sum())
print(f"the first test row by hand: -log {probability[y_test[0]]:.4f} = {by_hand:.4f}")

for loss, labels in (("categorical_crossentropy", y_train), ("sparse_categorical_crossentropy", one_hot_train)):
    try:
        train(loss, labels)
    except ValueError as error:
        print(f"\n{loss} with the other labels:\n  {error}")
    else:
        raise AssertionError("the wrong kind of labels should be refused")
