# Chapter 11: optimizers and learning rate scheduling.
import math

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from tensorflow import keras

K = keras.backend
(X_train_full, y_train_full), (X_test, y_test) = keras.datasets.mnist.load_data()
X_train, y_train = X_train_full[1000:5000] / 255.0, y_train_full[1000:5000]
X_valid, y_valid = X_train_full[:1000] / 255.0, y_train_full[:1000]
pixel_means = X_train.mean(axis=0, keepdims=True)
pixel_stds = X_train.std(axis=0, keepdims=True) + 1e-7
X_train_scaled = (X_train - pixel_means) / pixel_stds
X_valid_scaled = (X_valid - pixel_means) / pixel_stds
np.random.seed(42)
tf.random.set_seed(42)


def build_model(optimizer):
    model = keras.models.Sequential([
        keras.layers.Flatten(input_shape=[28, 28]),
        keras.layers.Dense(100, activation="selu", kernel_initializer="lecun_normal"),
        keras.layers.Dense(50, activation="selu", kernel_initializer="lecun_normal"),
        keras.layers.Dense(10, activation="softmax")
    ])
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model


for optimizer in [
    keras.optimizers.SGD(learning_rate=0.001, momentum=0.9),
    keras.optimizers.SGD(learning_rate=0.001, momentum=0.9, nesterov=True),
    keras.optimizers.RMSprop(learning_rate=0.001, rho=0.9),
    keras.optimizers.Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999),
    keras.optimizers.Adamax(learning_rate=0.001, beta_1=0.9, beta_2=0.999),
    keras.optimizers.Nadam(learning_rate=0.001, beta_1=0.9, beta_2=0.999),
]:
    model = build_model(optimizer)
    history = model.fit(X_train_scaled, y_train, epochs=1, validation_data=(X_valid_scaled, y_valid), verbose=0)
    print("%s %s: %.4f" % (type(optimizer).__name__, getattr(optimizer, "nesterov", ""), history.history["val_accuracy"][-1]))


# Exponential scheduling
def exponential_decay(lr0, s):
    def exponential_decay_fn(epoch):
        return lr0 * 0.1**(epoch / s)
    return exponential_decay_fn


exponential_decay_fn = exponential_decay(lr0=0.01, s=20)
model = build_model("nadam")
n_epochs = 4
lr_scheduler = keras.callbacks.LearningRateScheduler(exponential_decay_fn)
history = model.fit(X_train_scaled, y_train, epochs=n_epochs, validation_data=(X_valid_scaled, y_valid),
                    callbacks=[lr_scheduler], verbose=0)
plt.plot(history.epoch, history.history["learning_rate"], "o-")
plt.axis([0, n_epochs - 1, 0, 0.011])
plt.grid(True)
plt.close()
print("exponential: %.6f" % history.history["learning_rate"][-1])


def exponential_decay_fn(epoch, lr):
    return lr * 0.1**(1 / 20)


model = build_model(keras.optimizers.Nadam(learning_rate=0.01))
history = model.fit(X_train_scaled, y_train, epochs=2, callbacks=[keras.callbacks.LearningRateScheduler(exponential_decay_fn)], verbose=0)
print("with the rate: %.6f" % history.history["learning_rate"][-1])


class ExponentialDecay(keras.callbacks.Callback):
    def __init__(self, s=40000):
        super().__init__()
        self.s = s

    def on_batch_begin(self, batch, logs=None):
        # Note: the `batch` argument is reset at each epoch
        lr = self.model.optimizer.learning_rate.numpy()
        self.model.optimizer.learning_rate = lr * 0.1**(1 / self.s)

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        logs['lr'] = self.model.optimizer.learning_rate.numpy()


model = build_model(keras.optimizers.Nadam(learning_rate=0.01))
n_epochs = 2
s = 20 * len(X_train) // 32  # number of steps in 20 epochs (batch size = 32)
history = model.fit(X_train_scaled, y_train, epochs=n_epochs, validation_data=(X_valid_scaled, y_valid),
                    callbacks=[ExponentialDecay(s)], verbose=0)
print("each batch: %.6f" % model.optimizer.learning_rate.numpy())


# Piecewise constant scheduling
def piecewise_constant(boundaries, values):
    boundaries = np.array([0] + boundaries)
    values = np.array(values)

    def piecewise_constant_fn(epoch):
        return values[np.argmax(boundaries > epoch) - 1]
    return piecewise_constant_fn


lr_scheduler = keras.callbacks.LearningRateScheduler(piecewise_constant([1, 2], [0.01, 0.005, 0.001]), verbose=1)
model = build_model("nadam")
history = model.fit(X_train_scaled, y_train, epochs=3, callbacks=[lr_scheduler], verbose=0)
print("piecewise: %.4f" % history.history["learning_rate"][-1])

# Performance scheduling
lr_scheduler = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1, min_delta=0.2)
model = build_model(keras.optimizers.SGD(learning_rate=0.02, momentum=0.9))
history = model.fit(X_train_scaled, y_train, epochs=5, validation_data=(X_valid_scaled, y_valid), callbacks=[lr_scheduler], verbose=0)
plt.plot(history.epoch, history.history["learning_rate"], "bo-")
ax2 = plt.gca().twinx()
ax2.plot(history.epoch, history.history["val_loss"], "r^-")
plt.close()
print("plateau: %d" % (history.history["learning_rate"][-1] < 0.02))

# tf.keras schedulers
s = 20 * len(X_train) // 32
learning_rate = keras.optimizers.schedules.ExponentialDecay(0.01, s, 0.1)
model = build_model(keras.optimizers.SGD(learning_rate))
history = model.fit(X_train_scaled, y_train, epochs=2, validation_data=(X_valid_scaled, y_valid), verbose=0)
print("schedule: %.6f" % learning_rate(model.optimizer.iterations))
learning_rate = keras.optimizers.schedules.PiecewiseConstantDecay(
    boundaries=[5. * 125, 15. * 125], values=[0.01, 0.005, 0.001])
print("boundaries: %.4f" % learning_rate(700))


# 1Cycle scheduling
class ExponentialLearningRate(keras.callbacks.Callback):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor
        self.rates = []
        self.losses = []

    def on_batch_end(self, batch, logs):
        self.rates.append(K.get_value(self.model.optimizer.learning_rate))
        self.losses.append(logs["loss"])
        self.model.optimizer.learning_rate = self.rates[-1] * self.factor


def find_learning_rate(model, X, y, epochs=1, batch_size=32, min_rate=10**-5, max_rate=10):
    init_weights = model.get_weights()
    iterations = math.ceil(len(X) / batch_size) * epochs
    factor = np.exp(np.log(max_rate / min_rate) / iterations)
    init_lr = K.get_value(model.optimizer.learning_rate)
    model.optimizer.learning_rate = min_rate
    exp_lr = ExponentialLearningRate(factor)
    history = model.fit(X, y, epochs=epochs, batch_size=batch_size, callbacks=[exp_lr], verbose=0)
    model.optimizer.learning_rate = init_lr
    model.set_weights(init_weights)
    return exp_lr.rates, exp_lr.losses


def plot_lr_vs_loss(rates, losses):
    plt.plot(rates, losses)
    plt.gca().set_xscale('log')
    plt.hlines(min(losses), min(rates), max(rates))
    plt.axis([min(rates), max(rates), min(losses), (losses[0] + min(losses)) / 2])
    plt.xlabel("Learning rate")
    plt.ylabel("Loss")
    plt.close()


class OneCycleScheduler(keras.callbacks.Callback):
    def __init__(self, iterations, max_rate, start_rate=None, last_iterations=None, last_rate=None):
        super().__init__()
        self.iterations = iterations
        self.max_rate = max_rate
        self.start_rate = start_rate or max_rate / 10
        self.last_iterations = last_iterations or iterations // 10 + 1
        self.half_iteration = (iterations - self.last_iterations) // 2
        self.last_rate = last_rate or self.start_rate / 1000
        self.iteration = 0

    def _interpolate(self, iter1, iter2, rate1, rate2):
        return ((rate2 - rate1) * (self.iteration - iter1) / (iter2 - iter1) + rate1)

    def on_batch_begin(self, batch, logs):
        if self.iteration < self.half_iteration:
            rate = self._interpolate(0, self.half_iteration, self.start_rate, self.max_rate)
        elif self.iteration < 2 * self.half_iteration:
            rate = self._interpolate(self.half_iteration, 2 * self.half_iteration, self.max_rate, self.start_rate)
        else:
            rate = self._interpolate(2 * self.half_iteration, self.iterations, self.start_rate, self.last_rate)
        self.iteration += 1
        self.model.optimizer.learning_rate = rate


batch_size = 128
model = build_model(keras.optimizers.SGD(learning_rate=1e-3))
rates, losses = find_learning_rate(model, X_train_scaled, y_train, epochs=1, batch_size=batch_size)
plot_lr_vs_loss(rates, losses)
print("rates: %d" % len(rates))
print("back: %.4f" % K.get_value(model.optimizer.learning_rate))
n_epochs = 4
onecycle = OneCycleScheduler(math.ceil(len(X_train) / batch_size) * n_epochs, max_rate=0.05)
history = model.fit(X_train_scaled, y_train, epochs=n_epochs, batch_size=batch_size,
                    validation_data=(X_valid_scaled, y_valid), callbacks=[onecycle], verbose=0)
print("one cycle: %.4f" % history.history["val_accuracy"][-1])
