# A file for each epoch that was better, named by its accuracy; the best one is loaded again.
import glob

import numpy
from keras.callbacks import ModelCheckpoint
from keras.layers import Dense
from keras.models import Sequential

numpy.random.seed(7)
dataset = numpy.loadtxt("pima-indians-diabetes.csv", delimiter=",")
X, Y = dataset[:, 0:8], dataset[:, 8]


def build():
    model = Sequential()
    model.add(Dense(12, input_dim=8, kernel_initializer="uniform", activation="relu"))
    model.add(Dense(8, kernel_initializer="uniform", activation="relu"))
    model.add(Dense(1, kernel_initializer="uniform", activation="sigmoid"))
    return model


model = build()
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
every = ModelCheckpoint(
    "weights-improvement-{epoch:02d}-{val_acc:.2f}.hdf5", monitor="val_acc", verbose=1, save_best_only=True, mode="max"
)
best = ModelCheckpoint("weights.best.hdf5", monitor="val_acc", verbose=0, save_best_only=True, mode="max")
history = model.fit(
    X, Y, validation_split=0.33, nb_epoch=40, batch_size=10, callbacks=[every, best], verbose=0
)
files = sorted(glob.glob("weights-improvement-*.hdf5"))
print("files: %d" % len(files))
again = build()
again.load_weights("weights.best.hdf5")
again.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
scores = again.evaluate(X[int(len(X) * 0.67):], Y[int(len(X) * 0.67):], verbose=0)
print("best: %.4f" % max(history.history["val_acc"]))
print("loaded: %.4f" % scores[1])
