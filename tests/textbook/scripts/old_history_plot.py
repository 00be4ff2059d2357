# Curves of accuracy and loss.
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy
from keras.layers import Dense
from keras.models import Sequential

numpy.random.seed(7)
dataset = numpy.loadtxt("pima-indians-diabetes.csv", delimiter=",")
X, Y = dataset[:, 0:8], dataset[:, 8]
model = Sequential()
model.add(Dense(12, input_dim=8, kernel_initializer="uniform", activation="relu"))
model.add(Dense(1, kernel_initializer="uniform", activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(X, Y, validation_split=0.33, epochs=50, batch_size=10, verbose=0)
print(history.history.keys())
plt.plot(history.history["acc"])
plt.plot(history.history["val_acc"])
plt.title("model accuracy")
plt.legend(["train", "test"], loc="upper left")
plt.savefig("accuracy.png")
plt.clf()
plt.plot(history.history["loss"])
plt.plot(history.history["val_loss"])
plt.savefig("loss.png")
print("epochs: %d" % len(history.history["val_acc"]))
print("accuracy: %.4f" % history.history["val_acc"][-1])
