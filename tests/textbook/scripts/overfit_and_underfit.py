"""Weight decay, dropout, and a rate that falls by a schedule."""
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, regularizers

tf.random.set_seed(14)
data = np.loadtxt("pima-indians-diabetes.csv", delimiter=",")
x, y = data[:, :8], data[:, 8:]
x = (x - x.mean(axis=0)) / x.std(axis=0)
lr_schedule = tf.keras.optimizers.schedules.InverseTimeDecay(0.002, decay_steps=24 * 50, decay_rate=1, staircase=False)


def compile_and_fit(model):
    model.compile(
        optimizer=tf.keras.optimizers.Adam(lr_schedule),
        loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[tf.keras.metrics.BinaryCrossentropy(from_logits=True, name="binary_crossentropy"), "accuracy"],
    )
    return model.fit(x[:600], y[:600], epochs=30, validation_data=(x[600:], y[600:]), verbose=0)


tiny = tf.keras.Sequential([layers.Dense(16, activation="elu", input_shape=(8,)), layers.Dense(1)])
large = tf.keras.Sequential([
    layers.Dense(128, activation="elu", kernel_regularizer=regularizers.l2(0.001), input_shape=(8,)),
    layers.Dropout(0.5),
    layers.Dense(128, activation="elu", kernel_regularizer=regularizers.l2(0.001)),
    layers.Dropout(0.5),
    layers.Dense(1)
])
for name, model in (("tiny", tiny), ("large", large)):
    history = compile_and_fit(model)
    print("%s: %.4f" % (name, history.history["val_binary_crossentropy"][-1]))
penalty = history.history["loss"][-1] - history.history["binary_crossentropy"][-1]
print("penalty: %.4f" % penalty)
