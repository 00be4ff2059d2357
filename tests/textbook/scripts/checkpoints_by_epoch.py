"""A file for each epoch in today's format, and the folder listed."""
import glob

import numpy as np
from tensorflow.keras import Sequential, utils
from tensorflow.keras.callbacks import ModelCheckpoint
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import load_model

utils.set_random_seed(8)
data = np.loadtxt("pima-indians-diabetes.csv", delimiter=",")
X, y = data[:, :8] / data[:, :8].max(axis=0), data[:, 8]
model = Sequential([Dense(12, input_dim=8, activation="relu"), Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
saver = ModelCheckpoint("{epoch:02d}-{val_loss:.3f}.keras", verbose=1)
history = model.fit(X, y, epochs=6, batch_size=32, validation_split=0.2, callbacks=[saver], verbose=2)
names = sorted(glob.glob("*.keras"))
print("files: %d" % len(names))
last = load_model(names[-1])
print("same: %d" % np.array_equal(last.predict(X, verbose=0), model.predict(X, verbose=0)))
print("loss: %.4f" % last.evaluate(X, y, verbose=0)[0])
last.fit(X, y, epochs=40, verbose=0)
print("accuracy: %.4f" % last.evaluate(X, y, verbose=0)[1])
