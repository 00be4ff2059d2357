'''Transfer learning of digits 5 to 9 after 0 to 4, and checkpoints in folders, in the spelling of 2017.'''
from __future__ import print_function

import datetime
import os

import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.datasets import mnist
from keras.layers import Activation, Dense, Dropout, Flatten
from keras.models import Sequential

now = datetime.datetime.now
batch_size = 128
num_classes = 5
epochs = 3
img_rows, img_cols = 28, 28
if K.image_data_format() == 'channels_first':
    input_shape = (1, img_rows, img_cols)
else:
    input_shape = (img_rows, img_cols, 1)


def train_model(model, train, test, num_classes):
    x_train = train[0].reshape((train[0].shape[0],) + input_shape)
    x_test = test[0].reshape((test[0].shape[0],) + input_shape)
    x_train = x_train.astype('float32')
    x_test = x_test.astype('float32')
    x_train /= 255
    x_test /= 255
    print('x_train shape:', x_train.shape)
    print(x_train.shape[0], 'train samples')
    # convert class vectors to binary class matrices
    y_train = keras.utils.to_categorical(train[1], num_classes)
    y_test = keras.utils.to_categorical(test[1], num_classes)
    model.compile(loss='categorical_crossentropy', optimizer='adadelta' if False else keras.optimizers.Adadelta(lr=1.0), metrics=['accuracy'])
    t = now()
    model.fit(x_train, y_train, batch_size=batch_size, nb_epoch=epochs, verbose=2, validation_data=(x_test, y_test))
    print('Training time: %s' % (now() - t).__class__.__name__)
    score = model.evaluate(x_test, y_test, verbose=0)
    return score


(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train, x_test, y_test = x_train[:6000], y_train[:6000], x_test[:2000], y_test[:2000]
# create two datasets one with digits below 5 and one with 5 and above
x_train_lt5 = x_train[y_train < 5]
y_train_lt5 = y_train[y_train < 5]
x_test_lt5 = x_test[y_test < 5]
y_test_lt5 = y_test[y_test < 5]
x_train_gte5 = x_train[y_train >= 5]
y_train_gte5 = y_train[y_train >= 5] - 5
x_test_gte5 = x_test[y_test >= 5]
y_test_gte5 = y_test[y_test >= 5] - 5
feature_layers = [
    Flatten(input_shape=input_shape),
    Dense(64),
    Activation('relu'),
    Dropout(0.25),
]
classification_layers = [
    Dense(128),
    Activation('relu'),
    Dropout(0.5),
    Dense(num_classes),
    Activation('softmax')
]
# create complete model
model = Sequential(feature_layers + classification_layers)
# train model for 5-digit classification [0..4]
score = train_model(model, (x_train_lt5, y_train_lt5), (x_test_lt5, y_test_lt5), num_classes)
print('below: %.4f' % score[1])
# freeze feature layers and rebuild model
for l in feature_layers:
    l.trainable = False
frozen = model.layers[1].get_weights()[0]
# transfer: train dense layers for new classification task [5..9]
score = train_model(model, (x_train_gte5, y_train_gte5), (x_test_gte5, y_test_gte5), num_classes)
print('above: %.4f' % score[1])
print('frozen: %d' % np.array_equal(frozen, model.layers[1].get_weights()[0]))

checkpoint_path = "training_2/cp-{epoch:04d}.ckpt"
checkpoint_dir = os.path.dirname(checkpoint_path)
cp_callback = tf.keras.callbacks.ModelCheckpoint(checkpoint_path, verbose=1, save_weights_only=True, period=2)
model.save_weights(checkpoint_path.format(epoch=0))
x = x_train_gte5.reshape(-1, 28, 28, 1) / 255.
y = keras.utils.to_categorical(y_train_gte5, num_classes)
model.fit(x, y, epochs=4, callbacks=[cp_callback], verbose=0)
latest = tf.train.latest_checkpoint(checkpoint_dir)
print(latest)
fresh = keras.models.clone_model(model)
fresh.load_weights(latest)
fresh.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['acc'])
print('restored: %d' % np.allclose(fresh.predict(x[:5]), model.predict(x[:5])))
model.save('saved_model', save_format='tf')
again = tf.keras.models.load_model('saved_model')
print('saved: %d' % np.allclose(again.predict(x[:5]), model.predict(x[:5])))
get_hidden = K.function([model.layers[0].input], [model.layers[2].output])
print(get_hidden([x[:3]])[0].shape)
get_both = K.function([model.layers[0].input, K.learning_phase()], [model.layers[2].output, model.layers[-1].output])
hidden, output = get_both([x[:3], 0])
print('hidden: %d' % np.array_equal(hidden, get_hidden([x[:3]])[0]))
