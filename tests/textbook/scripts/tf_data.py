"""A pipeline of tf.data: slices, shuffle, batch, map."""
import tensorflow as tf

tf.random.set_seed(12)
(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()


def scale(image, label):
    return tf.cast(image, tf.float32) / 255.0, label


train = tf.data.Dataset.from_tensor_slices((x_train[:6000], y_train[:6000]))
train = train.shuffle(6000).batch(64).map(scale).prefetch(tf.data.AUTOTUNE)
test = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(500).map(scale)
model = tf.keras.Sequential([
    tf.keras.layers.Flatten(input_shape=(28, 28)),
    tf.keras.layers.Dense(64, activation=tf.nn.relu),
    tf.keras.layers.Dense(10, activation=tf.nn.softmax),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=3, validation_data=test, verbose=2)
for images, labels in test.take(1):
    print("batch:", images.shape, labels.numpy().shape)
loss, accuracy = model.evaluate(test, verbose=0)
print("accuracy: %.4f" % accuracy)
print("rows: %d" % len(model.predict(test, verbose=0)))
