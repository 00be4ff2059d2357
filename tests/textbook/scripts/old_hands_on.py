# Géron's chapters in the spelling of 2019: lr=, K.set_value, .h5 files, scikit-learn wrapper, history["lr"].
import math

import numpy as np
import tensorflow as tf
from scipy.stats import reciprocal
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

K = keras.backend
np.random.seed(42)
tf.random.set_seed(42)
data = np.loadtxt("housing.csv")
X_train_full, X_test, y_train_full, y_test = train_test_split(data[:, :13], data[:, 13] / 10, random_state=42)
X_train, X_valid, y_train, y_valid = train_test_split(X_train_full, y_train_full, random_state=42)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_valid, X_test = scaler.transform(X_valid), scaler.transform(X_test)
X_new = X_test[:3]


def build_model(n_hidden=1, n_neurons=30, learning_rate=3e-3, input_shape=[13]):
    model = keras.models.Sequential()
    model.add(keras.layers.InputLayer(input_shape=input_shape))
    for layer in range(n_hidden):
        model.add(keras.layers.Dense(n_neurons, activation="relu"))
    model.add(keras.layers.Dense(1))
    optimizer = keras.optimizers.SGD(lr=learning_rate)
    model.compile(loss="mse", optimizer=optimizer)
    return model


keras_reg = keras.wrappers.scikit_learn.KerasRegressor(build_model)
keras_reg.fit(X_train, y_train, epochs=20, validation_data=(X_valid, y_valid), verbose=0,
              callbacks=[keras.callbacks.EarlyStopping(patience=10)])
mse_test = keras_reg.score(X_test, y_test, verbose=0)
y_pred = keras_reg.predict(X_new, verbose=0)
print("score: %.4f" % mse_test)
param_distribs = {
    "n_hidden": [0, 1, 2, 3],
    "n_neurons": np.arange(1, 100).tolist(),
    "learning_rate": reciprocal(3e-4, 3e-2).rvs(1000, random_state=1).tolist(),
}
rnd_search_cv = RandomizedSearchCV(keras_reg, param_distribs, n_iter=4, cv=3, verbose=0, random_state=3)
rnd_search_cv.fit(X_train, y_train, epochs=10, verbose=0,
                  validation_data=(X_valid, y_valid),
                  callbacks=[keras.callbacks.EarlyStopping(patience=10)])
print(sorted(rnd_search_cv.best_params_))
print("best: %.4f" % -rnd_search_cv.best_score_)
model = rnd_search_cv.best_estimator_.model
print("evaluate: %.4f" % model.evaluate(X_test, y_test, verbose=0))
model.save("my_keras_model.h5")
model = keras.models.load_model("my_keras_model.h5")
model.save_weights("my_keras_weights.ckpt")
model.load_weights("my_keras_weights.ckpt")
print("same: %d" % np.allclose(model.predict(X_new), rnd_search_cv.best_estimator_.model.predict(X_new)))

optimizer = keras.optimizers.SGD(lr=0.01, decay=1e-4)
layer = keras.layers.LeakyReLU(alpha=0.2)
model = keras.models.Sequential([
    keras.layers.Dense(30, kernel_initializer="he_normal", input_shape=[13]),
    layer,
    keras.layers.Dense(1)
])
model.compile(loss="mse", optimizer=optimizer)
model.fit(X_train, y_train, epochs=3, verbose=0)


def exponential_decay_fn(epoch):
    return 0.01 * 0.1**(epoch / 20)


model.compile(loss="mse", optimizer=keras.optimizers.Nadam(lr=0.01))
lr_scheduler = keras.callbacks.LearningRateScheduler(exponential_decay_fn)
history = model.fit(X_train, y_train, epochs=3, callbacks=[lr_scheduler], verbose=0)
print("rate: %.6f" % history.history["lr"][-1])


class ExponentialDecay(keras.callbacks.Callback):
    def __init__(self, s=40000):
        super().__init__()
        self.s = s

    def on_batch_begin(self, batch, logs=None):
        # Note: the `batch` argument is reset at each epoch
        lr = K.get_value(self.model.optimizer.lr)
        K.set_value(self.model.optimizer.lr, lr * 0.1**(1 / self.s))

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        logs['lr'] = K.get_value(self.model.optimizer.lr)


lr0 = 0.01
model.compile(loss="mse", optimizer=keras.optimizers.Nadam(lr=lr0))
n_epochs = 4
s = 20 * math.ceil(len(X_train) / 32)
history = model.fit(X_train, y_train, epochs=n_epochs, validation_data=(X_valid, y_valid),
                    callbacks=[ExponentialDecay(s)], verbose=0)
print("decayed: %.6f" % history.history["lr"][-1])
print("name:", model.optimizer.get_config()["name"])
