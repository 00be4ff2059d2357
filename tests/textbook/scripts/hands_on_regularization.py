# Chapter 11: l1 and l2, dropout, alpha dropout, MC dropout by training=True and by a class, max-norm.
from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

(X_train_full, y_train_full), (X_test, y_test) = keras.datasets.mnist.load_data()
X_train, y_train = X_train_full[1000:5000] / 255.0, y_train_full[1000:5000]
X_valid, y_valid = X_train_full[:1000] / 255.0, y_train_full[:1000]
pixel_means = X_train.mean(axis=0, keepdims=True)
pixel_stds = X_train.std(axis=0, keepdims=True) + 1e-7
X_train_scaled = (X_train - pixel_means) / pixel_stds
X_valid_scaled = (X_valid - pixel_means) / pixel_stds
X_test_scaled = (X_test[:500] - pixel_means) / pixel_stds
tf.random.set_seed(42)
np.random.seed(42)

layer = keras.layers.Dense(100, activation="elu",
                           kernel_initializer="he_normal",
                           kernel_regularizer=keras.regularizers.l2(0.01))
# or l1(0.1) for l1 regularization with a factor of 0.1
# or l1_l2(0.1, 0.01) for both l1 and l2 regularization, with factors 0.1 and 0.01 respectively
RegularizedDense = partial(keras.layers.Dense,
                           activation="elu",
                           kernel_initializer="he_normal",
                           kernel_regularizer=keras.regularizers.l2(0.01))
model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    RegularizedDense(100),
    RegularizedDense(50),
    RegularizedDense(10, activation="softmax")
])
model.compile(loss="sparse_categorical_crossentropy", optimizer="nadam", metrics=["accuracy"])
history = model.fit(X_train_scaled, y_train, epochs=2, validation_data=(X_valid_scaled, y_valid), verbose=0)
print("regularized: %.4f" % history.history["val_accuracy"][-1])
print("losses: %d" % len(model.losses))

model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    keras.layers.Dropout(rate=0.2),
    keras.layers.Dense(100, activation="elu", kernel_initializer="he_normal"),
    keras.layers.Dropout(rate=0.2),
    keras.layers.Dense(50, activation="elu", kernel_initializer="he_normal"),
    keras.layers.Dropout(rate=0.2),
    keras.layers.Dense(10, activation="softmax")
])
model.compile(loss="sparse_categorical_crossentropy", optimizer="nadam", metrics=["accuracy"])
history = model.fit(X_train_scaled, y_train, epochs=2, validation_data=(X_valid_scaled, y_valid), verbose=0)
print("dropout: %.4f" % history.history["val_accuracy"][-1])

tf.random.set_seed(42)
np.random.seed(42)
model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    keras.layers.AlphaDropout(rate=0.2),
    keras.layers.Dense(100, activation="selu", kernel_initializer="lecun_normal"),
    keras.layers.AlphaDropout(rate=0.2),
    keras.layers.Dense(50, activation="selu", kernel_initializer="lecun_normal"),
    keras.layers.AlphaDropout(rate=0.2),
    keras.layers.Dense(10, activation="softmax")
])
optimizer = keras.optimizers.SGD(learning_rate=0.01, momentum=0.9, nesterov=True)
model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
history = model.fit(X_train_scaled, y_train, epochs=3, validation_data=(X_valid_scaled, y_valid), verbose=0)
print("alpha dropout: %.4f" % model.evaluate(X_valid_scaled, y_valid, verbose=0)[1])
print("train: %.4f" % model.evaluate(X_train_scaled, y_train, verbose=0)[1])

# MC Dropout
y_probas = np.stack([model(X_test_scaled, training=True)
                     for sample in range(20)])
y_proba = y_probas.mean(axis=0)
y_std = y_probas.std(axis=0)
print(np.round(model.predict(X_test_scaled[:1]), 2).shape, np.round(y_probas[:, :1], 2).shape)
y_pred = np.argmax(y_proba, axis=1)
accuracy = np.sum(y_pred == y_test[:500]) / len(y_test[:500])
print("monte carlo: %.4f" % accuracy)
print("spread: %d" % (y_std.max() > 0.01))


class MCAlphaDropout(keras.layers.AlphaDropout):
    def call(self, inputs):
        return super().call(inputs, training=True)


mc_model = keras.models.Sequential([
    MCAlphaDropout(layer.rate) if isinstance(layer, keras.layers.AlphaDropout) else layer
    for layer in model.layers
])
mc_model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
mc_model.set_weights(model.get_weights())
mc_probas = np.stack([mc_model.predict(X_test_scaled, verbose=0) for sample in range(20)])
print("mc model: %.4f" % np.mean(mc_probas.mean(axis=0).argmax(axis=1) == y_test[:500]))
print("mc spread: %.2f" % (mc_probas.std(axis=0).mean() / y_std.mean()))

# Max norm
layer = keras.layers.Dense(100, activation="selu", kernel_initializer="lecun_normal",
                           kernel_constraint=keras.constraints.max_norm(1.))
MaxNormDense = partial(keras.layers.Dense,
                       activation="selu", kernel_initializer="lecun_normal",
                       kernel_constraint=keras.constraints.max_norm(1.))
model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    MaxNormDense(100),
    MaxNormDense(50),
    keras.layers.Dense(10, activation="softmax")
])
model.compile(loss="sparse_categorical_crossentropy", optimizer="nadam", metrics=["accuracy"])
history = model.fit(X_train_scaled, y_train, epochs=2, validation_data=(X_valid_scaled, y_valid), verbose=0)
print("max norm: %.4f" % history.history["val_accuracy"][-1])
print("norm: %.4f" % np.linalg.norm(model.layers[1].get_weights()[0], axis=0).max())
