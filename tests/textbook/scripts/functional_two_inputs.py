"""A functional model with two inputs, as in the chapters on the functional API."""
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(9)
data = np.loadtxt("housing.csv").astype("float32")
x, y = data[:, :13], data[:, 13]
x = (x - x.mean(axis=0)) / x.std(axis=0)
wide, deep = x[:, :5], x[:, 2:]
input_wide = keras.Input(shape=(5,), name="wide")
input_deep = keras.Input(shape=(11,), name="deep")
hidden = layers.Dense(30, activation="relu")(input_deep)
hidden = layers.Dense(30, activation="relu")(hidden)
joined = layers.concatenate([input_wide, hidden])
output = layers.Dense(1, name="price")(joined)
model = keras.Model(inputs=[input_wide, input_deep], outputs=[output])
model.summary()
model.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.01), metrics=["mae"])
history = model.fit(
    (wide[:400], deep[:400]), y[:400], epochs=40, validation_split=0.1, verbose=0
)
mse, mae = model.evaluate([wide[400:], deep[400:]], y[400:], verbose=0)
print("mae: %.4f" % mae)
print("shape:", model.predict((wide[:3], deep[:3]), verbose=0).shape)
