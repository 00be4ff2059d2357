import numpy as np
import tensorflow as tf

tf.random.set_seed(777)
x_train = [1, 2, 3, 4]
y_train = [0, -1, -2, -3]

tf.model = tf.keras.Sequential()
# units == output shape, input_dim == input shape
tf.model.add(tf.keras.layers.Dense(units=1, input_dim=1))

sgd = tf.keras.optimizers.SGD(lr=0.1)  # SGD == standard gradient descent, lr == learning rate
tf.model.compile(loss="mse", optimizer=sgd)  # mse == mean_squared_error, 1/m * sig (y'-y)^2

tf.model.summary()
tf.model.fit(x_train, y_train, epochs=200, verbose=0)
y_predict = tf.model.predict(np.array([5, 4]))
print(y_predict)
print("five: %.4f" % y_predict[0, 0])
