# Softmax over seven kinds, one-hot by tf.one_hot.
import numpy as np
import tensorflow as tf

tf.compat.v1.set_random_seed(777)
xy = np.loadtxt("data-04-zoo.csv", delimiter=",", dtype=np.float32)
x_data = xy[:, 0:-1]
y_data = xy[:, [-1]].astype(np.int32)
nb_classes = 7
y_one_hot = tf.keras.utils.to_categorical(y_data, nb_classes)
print("one_hot:", y_one_hot.shape)

tf.model = tf.keras.Sequential()
tf.model.add(tf.keras.layers.Dense(units=nb_classes, input_dim=16, use_bias=True))
tf.model.add(tf.keras.layers.Activation("softmax"))
tf.model.compile(
    loss="categorical_crossentropy", optimizer=tf.keras.optimizers.SGD(learning_rate=0.1), metrics=["accuracy"]
)
history = tf.model.fit(x_data, y_one_hot, epochs=200, verbose=0)
pred = np.argmax(tf.model.predict(x_data), axis=1)
correct = tf.equal(pred, y_data.flatten())
print("accuracy: %.4f" % tf.reduce_mean(tf.cast(correct, tf.float32)).numpy())
hot = tf.one_hot(pred, nb_classes)
print("cross entropy: %.4f" % tf.reduce_mean(
    tf.nn.softmax_cross_entropy_with_logits(labels=hot, logits=tf.math.log(tf.model.predict(x_data, verbose=0)))
).numpy())
