"""An autoencoder; encoder and decoder are models of their own that share its layers."""
import keras
from keras import layers

keras.utils.set_random_seed(10)
(x_train, _), (x_test, _) = keras.datasets.mnist.load_data()
x_train = x_train[:6000].astype("float32") / 255.0
x_test = x_test.astype("float32") / 255.0
x_train, x_test = x_train.reshape((len(x_train), 784)), x_test.reshape((len(x_test), 784))
input_img = keras.Input(shape=(784,))
encoded = layers.Dense(32, activation="relu")(input_img)
decoded = layers.Dense(784, activation="sigmoid")(encoded)
autoencoder = keras.Model(input_img, decoded)
encoder = keras.Model(input_img, encoded)
encoded_input = keras.Input(shape=(32,))
decoder = keras.Model(encoded_input, autoencoder.layers[-1](encoded_input))
autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
history = autoencoder.fit(x_train, x_train, epochs=4, batch_size=128, shuffle=True, validation_data=(x_test, x_test), verbose=2)
images = decoder.predict(encoder.predict(x_test, verbose=0), verbose=0)
print("images:", images.shape)
print("loss: %.4f" % history.history["val_loss"][-1])
print("error: %.4f" % ((images - x_test) ** 2).mean())
