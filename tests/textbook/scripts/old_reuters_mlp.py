'''Trains and evaluates a simple MLP on newswires, with Keras 2's Tokenizer.'''
from __future__ import print_function

import keras
import numpy as np
from keras.layers import Activation, Dense, Dropout
from keras.models import Sequential
from keras.preprocessing.text import Tokenizer

max_words = 400
batch_size = 32
epochs = 4
print('Loading data...')
rng = np.random.default_rng(7)
np.random.seed(1)
topics = rng.dirichlet(np.full(500, 0.05), size=8)
labels = rng.integers(0, 8, 2000)
lists = [rng.choice(500, size=50, p=0.7 * topics.mean(axis=0) + 0.3 * topics[label]).tolist() for label in labels]
(x_train, y_train), (x_test, y_test) = (lists[:1600], labels[:1600]), (lists[1600:], labels[1600:])
print(len(x_train), 'train sequences')
print(len(x_test), 'test sequences')
num_classes = np.max(y_train) + 1
print(num_classes, 'classes')
print('Vectorizing sequence data...')
tokenizer = Tokenizer(num_words=max_words)
x_train = tokenizer.sequences_to_matrix(x_train, mode='binary')
x_test = tokenizer.sequences_to_matrix(x_test, mode='binary')
print('x_train shape:', x_train.shape)
print('Convert class vector to binary class matrix (for use with categorical_crossentropy)')
y_train = keras.utils.to_categorical(y_train, num_classes)
y_test = keras.utils.to_categorical(y_test, num_classes)
print('y_train shape:', y_train.shape)
print('Building model...')
model = Sequential()
model.add(Dense(512, input_shape=(max_words,)))
model.add(Activation('relu'))
model.add(Dropout(0.5))
model.add(Dense(num_classes))
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy',
              optimizer='adam',
              metrics=['accuracy'])
history = model.fit(x_train, y_train,
                    batch_size=batch_size,
                    nb_epoch=epochs,
                    verbose=1,
                    validation_split=0.1)
score = model.evaluate(x_test, y_test,
                       batch_size=batch_size, verbose=1)
print('Test score: %.4f' % score[0])
print('Test accuracy: %.4f' % score[1])
tokenizer = Tokenizer(num_words=20)
samples = ['The cat sat on the mat.', 'The dog ate my homework.']
tokenizer.fit_on_texts(samples)
sequences = tokenizer.texts_to_sequences(samples)
one_hot_results = tokenizer.texts_to_matrix(samples, mode='binary')
word_index = tokenizer.word_index
print('Found %s unique tokens.' % len(word_index))
print(sequences, one_hot_results.sum())
