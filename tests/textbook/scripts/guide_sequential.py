"""The guide to the Sequential model, without images."""
import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(21)
# Define Sequential model with 3 layers
model = keras.Sequential(
    [
        layers.Dense(2, activation="relu", name="layer1"),
        layers.Dense(3, activation="relu", name="layer2"),
        layers.Dense(4, name="layer3"),
    ]
)
# Call model on a test input
x = ops.ones((3, 3))
y = model(x)
print("shape:", tuple(y.shape))
# is equivalent to this function
layer1 = layers.Dense(2, activation="relu", name="layer1")
layer2 = layers.Dense(3, activation="relu", name="layer2")
layer3 = layers.Dense(4, name="layer3")
x = ops.ones((3, 3))
y = layer3(layer2(layer1(x)))
model = keras.Sequential([layers.Dense(2, activation="relu"), layers.Dense(3, activation="relu"), layers.Dense(4)])
print(len(model.layers))
model = keras.Sequential()
model.add(layers.Dense(2, activation="relu"))
model.add(layers.Dense(3, activation="relu"))
model.add(layers.Dense(4))
model.pop()
print("left: %d" % len(model.layers))
model = keras.Sequential(name="my_sequential")
model.add(layers.Dense(2, activation="relu", name="layer1"))
model.add(layers.Dense(3, activation="relu", name="layer2"))
model.add(layers.Dense(4, name="layer3"))
layer = layers.Dense(3)
print(layer.weights)  # Empty
x = ops.ones((1, 4))
y = layer(x)
print("weights: %d" % len(layer.weights))  # Now it has weights, of shape (4, 3) and (3,)
model = keras.Sequential([layers.Dense(2, activation="relu"), layers.Dense(3, activation="relu"), layers.Dense(4)])
try:
    model.summary()
    print("no error")
except ValueError as error:
    print("unbuilt: ValueError")
x = ops.ones((1, 4))
y = model(x)
print("Number of weights after calling the model:", len(model.weights))
model.summary()
model = keras.Sequential()
model.add(keras.Input(shape=(4,)))
model.add(layers.Dense(2, activation="relu"))
model.summary()
print(model.layers)
model = keras.Sequential()
model.add(keras.Input(shape=(4,)))
model.add(layers.Dense(2, activation="relu"))
print("output:", model.output_shape)

# Feature extraction with a Sequential model
initial_model = keras.Sequential(
    [
        keras.Input(shape=(250,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(32, activation="relu", name="my_intermediate_layer"),
        layers.Dense(32, activation="relu"),
    ]
)
feature_extractor = keras.Model(
    inputs=initial_model.inputs,
    outputs=[layer.output for layer in initial_model.layers],
)
x = ops.ones((1, 250))
features = feature_extractor(x)
print("features: %d" % len(features))
feature_extractor = keras.Model(
    inputs=initial_model.inputs,
    outputs=initial_model.get_layer(name="my_intermediate_layer").output,
)
features = feature_extractor(x)
print("feature:", tuple(features.shape))

# Transfer learning with a Sequential model
model = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(10),
    ]
)
model.save_weights("pretrained.weights.h5")
model.load_weights("pretrained.weights.h5")
# Freeze all layers except the last one.
for layer in model.layers[:-1]:
    layer.trainable = False
model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
(x_train, y_train), _ = keras.datasets.mnist.load_data()
x_train = x_train[:3000].reshape(-1, 784) / 255
before = model.get_weights()
model.fit(x_train, y_train[:3000], epochs=3, verbose=0)
after = model.get_weights()
print("changed:", [int(not np.array_equal(a, b)) for a, b in zip(before, after)])
base_model = keras.Sequential([keras.Input((784,)), layers.Dense(64, activation="relu", name="features")], name="base")
base_model.trainable = False
model = keras.Sequential([base_model, layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train[:3000], epochs=3, verbose=0)
print("trainable: %d" % len(model.trainable_weights))
print("accuracy: %.4f" % model.evaluate(x_train, y_train[:3000], verbose=0)[1])
