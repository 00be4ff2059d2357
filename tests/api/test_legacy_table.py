"""Every old spelling that is promised works, and warns once: a row for each."""

import re
import sys
import warnings

import pytest

from fastnn import legacy

SETUP = """
import numpy as np
import tensorflow as tf
import keras
from keras.models import Sequential
from keras.layers import Dense, Dropout, Flatten, LeakyReLU, BatchNormalization
from keras.optimizers import SGD, Adam, RMSprop, Nadam, Adagrad
from keras.callbacks import ModelCheckpoint
from keras import backend as K
X = np.arange(24, dtype="float32").reshape(8, 3) / 24
Y = np.array([0, 1] * 4)
def build(optimizer="sgd", **options):
    model = Sequential([keras.Input((3,)), Dense(1, activation="sigmoid")])
    model.compile(optimizer, "binary_crossentropy", **options)
    return model
"""

TABLE = [  # (statement, what is warned of; None where the spelling is silent)
    ("build(SGD(lr=0.1))", r"SGD\(lr="),
    ("build(Adam(lr=0.1))", r"Adam\(lr="),
    ("build(RMSprop(lr=0.1))", r"RMSprop\(lr="),
    ("build(Nadam(lr=0.1))", r"Nadam\(lr="),
    ("build(SGD(learning_rate=1)); build(SGD(np.float64(0.1)))", None),
    ("assert SGD(0.1, decay=1e-6).decay == 1e-6", r"SGD\(decay="),
    ("assert Adam(epsilon=None).epsilon == 1e-7", r"Adam\(epsilon=None"),
    ("assert abs(build(SGD(0.2)).optimizer.lr - 0.2) < 1e-9", "optimizer.lr"),
    ("o = build(SGD(0.2)).optimizer; K.set_value(o.lr, 0.5); assert K.get_value(o.lr) == 0.5", "optimizer.lr"),
    ("Sequential([Dense(10, input_dim=8)])", None),
    ("Sequential([Dense(10, input_shape=(8,))]); Sequential([Flatten(input_shape=(2, 4))])", None),
    ("build(metrics='accuracy').fit(X, Y, verbose=0)", None),
    ("h = build(metrics=['acc']).fit(X, Y, verbose=0).history; assert h['acc']", None),
    ("h = build(metrics=['accuracy']).fit(X, Y, validation_split=0.5, verbose=0).history; h['acc']", "'acc'"),
    ("h = build(metrics=['accuracy']).fit(X, Y, validation_split=0.5, verbose=0).history; h['val_acc']", "'val_acc'"),
    ("build().fit(X, Y, verbose=0, callbacks=[ModelCheckpoint('x.hdf5')])", "hdf5"),
    ("build().fit(X, Y, verbose=0, callbacks=[ModelCheckpoint('x.keras', period=1)])", "period"),
    ("assert LeakyReLU(alpha=0.2).negative_slope == 0.2", "alpha="),
    ("assert Dropout(p=0.2).rate == 0.2", r"Dropout\(p="),
    ("assert Dense(output_dim=3).units == 3", "output_dim="),
    ("Dense(3, init='uniform')", "init="),
    ("build().fit(X, Y, nb_epoch=1, verbose=0)", "nb_epoch"),
    ("assert build().predict_classes(X).shape == (8, 1)", "predict_classes"),
    ("assert build().predict_proba(X).shape == (8, 1)", "predict_proba"),
    ("build().fit_generator(((X, Y) for _ in range(2)), steps_per_epoch=2, verbose=0)", "fit_generator"),
    ("from keras.layers.core import Dense", "keras.layers.core"),
    ("from keras.utils.np_utils import to_categorical", "keras.utils.np_utils"),
    ("from keras.utils import np_utils", "keras.utils.np_utils"),
    ("from keras.utils.vis_utils import plot_model", "keras.utils.vis_utils"),
    ("from keras.wrappers.scikit_learn import KerasClassifier", "keras.wrappers.scikit_learn"),
    ("from keras.models import Model; i = keras.Input((3,)); Model(input=i, outputs=Dense(1)(i))", r"Model\(input="),
    ("build().fit(X, Y, verbose=0, workers=2)", r"fit\(workers="),
    ("build().predict(X, verbose=0, max_queue_size=2)", r"predict\(max_queue_size="),
    ("keras.utils.to_categorical(Y, nb_classes=2)", r"to_categorical\(nb_classes="),
    ("from keras.models import model_from_yaml as m; assert len(m(build().to_yaml()).layers) == 1", "model_from_yaml"),
    ("from keras.optimizers import adam_v2; build(adam_v2.Adam(0.1))", "keras.optimizers.adam_v2"),
    ("from tensorflow.python.keras.optimizer_v2.gradient_descent import SGD", "optimizer_v2.gradient_descent"),
    ("from keras.layers import ThresholdedReLU; assert ThresholdedReLU(theta=0.5).threshold == 0.5", "ThresholdedReLU"),
    ("from tensorflow import set_random_seed; set_random_seed(2)", "tf.set_random_seed"),
    ("tf.logging.set_verbosity(tf.logging.ERROR)", "tf.logging"),
    ("build(tf.train.GradientDescentOptimizer(0.1))", "tf.train.GradientDescentOptimizer"),
    ("from keras.preprocessing.text import Tokenizer; from scikeras.wrappers import KerasClassifier", None),
    ("tf.compat.v1.disable_eager_execution(); tf.autograph.set_verbosity(0); tf.data.experimental.AUTOTUNE", None),
    ("build(metrics=['cosine']).fit(X, Y, verbose=0)", None),
    ("assert keras.Input((3,)).get_shape().as_list() == [None, 3]; tf.TensorShape([2, 3]).as_list()", None),
    ("tf.random.set_seed(1); tf.compat.v1.set_random_seed(1)", None),
    ("tf.config.experimental.enable_op_determinism()", None),
    ("tf.constant(1.0); tf.convert_to_tensor([1]); tf.argmax([1, 2]); tf.optimizers.SGD(0.1)", None),
    ("tf.model = tf.keras.Sequential(); tf.model.add(tf.keras.layers.Dense(units=1, input_dim=2))", None),
    ("Sequential([Dense(1, input_dim=1)]).compile('sgd', 'mse')", None),
    ("m = Sequential([Dense(1, input_dim=1)]); m.compile('sgd', 'mse'); m.fit([1, 2, 3], [0, 1, 2], verbose=0)", None),
]


@pytest.mark.parametrize(("statement", "warns"), TABLE, ids=[statement[:50] for statement, _ in TABLE])
def test_row(statement, warns, tmp_path, monkeypatch):
    from fastnn import as_keras

    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in as_keras.ROOTS}
    monkeypatch.setattr(legacy, "_warned", set())
    monkeypatch.chdir(tmp_path)
    as_keras.install()
    try:
        names = {"__name__": "script"}
        exec(SETUP, names)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            exec(statement, names)
            exec(statement, names)
        old = [str(w.message) for w in caught if issubclass(w.category, DeprecationWarning)]
        if warns is None:
            assert old == []
        else:
            found = [text for text in old if re.search(warns, text)]
            assert len(found) == 1, old
    finally:
        as_keras.uninstall()
        sys.modules.update(hidden)
