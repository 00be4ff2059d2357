# Classifying newswires, after section 3.5 / 4.2: multi-hot words, several classes, one-hot and integer labels.
import copy

import matplotlib.pyplot as plt
import numpy as np
from keras import layers, models
from keras.utils import to_categorical

import keras

keras.utils.set_random_seed(3)
rng = np.random.default_rng(7)
topics = rng.dirichlet(np.full(400, 0.05), size=12)
labels = rng.integers(0, 12, 3000)
lists = [rng.choice(400, size=50, p=0.7 * topics.mean(axis=0) + 0.3 * topics[label]).tolist() for label in labels]
train_data, test_data = lists[:2200], lists[2200:]
train_labels, test_labels = labels[:2200], labels[2200:]
print(len(train_data), len(test_data))


def vectorize_sequences(sequences, dimension=400):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        results[i, sequence] = 1.
    return results


x_train = vectorize_sequences(train_data)
x_test = vectorize_sequences(test_data)


def to_one_hot(labels, dimension=12):
    results = np.zeros((len(labels), dimension))
    for i, label in enumerate(labels):
        results[i, label] = 1.
    return results


one_hot_train_labels = to_one_hot(train_labels)
one_hot_test_labels = to_one_hot(test_labels)
print("same: %d" % np.array_equal(one_hot_train_labels, to_categorical(train_labels)))

model = models.Sequential()
model.add(layers.Dense(64, activation='relu', input_shape=(400,)))
model.add(layers.Dense(64, activation='relu'))
model.add(layers.Dense(12, activation='softmax'))
model.compile(optimizer='rmsprop',
              loss='categorical_crossentropy',
              metrics=['accuracy'])
x_val = x_train[:500]
partial_x_train = x_train[500:]
y_val = one_hot_train_labels[:500]
partial_y_train = one_hot_train_labels[500:]
history = model.fit(partial_x_train,
                    partial_y_train,
                    epochs=8,
                    batch_size=128,
                    validation_data=(x_val, y_val))
loss = history.history['loss']
val_loss = history.history['val_loss']
epochs = range(1, len(loss) + 1)
plt.plot(epochs, loss, 'bo', label='Training loss')
plt.plot(epochs, val_loss, 'b', label='Validation loss')
plt.title('Training and validation loss')
plt.xlabel('Epochs')
plt.ylabel('Loss')
plt.legend()
plt.show()
plt.clf()  # clear figure
acc = history.history['accuracy']
val_acc = history.history['val_accuracy']
plt.plot(epochs, acc, 'bo', label='Training acc')
plt.plot(epochs, val_acc, 'b', label='Validation acc')
plt.legend()
plt.show()

results = model.evaluate(x_test, one_hot_test_labels)
print("accuracy: %.4f" % results[1])
test_labels_copy = copy.copy(test_labels)
np.random.shuffle(test_labels_copy)
hits_array = np.array(test_labels) == np.array(test_labels_copy)
print("random: %.4f" % (float(np.sum(hits_array)) / len(test_labels)))
predictions = model.predict(x_test)
print(predictions[0].shape)
print("sum: %.4f" % np.sum(predictions[0]))
print("first: %d" % np.argmax(predictions[0]))

y_train = np.array(train_labels)
y_test = np.array(test_labels)
model = keras.Sequential([
    layers.Dense(64, activation="relu"),
    layers.Dense(4, activation="relu"),
    layers.Dense(12, activation="softmax")
])
model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(partial_x_train, y_train[500:], epochs=8, batch_size=128, validation_data=(x_val, y_train[:500]), verbose=0)
print("bottleneck: %.4f" % model.evaluate(x_test, y_test, verbose=0)[1])
