# Classifying movie reviews, after section 3.4 of the first edition: optimizers, losses and metrics as objects.
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, losses, metrics, models, optimizers, regularizers
from keras import backend as K

np.random.seed(1)
rng = np.random.default_rng(8)
word_index = {"word%d" % i: i for i in range(1, 400)}
good, bad = rng.dirichlet(np.full(400, 0.3)), rng.dirichlet(np.full(400, 0.3))
train_labels = rng.integers(0, 2, 1500)
train_data = [rng.choice(400, size=50, p=0.4 * (good + bad) + 0.2 * (good if label else bad)).tolist() for label in train_labels]
print("largest: %d" % max([max(sequence) for sequence in train_data]))
reverse_word_index = dict([(value, key) for (key, value) in word_index.items()])
decoded_review = ' '.join([reverse_word_index.get(i - 3, '?') for i in train_data[0]])


def vectorize_sequences(sequences, dimension=400):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        results[i, sequence] = 1.
    return results


x_train = vectorize_sequences(train_data)
y_train = np.asarray(train_labels).astype('float32')
x_test, y_test = x_train[1000:], y_train[1000:]
x_val, partial_x_train = x_train[:300], x_train[300:1000]
y_val, partial_y_train = y_train[:300], y_train[300:1000]


def build(units=16, **options):
    model = models.Sequential()
    model.add(layers.Dense(units, activation='relu', input_shape=(400,), **options))
    model.add(layers.Dense(units, activation='relu', **options))
    model.add(layers.Dense(1, activation='sigmoid'))
    return model


model = build()
model.compile(optimizer=optimizers.RMSprop(learning_rate=0.001),
              loss=losses.binary_crossentropy,
              metrics=[metrics.binary_accuracy])
history = model.fit(partial_x_train, partial_y_train, epochs=10, batch_size=64, validation_data=(x_val, y_val), verbose=0)
history_dict = history.history
print(history_dict.keys())
acc = history_dict['binary_accuracy']
epochs = range(1, len(acc) + 1)
plt.plot(epochs, history_dict['loss'], 'bo', label='Training loss')
plt.plot(epochs, history_dict['val_loss'], 'b', label='Validation loss')
plt.legend()
plt.savefig("loss.png")
print("accuracy: %.4f" % model.evaluate(x_test, y_test, verbose=0)[1])
print(model.predict(x_test[0:2]).shape)
K.clear_session()

for name, regularizer in (("l1", regularizers.l1(0.001)), ("l2", regularizers.l2(0.001)), ("l1_l2", regularizers.l1_l2(l1=0.001, l2=0.001))):
    model = build(kernel_regularizer=regularizer)
    model.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['acc'])
    history = model.fit(partial_x_train, partial_y_train, epochs=10, batch_size=64, validation_data=(x_val, y_val), verbose=0)
    print("%s: %.4f" % (name, history.history['val_acc'][-1]))

dpt_model = models.Sequential()
dpt_model.add(layers.Dense(16, activation='relu', input_shape=(400,)))
dpt_model.add(layers.Dropout(0.5))
dpt_model.add(layers.Dense(16, activation='relu'))
dpt_model.add(layers.Dropout(0.5))
dpt_model.add(layers.Dense(1, activation='sigmoid'))
dpt_model.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['acc'])
dpt_model_hist = dpt_model.fit(partial_x_train, partial_y_train, epochs=10, batch_size=64, validation_data=(x_val, y_val), verbose=0)
print("dropout: %.4f" % dpt_model_hist.history['val_acc'][-1])
for units in (4, 128):
    model = build(units)
    model.compile(optimizer=optimizers.RMSprop(learning_rate=0.001), loss='mse', metrics=['accuracy'])
    history = model.fit(partial_x_train, partial_y_train, epochs=10, batch_size=64, validation_split=0.3, verbose=0)
    print("%d units: %.4f" % (units, history.history['val_accuracy'][-1]))
