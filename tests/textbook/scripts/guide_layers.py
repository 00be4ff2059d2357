"""The guide to making new layers and models via subclassing, as far as it does without losses of layers."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

keras.utils.set_random_seed(26)


class Linear(keras.layers.Layer):
    def __init__(self, units=32, input_dim=32):
        super().__init__()
        self.w = self.add_weight(
            shape=(input_dim, units),
            initializer="random_normal",
            trainable=True,
        )
        self.b = self.add_weight(shape=(units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b


x = ops.ones((2, 2))
linear_layer = Linear(4, 2)
y = linear_layer(x)
print("shape:", tuple(y.shape))
assert linear_layer.weights == [linear_layer.w, linear_layer.b]


# Layers can have non-trainable weights
class ComputeSum(keras.layers.Layer):
    def __init__(self, input_dim):
        super().__init__()
        self.total = self.add_weight(initializer="ones", shape=(input_dim,), trainable=False)

    def call(self, inputs):
        return inputs * self.total


x = ops.ones((2, 2))
my_sum = ComputeSum(2)
print(np.array(my_sum(x)))
print("weights:", len(my_sum.weights))
print("non-trainable weights:", len(my_sum.non_trainable_weights))
# It's not included in the trainable weights:
print("trainable_weights:", my_sum.trainable_weights)


# Best practice: deferring weight creation until the shape of the inputs is known
class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units),
            initializer="random_normal",
            trainable=True,
        )
        self.b = self.add_weight(shape=(self.units,), initializer="random_normal", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


# At instantiation, we don't know on what inputs this is going to get called
linear_layer = Linear(32)
# The layer's weights are created dynamically the first time the layer is called
y = linear_layer(x)


# Layers are recursively composable
class MLPBlock(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.linear_1 = Linear(32)
        self.linear_2 = Linear(32)
        self.linear_3 = Linear(1)

    def call(self, inputs):
        x = self.linear_1(inputs)
        x = keras.activations.relu(x)
        x = self.linear_2(x)
        x = keras.activations.relu(x)
        return self.linear_3(x)


mlp = MLPBlock()
y = mlp(ops.ones(shape=(3, 64)))  # The first call to the `mlp` will create the weights
print("weights:", len(mlp.weights))
print("trainable weights:", len(mlp.trainable_weights))

layer = Linear(64)
config = layer.get_config()
print("units: %d" % config["units"])
new_layer = Linear.from_config(config)


# Privileged `training` argument in the `call()` method
class CustomDropout(keras.layers.Layer):
    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.dropout = layers.Dropout(rate)

    def call(self, inputs, training=None):
        if training:
            return self.dropout(inputs, training=training)
        return inputs


class OuterLayerWithKernelRegularizer(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(32, kernel_regularizer=keras.regularizers.l2(1e-3))

    def call(self, inputs):
        return self.dense(inputs)


layer = OuterLayerWithKernelRegularizer()
_ = layer(ops.zeros((1, 1)))
# This is `1e-3 * sum(layer.dense.kernel ** 2)`, created by the `kernel_regularizer` above.
print("losses: %d" % len(layer.losses))
print("penalty: %.5f" % abs(float(layer.losses[0]) - 1e-3 * float((np.array(layer.dense.kernel) ** 2).sum())))


class Net(keras.Model):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.block_1 = MLPBlock()
        self.drop = CustomDropout(0.3)
        self.classifier = layers.Dense(num_classes)

    def call(self, inputs):
        x = layers.concatenate([inputs, self.block_1(inputs)])
        x = self.drop(x)
        return self.classifier(x)


(x_train, y_train), _ = keras.datasets.mnist.load_data()
x_train = x_train[:4000].reshape(-1, 784).astype("float32") / 255
y_train = y_train[:4000]
model = Net(10)
model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(x_train, y_train, epochs=3, batch_size=64, verbose=0)
print("accuracy: %.4f" % model.evaluate(x_train, y_train, verbose=0)[1])

# In a loop of one's own
layer = OuterLayerWithKernelRegularizer()
head = keras.layers.Dense(10)
optimizer = keras.optimizers.SGD(learning_rate=1e-1)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train_dataset = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(buffer_size=1024).batch(64)
for step, (x_batch_train, y_batch_train) in enumerate(train_dataset):
    with tf.GradientTape() as tape:
        logits = head(layer(x_batch_train))  # Logits for this minibatch
        # Loss value for this minibatch
        loss_value = loss_fn(y_batch_train, logits)
        # Add extra losses created during this forward pass:
        loss_value += sum(layer.losses)
    variables = layer.trainable_weights + head.trainable_weights
    grads = tape.gradient(loss_value, variables)
    optimizer.apply(grads, variables)
print("loop: %.4f" % float(loss_value))
