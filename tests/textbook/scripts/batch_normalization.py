"""Normalised batches, leaky rectifiers, a smaller rate in time."""
import keras
from keras.layers import BatchNormalization, Dense, LeakyReLU

keras.utils.set_random_seed(17)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, y_train = x_train[:6000].reshape(-1, 784).astype("float32") / 255, y_train[:6000]
x_test = x_test.reshape(-1, 784).astype("float32") / 255
model = keras.models.Sequential()
model.add(keras.Input((784,)))
for units in (100, 50):
    model.add(Dense(units, use_bias=False, kernel_initializer="he_normal"))
    model.add(BatchNormalization())
    model.add(LeakyReLU(0.1))
model.add(Dense(10, activation="softmax"))
model.compile(
    keras.optimizers.SGD(learning_rate=keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.95), momentum=0.9),
    "sparse_categorical_crossentropy", metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=4, batch_size=64, verbose=0)
print("accuracy: %.4f" % model.evaluate(x_test, y_test, verbose=0)[1])
print("trainable: %d" % sum(w.shape[0] if len(w.shape) == 1 else w.shape[0] * w.shape[1] for w in model.trainable_weights))
