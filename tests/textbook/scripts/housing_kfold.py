"""K folds by hand on few rows, with the mean absolute error."""
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(4)
data = np.loadtxt("housing.csv")
x, y = data[:, :13].astype("float32"), data[:, 13]
train_data, train_targets, test_data, test_targets = x[:404], y[:404], x[404:], y[404:]
mean = train_data.mean(axis=0)
train_data = train_data - mean
std = train_data.std(axis=0)
train_data /= std
test_data = (test_data - mean) / std


def build_model():
    model = keras.Sequential([
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ])
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


k = 4
num_val_samples = len(train_data) // k
all_mae_histories = []
for i in range(k):
    rows = slice(i * num_val_samples, (i + 1) * num_val_samples)
    partial_train_data = np.delete(train_data, np.r_[rows], axis=0)
    partial_train_targets = np.delete(train_targets, np.r_[rows], axis=0)
    model = build_model()
    history = model.fit(
        partial_train_data, partial_train_targets, validation_data=(train_data[rows], train_targets[rows]),
        epochs=40, batch_size=16, verbose=0,
    )
    all_mae_histories.append(history.history["val_mae"])
average = [np.mean([x[i] for x in all_mae_histories]) for i in range(40)]
print("best: %.4f" % min(average))
model = build_model()
model.fit(train_data, train_targets, epochs=50, batch_size=16, verbose=0)
test_mse_score, test_mae_score = model.evaluate(test_data, test_targets, verbose=0)
print("mae: %.4f" % test_mae_score)
print("predictions:", model.predict(test_data, verbose=0)[0].shape)
