"""fit() with a train_step of its own: metrics of the class, then the loss and metrics of compile()."""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(5)
(images, labels), (test_images, test_labels) = keras.datasets.mnist.load_data()
images = images.reshape((60000, 28 * 28)).astype("float32") / 255
test_images = test_images.reshape((10000, 28 * 28)).astype("float32") / 255
train_images, val_images = images[2000:8000], images[:2000]
train_labels, val_labels = labels[2000:8000], labels[:2000]


def get_layers():
    inputs = keras.Input(shape=(28 * 28,))
    features = layers.Dense(64, activation="relu")(inputs)
    features = layers.BatchNormalization()(features)
    features = layers.Dropout(0.3)(features)
    return inputs, layers.Dense(10, activation="softmax")(features)


loss_fn = keras.losses.SparseCategoricalCrossentropy()
loss_tracker = keras.metrics.Mean(name="loss")


class CustomModel(keras.Model):
    def train_step(self, data):
        inputs, targets = data
        with tf.GradientTape() as tape:
            predictions = self(inputs, training=True)
            loss = loss_fn(targets, predictions)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
        loss_tracker.update_state(loss)
        return {"loss": loss_tracker.result()}

    @property
    def metrics(self):
        return [loss_tracker]


model = CustomModel(*get_layers())
model.compile(optimizer=keras.optimizers.RMSprop())
history = model.fit(train_images, train_labels, epochs=2, batch_size=64, verbose=2).history
print("keys: %d" % len(history))
print("falls: %d" % (history["loss"][1] < history["loss"][0]))
right = model.predict(test_images, verbose=0).argmax(axis=1) == test_labels
print("first: %.4f" % right.mean())


class CompiledModel(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


model = CompiledModel(*get_layers())
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
callbacks = [keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)]
history = model.fit(train_images, train_labels, epochs=2, batch_size=64, verbose=2, callbacks=callbacks,
                    validation_data=(val_images, val_labels)).history
print(sorted(history))
loss, accuracy = model.evaluate(test_images, test_labels, verbose=0)
print("second: %.4f" % accuracy)
