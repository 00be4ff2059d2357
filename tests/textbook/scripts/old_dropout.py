# Dropout and a limit on the weights of each unit.
import numpy
from keras.constraints import maxnorm
from keras.layers.core import Activation, Dense, Dropout
from keras.models import Sequential
from keras.optimizers import SGD
from pandas import read_csv
from sklearn.preprocessing import LabelEncoder

numpy.random.seed(7)
dataset = read_csv("sonar.csv", header=None).values
X = dataset[:, 0:60].astype(float)
Y = LabelEncoder().fit_transform(dataset[:, 60])
model = Sequential()
model.add(Dropout(p=0.2, input_shape=(60,)))
model.add(Dense(output_dim=30, init="normal", W_constraint=maxnorm(3)))
model.add(Activation("relu"))
model.add(Dropout(0.2))
model.add(Dense(1, init="normal", activation="sigmoid"))
sgd = SGD(lr=0.1, momentum=0.9, decay=0.0, nesterov=False)
model.compile(loss="binary_crossentropy", optimizer=sgd, metrics=["accuracy"])
model.fit(X, Y, nb_epoch=100, batch_size=16, verbose=0)
print("accuracy: %.4f" % model.evaluate(X, Y, verbose=0)[1])
norms = numpy.sqrt((model.layers[1].get_weights()[0] ** 2).sum(axis=0))
print("norm: %.4f" % norms.max())
