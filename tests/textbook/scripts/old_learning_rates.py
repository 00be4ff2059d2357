# Decay by time, and in steps.
import math

import numpy
from keras import backend as K
from keras.callbacks import LearningRateScheduler
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD
from pandas import read_csv
from sklearn.preprocessing import LabelEncoder

numpy.random.seed(7)
dataset = read_csv("sonar.csv", header=None).values
X = dataset[:, 0:60].astype("float32")
Y = LabelEncoder().fit_transform(dataset[:, 60])


def build(sgd):
    model = Sequential()
    model.add(Dense(34, input_dim=60, init="normal", activation="relu"))
    model.add(Dense(1, init="normal", activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=sgd, metrics=["accuracy"])
    return model


epochs, learning_rate = 50, 0.1
timed = build(SGD(lr=learning_rate, momentum=0.8, decay=learning_rate / epochs, nesterov=False))
history = timed.fit(X, Y, validation_split=0.33, epochs=epochs, batch_size=28, verbose=0)
print("timed: %.4f" % history.history["val_acc"][-1])


def step_decay(epoch):
    return 0.1 * math.pow(0.5, math.floor((1 + epoch) / 10.0))


stepped = build(SGD(lr=0.0, momentum=0.9))
history = stepped.fit(
    X, Y, validation_split=0.33, epochs=50, batch_size=28, callbacks=[LearningRateScheduler(step_decay)], verbose=0
)
print("stepped: %.4f" % history.history["val_acc"][-1])
print("rate: %.6f" % K.get_value(stepped.optimizer.lr))
K.set_value(stepped.optimizer.lr, 0.5)
print("set: %.2f" % K.get_value(stepped.optimizer.lr))
