"""The guide to the functional API, over vectors instead of images and words."""
import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(22)
inputs = keras.Input(shape=(784,))
print(inputs.shape)
print(inputs.dtype)
dense = layers.Dense(64, activation="relu")
x = dense(inputs)
x = layers.Dense(64, activation="relu")(x)
outputs = layers.Dense(10)(x)
model = keras.Model(inputs=inputs, outputs=outputs, name="mnist_model")
model.summary()
for name, options in (("my_first_model.png", {}), ("my_first_model_with_shape_info.png", {"show_shapes": True})):
    try:
        keras.utils.plot_model(model, name, **options)
    except ImportError as error:  # Keras needs pydot
        print(error)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[:6000].reshape(6000, 784).astype("float32") / 255
x_test = x_test.reshape(10000, 784).astype("float32") / 255
y_train = y_train[:6000]
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=keras.optimizers.RMSprop(),
    metrics=["accuracy"],
)
history = model.fit(x_train, y_train, batch_size=64, epochs=2, validation_split=0.2)
test_scores = model.evaluate(x_test, y_test, verbose=2)
print("Test loss: %.4f" % test_scores[0])
print("Test accuracy: %.4f" % test_scores[1])
model.save("my_model.keras")
del model
# Recreate the exact same model purely from the file:
model = keras.models.load_model("my_model.keras")

# Use the same graph of layers to define multiple models
encoder_input = keras.Input(shape=(28, 28), name="img")
x = layers.Flatten()(encoder_input)
x = layers.Dense(64, activation="relu")(x)
encoder_output = layers.Dense(16, activation="relu")(x)
encoder = keras.Model(encoder_input, encoder_output, name="encoder")
encoder.summary()
decoder_input = keras.Input(shape=(16,), name="encoded_img")
x = layers.Dense(64, activation="relu")(decoder_input)
x = layers.Dense(784, activation="sigmoid")(x)
decoder_output = layers.Reshape((28, 28))(x)
decoder = keras.Model(decoder_input, decoder_output, name="decoder")
decoder.summary()
autoencoder_input = keras.Input(shape=(28, 28), name="img")
encoded_img = encoder(autoencoder_input)
decoded_img = decoder(encoded_img)
autoencoder = keras.Model(autoencoder_input, decoded_img, name="autoencoder")
autoencoder.summary()
autoencoder.compile("adam", "mse")
images = x_train.reshape(-1, 28, 28)
autoencoder.fit(images, images, epochs=2, verbose=0)
print("autoencoder: %.4f" % autoencoder.evaluate(images, images, verbose=0))


def get_model():
    inputs = keras.Input(shape=(128,))
    outputs = layers.Dense(1)(inputs)
    return keras.Model(inputs, outputs)


model1, model2, model3 = get_model(), get_model(), get_model()
inputs = keras.Input(shape=(128,))
y1, y2, y3 = model1(inputs), model2(inputs), model3(inputs)
outputs = layers.average([y1, y2, y3])
ensemble_model = keras.Model(inputs=inputs, outputs=outputs)
some = np.random.default_rng(1).normal(size=(4, 128)).astype("float32")
mean = np.mean([m.predict(some, verbose=0) for m in (model1, model2, model3)], axis=0)
print("ensemble: %.5f" % np.abs(ensemble_model.predict(some, verbose=0) - mean).max())

# Models with multiple inputs and outputs
num_tags = 12
num_words = 100
num_departments = 4
title_input = keras.Input(shape=(num_words,), name="title")
body_input = keras.Input(shape=(num_words,), name="body")
tags_input = keras.Input(shape=(num_tags,), name="tags")
title_features = layers.Dense(64, activation="relu")(title_input)
body_features = layers.Dense(32, activation="relu")(body_input)
x = layers.concatenate([title_features, body_features, tags_input])
priority_pred = layers.Dense(1, name="priority")(x)
department_pred = layers.Dense(num_departments, name="department")(x)
model = keras.Model(
    inputs=[title_input, body_input, tags_input],
    outputs={"priority": priority_pred, "department": department_pred},
)
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
)
title_data = np.random.randint(2, size=(640, num_words)).astype("float32")
body_data = np.random.randint(2, size=(640, num_words)).astype("float32")
tags_data = np.random.randint(2, size=(640, num_tags)).astype("float32")
priority_targets = tags_data[:, :1]
dept_targets = keras.utils.to_categorical(np.random.randint(num_departments, size=640), num_departments)
history = model.fit(
    {"title": title_data, "body": body_data, "tags": tags_data},
    {"priority": priority_targets, "department": dept_targets},
    epochs=5,
    batch_size=32,
    verbose=2,
)
print("priority: %.4f" % history.history["priority_loss"][-1])
print("department: %.4f" % history.history["department_loss"][-1])

# A toy residual net
inputs = keras.Input(shape=(32,), name="img")
x = layers.Dense(32, activation="relu")(inputs)
block_1_output = layers.Dense(64, activation="relu")(x)
x = layers.Dense(64, activation="relu")(block_1_output)
x = layers.Dense(64, activation="relu")(x)
block_2_output = layers.add([x, block_1_output])
x = layers.Dense(64, activation="relu")(block_2_output)
block_3_output = layers.add([x, block_2_output])
x = layers.Dropout(0.5)(block_3_output)
outputs = layers.Dense(10)(x)
model = keras.Model(inputs, outputs, name="toy_resnet")
model.summary()
# Extract and reuse nodes in the graph of layers
features_list = [layer.output for layer in model.layers]
feat_extraction_model = keras.Model(inputs=model.input, outputs=features_list)
extracted_features = feat_extraction_model(np.random.random((1, 32)).astype("float32"))
print("extracted: %d" % len(extracted_features))


class CustomDense(layers.Layer):
    def __init__(self, units=32):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units),
            initializer="random_normal",
            trainable=True,
        )
        self.b = self.add_weight(
            shape=(self.units,), initializer="random_normal", trainable=True
        )

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        return {"units": self.units}


inputs = keras.Input((4,))
outputs = CustomDense(10)(inputs)
model = keras.Model(inputs, outputs)
config = model.get_config()
new_model = keras.Model.from_config(config, custom_objects={"CustomDense": CustomDense})
new_model.set_weights(model.get_weights())
four = np.ones((2, 4), "float32")
print("copied: %d" % np.array_equal(new_model.predict(four, verbose=0), model.predict(four, verbose=0)))


# Mix-and-match API styles
class MLP(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense_1 = layers.Dense(64, activation="relu")
        self.dense_2 = layers.Dense(10)

    def call(self, inputs):
        x = self.dense_1(inputs)
        return self.dense_2(x)


mlp = MLP()
_ = mlp(ops.zeros((1, 32)))
print("parameters: %d" % mlp.count_params())
