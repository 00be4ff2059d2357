"""Callbacks of one's own, logs in a file, and a loop over batches by hand."""
import csv

import keras
import numpy as np

keras.utils.set_random_seed(15)
data = np.loadtxt("data-04-zoo.csv", delimiter=",")
x, y = data[:, :16], data[:, 16].astype(int)


class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])

    def on_epoch_end(self, epoch, logs=None):
        if logs["accuracy"] > 0.97:
            print("Reached 97% accuracy so cancelling training!")
            self.model.stop_training = True


model = keras.Sequential([keras.layers.Dense(24, activation="relu", input_shape=(16,)), keras.layers.Dense(7, activation="softmax")])
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = LossHistory()
said = []
model.fit(
    x, y, epochs=60, batch_size=16, verbose=0,
    callbacks=[history, keras.callbacks.CSVLogger("log.csv"), keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: said.append(epoch))],
)
rows = list(csv.DictReader(open("log.csv")))
print("columns:", sorted(rows[0]))
print("rows: %d" % (len(rows) == len(said)))
print("batches: %d" % (len(history.losses) == 7 * len(said)))
for step in range(20):
    chosen = np.random.choice(len(x), 32)
    loss, accuracy = model.train_on_batch(x[chosen], y[chosen])
print("accuracy: %.4f" % model.evaluate(x, y, verbose=0)[1])
print("test: %.4f" % model.test_on_batch(x, y)[1])
