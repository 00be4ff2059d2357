"""Few positives: a first bias, weights of classes, and the metrics that tell more than accuracy."""
import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

keras.utils.set_random_seed(13)
rng = np.random.default_rng(13)
labels = (rng.random(8000) < 0.04).astype(int)
features = rng.normal(size=(8000, 10)) + labels[:, None] * np.linspace(0.2, 1.1, 10)
train_x, test_x, train_y, test_y = train_test_split(features, labels, test_size=0.25, random_state=1, stratify=labels)
scaler = StandardScaler()
train_x, test_x = scaler.fit_transform(train_x), scaler.transform(test_x)
neg, pos = np.bincount(train_y)
METRICS = [
    keras.metrics.TruePositives(name="tp"),
    keras.metrics.FalsePositives(name="fp"),
    keras.metrics.BinaryAccuracy(name="accuracy"),
    keras.metrics.Precision(name="precision"),
    keras.metrics.Recall(name="recall"),
    keras.metrics.AUC(name="auc"),
]
model = keras.Sequential([
    keras.layers.Dense(16, activation="relu", input_shape=(10,)),
    keras.layers.Dropout(0.5),
    keras.layers.Dense(1, activation="sigmoid", bias_initializer=keras.initializers.Constant(np.log([pos / neg])[0])),
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3), loss=keras.losses.BinaryCrossentropy(), metrics=METRICS)
print("start: %.4f" % model.evaluate(test_x, test_y, verbose=0)[0])
weight = {0: (1 / neg) * (neg + pos) / 2.0, 1: (1 / pos) * (neg + pos) / 2.0}
stop = keras.callbacks.EarlyStopping(monitor="val_auc", patience=10, mode="max", restore_best_weights=True)
model.fit(train_x, train_y, batch_size=256, epochs=20, callbacks=[stop], validation_data=(test_x, test_y), class_weight=weight, verbose=0)
results = dict(zip(["loss"] + [metric.name for metric in METRICS], model.evaluate(test_x, test_y, verbose=0)))
matrix = confusion_matrix(test_y, model.predict(test_x, verbose=0) > 0.5)
print("auc: %.4f" % results["auc"])
print("recall: %.4f" % results["recall"])
print("agree: %d" % (matrix[1, 1] == results["tp"]))
