"""The whole model in a file, its weights in another, and its configuration."""
import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(16)
data = np.loadtxt("wine.csv", delimiter=",")
x, y = data[:, :12] / 5, data[:, 12]


def create_model():
    model = tf.keras.Sequential([
        keras.layers.Dense(32, activation="relu", input_shape=(12,)),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(2)
    ])
    model.compile(
        optimizer="adam",
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
    )
    return model


model = create_model()
model.summary()
model.fit(x, y.astype(int), epochs=30, verbose=0)
loss, acc = model.evaluate(x, y.astype(int), verbose=0)
print("accuracy: %.4f" % acc)
model.save("my_model.keras")
model.save_weights("my.weights.h5")
new_model = tf.keras.models.load_model("my_model.keras")
print("model: %d" % np.array_equal(new_model.predict(x, verbose=0), model.predict(x, verbose=0)))
fresh = create_model()
fresh.load_weights("my.weights.h5")
print("weights: %d" % np.array_equal(fresh.predict(x, verbose=0), model.predict(x, verbose=0)))
copy = tf.keras.Sequential.from_config(model.get_config())
copy.set_weights(model.get_weights())
print("config: %d" % np.array_equal(copy.predict(x, verbose=0), model.predict(x, verbose=0)))
new_model.fit(x, y.astype(int), epochs=5, verbose=0)
print("further: %.4f" % new_model.evaluate(x, y.astype(int), verbose=0)[1])
