"""An autoencoder as a class that tells unusual rows by their error, after the tutorial on electrocardiograms."""
import numpy as np
import tensorflow as tf
from sklearn.metrics import accuracy_score, precision_score, recall_score
from sklearn.model_selection import train_test_split
from tensorflow.keras import layers, losses
from tensorflow.keras.models import Model

tf.random.set_seed(6)
rng = np.random.default_rng(3)
time = np.linspace(0, 1, 140)
normal = np.sin(2 * np.pi * (time + rng.normal(0, 0.02, (1500, 1)))) + rng.normal(0, 0.1, (1500, 140))
unusual = np.sin(3 * np.pi * (time + rng.normal(0, 0.1, (700, 1)))) + rng.normal(0, 0.1, (700, 140))
data, labels = np.vstack([normal, unusual]), np.arange(2200) < 1500
train_data, test_data, train_labels, test_labels = train_test_split(data, labels, test_size=0.2, random_state=21)
min_val = tf.reduce_min(train_data)
max_val = tf.reduce_max(train_data)
train_data = (train_data - min_val) / (max_val - min_val)
test_data = (test_data - min_val) / (max_val - min_val)
train_data = tf.cast(train_data, tf.float32)
test_data = tf.cast(test_data, tf.float32)
train_labels = train_labels.astype(bool)
test_labels = test_labels.astype(bool)
normal_train_data = train_data[train_labels]
normal_test_data = test_data[test_labels]
anomalous_train_data = train_data[~train_labels]
anomalous_test_data = test_data[~test_labels]


class AnomalyDetector(Model):
    def __init__(self):
        super(AnomalyDetector, self).__init__()
        self.encoder = tf.keras.Sequential([
            layers.Dense(32, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(8, activation="relu")])
        self.decoder = tf.keras.Sequential([
            layers.Dense(16, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(140, activation="sigmoid")])

    def call(self, x):
        encoded = self.encoder(x)
        decoded = self.decoder(encoded)
        return decoded


autoencoder = AnomalyDetector()
autoencoder.compile(optimizer='adam', loss='mae')
history = autoencoder.fit(normal_train_data, normal_train_data,
                          epochs=10,
                          batch_size=128,
                          validation_data=(test_data, test_data),
                          shuffle=True, verbose=0)
encoded_data = autoencoder.encoder(normal_test_data).numpy()
decoded_data = autoencoder.decoder(encoded_data).numpy()
print(encoded_data.shape, decoded_data.shape)
reconstructions = autoencoder.predict(normal_train_data)
train_loss = tf.keras.losses.mae(reconstructions, normal_train_data)
print(train_loss.shape)
threshold = np.mean(train_loss) + 3 * np.std(train_loss)
print("Threshold: %.4f" % threshold)


def predict(model, data, threshold):
    reconstructions = model(data)
    loss = tf.keras.losses.mae(reconstructions, data)
    return tf.math.less(loss, threshold)


def print_stats(predictions, labels):
    print("Accuracy = {}".format(accuracy_score(labels, predictions)))
    print("accuracy: %.4f" % accuracy_score(labels, predictions))
    print("precision: %.4f" % precision_score(labels, predictions))
    print("recall: %.4f" % recall_score(labels, predictions))


preds = predict(autoencoder, test_data, threshold)
print_stats(preds, test_labels)
