# Chapter 10: files of models, callbacks, TensorBoard with a writer of one's own, and a search over hyperparameters.
import os
import time

import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

K = keras.backend
data = np.loadtxt("housing.csv")
X_train_full, X_test, y_train_full, y_test = train_test_split(data[:, :13], data[:, 13] / 10, random_state=42)
X_train, X_valid, y_train, y_valid = train_test_split(X_train_full, y_train_full, random_state=42)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_valid, X_test = scaler.transform(X_valid), scaler.transform(X_test)
np.random.seed(42)
tf.random.set_seed(42)
model = keras.models.Sequential([
    keras.layers.Dense(30, activation="relu", input_shape=[13]),
    keras.layers.Dense(30, activation="relu"),
    keras.layers.Dense(1)
])
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=1e-3))
checkpoint_cb = keras.callbacks.ModelCheckpoint("my_keras_model.keras", save_best_only=True)
history = model.fit(X_train, y_train, epochs=10, validation_data=(X_valid, y_valid), callbacks=[checkpoint_cb], verbose=0)
model = keras.models.load_model("my_keras_model.keras")  # rollback to best model
print("kept: %.4f" % abs(model.evaluate(X_valid, y_valid, verbose=0) - min(history.history["val_loss"])))
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=1e-2))
early_stopping_cb = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
history = model.fit(X_train, y_train, epochs=40, validation_data=(X_valid, y_valid),
                    callbacks=[checkpoint_cb, early_stopping_cb], verbose=0)
mse_test = model.evaluate(X_test, y_test, verbose=0)
print("mse: %.4f" % mse_test)

root_logdir = os.path.join(os.curdir, "my_logs")


def get_run_logdir():
    run_id = time.strftime("run_%Y_%m_%d-%H_%M_%S")
    return os.path.join(root_logdir, run_id)


run_logdir = get_run_logdir()
keras.backend.clear_session()
model = keras.models.Sequential([
    keras.layers.Dense(30, activation="relu", input_shape=[13]),
    keras.layers.Dense(30, activation="relu"),
    keras.layers.Dense(1)
])
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=0.05))
tensorboard_cb = keras.callbacks.TensorBoard(run_logdir)
history = model.fit(X_train, y_train, epochs=3, validation_data=(X_valid, y_valid),
                    callbacks=[checkpoint_cb, tensorboard_cb], verbose=0)
print(sorted(os.listdir(run_logdir)))
print("learning rate: %.4f" % K.get_value(model.optimizer.learning_rate))

test_logdir = get_run_logdir() + "-own"
writer = tf.summary.create_file_writer(str(test_logdir))
with writer.as_default():
    for step in range(1, 50 + 1):
        tf.summary.scalar("my_scalar", np.sin(step / 10), step=step)
        data = (np.random.randn(100) + 2) * step / 100  # gets larger
        tf.summary.histogram("my_hist", data, buckets=50, step=step)
        texts = ["The step is " + str(step), "Its square is " + str(step ** 2)]
        tf.summary.text("my_text", texts, step=step)
print("own: %d" % (len(os.listdir(test_logdir)) == 1))


def build_model(n_hidden=1, n_neurons=30, learning_rate=3e-3, input_shape=[13]):
    model = keras.models.Sequential()
    model.add(keras.layers.InputLayer(shape=input_shape))
    for layer in range(n_hidden):
        model.add(keras.layers.Dense(n_neurons, activation="relu"))
    model.add(keras.layers.Dense(1))
    optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
    model.compile(loss="mse", optimizer=optimizer)
    return model


best = np.inf
for n_hidden in (0, 1, 2):
    for learning_rate in (1e-3, 1e-2):
        model = build_model(n_hidden, 20, learning_rate)
        history = model.fit(X_train, y_train, epochs=20, validation_data=(X_valid, y_valid), verbose=0,
                            callbacks=[keras.callbacks.EarlyStopping(patience=10)])
        score = history.history["val_loss"][-1]
        if score < best:
            best, chosen = score, (n_hidden, learning_rate)
print("chosen:", chosen)
print("best: %.4f" % best)
