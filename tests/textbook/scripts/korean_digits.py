# 딥러닝으로 손글씨를 분류한다.
import sys

import numpy as np
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint
from tensorflow.keras.datasets import mnist
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential
from tensorflow.keras.utils import to_categorical

np.random.seed(3)
(X_train, y_train), (X_test, y_test) = mnist.load_data()
print("학습셋 이미지 수 : %d 개" % (X_train.shape[0]))
for x in X_train[0][5:8]:
    for i in x:
        sys.stdout.write("%-3s" % i)
    sys.stdout.write("\n")
X_train = X_train.reshape(X_train.shape[0], 784).astype("float64")[:5000] / 255
X_test = X_test.reshape(X_test.shape[0], 784).astype("float64") / 255
print("class : %d " % (y_train[0]))
y_train = to_categorical(y_train[:5000], 10)
y_test = to_categorical(y_test, 10)
print(y_train[0])
model = Sequential()
model.add(Dense(512, input_dim=784, activation="relu"))
model.add(Dense(10, activation="softmax"))
model.summary()
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
checkpointer = ModelCheckpoint(filepath="./MNIST_MLP.keras", monitor="val_loss", verbose=1, save_best_only=True)
early_stopping_callback = EarlyStopping(monitor="val_loss", patience=10)
history = model.fit(
    X_train, y_train, validation_split=0.25, epochs=4, batch_size=200, verbose=0,
    callbacks=[early_stopping_callback, checkpointer],
)
print("\n Test Accuracy: %.4f" % (model.evaluate(X_test, y_test)[1]))
