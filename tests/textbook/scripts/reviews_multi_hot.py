"""Reviews as lists of word numbers, made multi-hot; validation loss tells when to stop."""
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(5)
rng = np.random.default_rng(6)
good, bad = rng.dirichlet(np.full(500, 0.3)), rng.dirichlet(np.full(500, 0.3))
labels = rng.integers(0, 2, 3000)
mixed = 0.75 * (good + bad) / 2
sequences = [rng.choice(500, size=60, p=mixed + 0.25 * (good if label else bad)).tolist() for label in labels]


def vectorize_sequences(sequences, dimension=500):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        for j in sequence:
            results[i, j] = 1.0
    return results


x_train, x_test = vectorize_sequences(sequences[:2000]), vectorize_sequences(sequences[2000:])
y_train, y_test = np.asarray(labels[:2000]).astype("float32"), np.asarray(labels[2000:]).astype("float32")
model = keras.Sequential([
    layers.Dense(16, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(1, activation="sigmoid")
])
model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
x_val, partial_x_train = x_train[:500], x_train[500:]
y_val, partial_y_train = y_train[:500], y_train[500:]
history = model.fit(partial_x_train, partial_y_train, epochs=8, batch_size=128, validation_data=(x_val, y_val), verbose=2)
history_dict = history.history
print(sorted(history_dict.keys()))
results = model.evaluate(x_test, y_test, verbose=0)
print("accuracy: %.4f" % results[1])
print("first: %s" % (model.predict(x_test, verbose=0)[:2].shape,))
