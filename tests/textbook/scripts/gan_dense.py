# Chapter 17: a generative adversarial network of dense layers.
import numpy as np
import tensorflow as tf
from tensorflow import keras

(X_train, y_train), _ = keras.datasets.mnist.load_data()
X_train = X_train[y_train == 1][:2000].astype(np.float32) / 255
np.random.seed(42)
tf.random.set_seed(42)
codings_size = 30
generator = keras.models.Sequential([
    keras.Input(shape=[codings_size]),
    keras.layers.Dense(100, activation="selu"),
    keras.layers.Dense(150, activation="selu"),
    keras.layers.Dense(28 * 28, activation="sigmoid"),
    keras.layers.Reshape([28, 28])
])
discriminator = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    keras.layers.Dense(150, activation="selu"),
    keras.layers.Dense(100, activation="selu"),
    keras.layers.Dense(1, activation="sigmoid")
])
gan = keras.models.Sequential([generator, discriminator])
discriminator.compile(loss="binary_crossentropy", optimizer="rmsprop")
discriminator.trainable = False
gan.compile(loss="binary_crossentropy", optimizer="rmsprop")
gan.summary()
print("trainable: %d" % len(gan.trainable_variables))
batch_size = 32
dataset = tf.data.Dataset.from_tensor_slices(X_train).shuffle(1000)
dataset = dataset.batch(batch_size, drop_remainder=True).prefetch(1)


def train_gan(gan, dataset, batch_size, codings_size, n_epochs=50):
    generator, discriminator = gan.layers
    for epoch in range(n_epochs):
        print("Epoch {}/{}".format(epoch + 1, n_epochs))
        for X_batch in dataset:
            # phase 1 - training the discriminator
            noise = tf.random.normal(shape=[batch_size, codings_size])
            generated_images = generator(noise)
            X_fake_and_real = tf.concat([generated_images, X_batch], axis=0)
            y1 = tf.constant([[0.]] * batch_size + [[1.]] * batch_size)
            discriminator.trainable = True
            d_loss = discriminator.train_on_batch(X_fake_and_real, y1)
            # phase 2 - training the generator
            noise = tf.random.normal(shape=[batch_size, codings_size])
            y2 = tf.constant([[1.]] * batch_size)
            discriminator.trainable = False
            g_loss = gan.train_on_batch(noise, y2)
    return d_loss, g_loss


before = [w.copy() for w in discriminator.get_weights()]
d_loss, g_loss = train_gan(gan, dataset, batch_size, codings_size, n_epochs=2)
noise = tf.random.normal(shape=[batch_size, codings_size])
generated_images = generator(noise)
print("learns: %d" % any(not np.array_equal(a, b) for a, b in zip(before, discriminator.get_weights())))
print("images:", generated_images.numpy().shape)
middle, edges = generated_images.numpy()[:, :, 10:18].mean(), generated_images.numpy()[:, :, :6].mean()
print("upright: %d" % (middle > 2 * edges))
