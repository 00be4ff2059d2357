"""Iris with pandas' get_dummies and a batch size of 1."""
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.model_selection import train_test_split
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential

np.random.seed(3)
tf.random.set_seed(3)
df = pd.read_csv("iris.csv", names=["sepal_length", "sepal_width", "petal_length", "petal_width", "species"])
X = df.iloc[:, 0:4]
y = pd.get_dummies(df.iloc[:, 4])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)
model = Sequential()
model.add(Dense(16, input_dim=4, activation="relu"))
model.add(Dense(3, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=50, batch_size=1, verbose=0)
print("\n Accuracy: %.4f" % model.evaluate(X_test, y_test, verbose=0)[1])
