"""Early stopping and a smaller rate on a plateau, as in the chapters on overfitting."""
import keras
from keras import layers

keras.utils.set_random_seed(3)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[:2000].reshape(-1, 784) / 255.0
y_train = y_train[:2000]
x_test = x_test.reshape(-1, 784) / 255.0
model = keras.Sequential([
    keras.Input(shape=(784,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True, verbose=1)
slow = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=2, min_lr=1e-4)
history = model.fit(
    x_train, y_train, epochs=60, batch_size=64, validation_split=0.25, callbacks=[stop, slow], verbose=0
)
print("stopped: %d" % (stop.stopped_epoch > 0))
print("fewer: %d" % (len(history.epoch) < 60))
print("best: %.4f" % min(history.history["val_loss"]))
print("restored: %.4f" % model.evaluate(x_train[1500:], y_train[1500:], verbose=0)[0])
print("accuracy: %.4f" % model.evaluate(x_test, y_test, verbose=0)[1])
