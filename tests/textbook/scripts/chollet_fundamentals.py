"""Fundamentals of machine learning, after chapter 5: noise in the data, labels at random, rates that are too high."""
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers, regularizers
from tensorflow.keras.datasets import mnist

keras.utils.set_random_seed(28)
(train_images, train_labels), _ = mnist.load_data()
train_images, train_labels = train_images[:5000].reshape((5000, 28 * 28)), train_labels[:5000]
train_images = train_images.astype("float32") / 255
train_images_with_noise_channels = np.concatenate([train_images, np.random.random((len(train_images), 784))], axis=1)
train_images_with_zeros_channels = np.concatenate([train_images, np.zeros((len(train_images), 784))], axis=1)


def get_model():
    model = keras.Sequential([
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax")
    ])
    model.compile(optimizer="rmsprop",
                  loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    return model


model = get_model()
history_noise = model.fit(train_images_with_noise_channels, train_labels, epochs=5, batch_size=128, validation_split=0.2, verbose=0)
model = get_model()
history_zeros = model.fit(train_images_with_zeros_channels, train_labels, epochs=5, batch_size=128, validation_split=0.2, verbose=0)
print("noise: %.4f" % history_noise.history["val_accuracy"][-1])
print("zeros: %.4f" % history_zeros.history["val_accuracy"][-1])

random_train_labels = train_labels[:]
np.random.shuffle(random_train_labels)
model = get_model()
history = model.fit(train_images, random_train_labels, epochs=20, batch_size=128, validation_split=0.2, verbose=0)
print("memorized: %.4f" % history.history["accuracy"][-1])
print("nothing learnt: %.4f" % history.history["val_accuracy"][-1])

(train_images, train_labels), _ = mnist.load_data()
train_images = train_images[:5000].reshape((5000, 28 * 28)).astype("float32") / 255
train_labels = train_labels[:5000]
for rate in (1., 1e-2):
    model = keras.Sequential([
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax")
    ])
    model.compile(optimizer=keras.optimizers.RMSprop(rate),
                  loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    history = model.fit(train_images, train_labels, epochs=5, batch_size=128, validation_split=0.2, verbose=0)
    print("rate %s: %.4f" % ("high" if rate == 1 else "fine", history.history["val_accuracy"][-1]))

model = keras.Sequential([layers.Dense(10, activation="softmax")])
model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history_small_model = model.fit(train_images, train_labels, epochs=5, batch_size=128, validation_split=0.2, verbose=0)
print("small: %.4f" % history_small_model.history["val_accuracy"][-1])
model = keras.Sequential([
    layers.Dense(96, kernel_regularizer=regularizers.l1_l2(l1=1e-5, l2=1e-4), activation="relu"),
    layers.Dropout(0.3),
    layers.Dense(96, kernel_regularizer="l2", activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(train_images, train_labels, epochs=5, batch_size=128, validation_split=0.2, verbose=0)
val_loss = history.history["val_loss"]
print("regularized: %.4f" % history.history["val_accuracy"][-1])
