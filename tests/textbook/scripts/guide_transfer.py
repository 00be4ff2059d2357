"""The guide to transfer learning and fine-tuning, with dense layers: frozen layers, inference mode, two phases."""
import keras
import numpy as np

keras.utils.set_random_seed(29)
layer = keras.layers.Dense(3)
layer.build((None, 4))  # Create the weights
print("weights:", len(layer.weights))
print("trainable_weights:", len(layer.trainable_weights))
print("non_trainable_weights:", len(layer.non_trainable_weights))
layer = keras.layers.BatchNormalization()
layer.build((None, 4))  # Create the weights
print("weights:", len(layer.weights))
print("trainable_weights:", len(layer.trainable_weights))
print("non_trainable_weights:", len(layer.non_trainable_weights))
layer.trainable = False
print("frozen:", len(layer.trainable_weights))
# Make a model with 2 layers
layer1 = keras.layers.Dense(3, activation="relu")
layer2 = keras.layers.Dense(3, activation="sigmoid")
model = keras.Sequential([keras.Input(shape=(3,)), layer1, layer2])
# Freeze the first layer
layer1.trainable = False
# Keep a copy of the weights of layer1 for later reference
initial_layer1_weights_values = layer1.get_weights()
model.compile(optimizer="adam", loss="mse")
model.fit(np.random.random((2, 3)), np.random.random((2, 3)), verbose=0)
# Check that the weights of layer1 have not changed during training
final_layer1_weights_values = layer1.get_weights()
np.testing.assert_allclose(initial_layer1_weights_values[0], final_layer1_weights_values[0])
inner_model = keras.Sequential(
    [
        keras.Input(shape=(3,)),
        keras.layers.Dense(3, activation="relu"),
        keras.layers.Dense(3, activation="relu"),
    ]
)
model = keras.Sequential([keras.Input(shape=(3,)), inner_model, keras.layers.Dense(3, activation="sigmoid")])
model.trainable = False  # Freeze the outer model
assert inner_model.trainable == False  # noqa
assert inner_model.layers[0].trainable == False  # noqa

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train[:6000].reshape(-1, 784), x_test[:2000].reshape(-1, 784)
y_train, y_test = y_train[:6000], y_test[:2000]
base_inputs = keras.Input((784,))
x = keras.layers.Dense(128, activation="relu")(base_inputs)
x = keras.layers.BatchNormalization()(x)
base_model = keras.Model(base_inputs, keras.layers.Dense(64, activation="relu")(x), name="base")
head = keras.Sequential([base_model, keras.layers.Dense(10)])
head.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
head.fit(x_train[:3000] / 255, y_train[:3000], epochs=3, verbose=0)

base_model.trainable = False
inputs = keras.Input(shape=(784,))
scale_layer = keras.layers.Rescaling(scale=1 / 255.0)
x = scale_layer(inputs)
# The base model contains batchnorm layers: we keep them in inference mode
x = base_model(x, training=False)
x = keras.layers.Dropout(0.2)(x)  # Regularize with dropout
outputs = keras.layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
model.summary(show_trainable=True)
model.compile(
    optimizer=keras.optimizers.Adam(),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy()],
)
y = (y_train >= 5).astype("float32")
y_val = (y_test >= 5).astype("float32")
model.fit(x_train, y, epochs=2, validation_data=(x_test, y_val), verbose=0)
print("frozen accuracy: %.4f" % model.evaluate(x_test, y_val, verbose=0)[1])
before = base_model.get_weights()
base_model.trainable = True
model.summary(show_trainable=True)
model.compile(
    optimizer=keras.optimizers.Adam(1e-4),  # Low learning rate
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy()],
)
model.fit(x_train, y, epochs=1, validation_data=(x_test, y_val), verbose=0)
after = base_model.get_weights()
print("moved:", [int(not np.array_equal(a, b)) for a, b in zip(before, after)])
print("tuned: %.4f" % model.evaluate(x_test, y_val, verbose=0)[1])
