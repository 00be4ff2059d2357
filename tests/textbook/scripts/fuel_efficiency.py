"""Basic regression: predict fuel efficiency, with a table of one's own."""
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

# Make NumPy printouts easier to read.
np.set_printoptions(precision=3, suppress=True)
print(tf.__version__[:1])
tf.random.set_seed(12)
rng = np.random.default_rng(9)
cylinders = rng.choice([4, 6, 8], 398)
horsepower = (cylinders * 18 + rng.normal(10, 12, 398)).round(1)
weight = (cylinders * 420 + rng.normal(700, 250, 398)).round()
year = rng.integers(70, 83, 398)
origin = rng.choice([1, 2, 3], 398)
mpg = 45 - horsepower / 12 - weight / 250 + 0.7 * (year - 76) + (origin - 2) + rng.normal(0, 1.5, 398)
raw_dataset = pd.DataFrame({"MPG": mpg.round(1), "Cylinders": cylinders, "Horsepower": horsepower, "Weight": weight,
                            "Model Year": year, "Origin": origin})
raw_dataset.loc[[5, 60], "Horsepower"] = np.nan
dataset = raw_dataset.copy()
print("missing: %d" % dataset.isna().sum().sum())
dataset = dataset.dropna()
dataset['Origin'] = dataset['Origin'].map({1: 'USA', 2: 'Europe', 3: 'Japan'})
dataset = pd.get_dummies(dataset, columns=['Origin'], prefix='', prefix_sep='')
train_dataset = dataset.sample(frac=0.8, random_state=0)
test_dataset = dataset.drop(train_dataset.index)
train_features = train_dataset.copy()
test_features = test_dataset.copy()
train_labels = train_features.pop('MPG')
test_labels = test_features.pop('MPG')
train_features, test_features = train_features.astype("float32"), test_features.astype("float32")

normalizer = tf.keras.layers.Normalization(axis=-1)
normalizer.adapt(np.array(train_features))
print(normalizer.mean.numpy().shape)
first = np.array(train_features[:1])
with np.printoptions(precision=2, suppress=True):
    print('First example:', first.shape)
    print('Normalized:', normalizer(first).numpy().shape)

horsepower = np.array(train_features['Horsepower'])
horsepower_normalizer = layers.Normalization(input_shape=[1,], axis=None)
horsepower_normalizer.adapt(horsepower)
horsepower_model = tf.keras.Sequential([
    horsepower_normalizer,
    layers.Dense(units=1)
])
horsepower_model.summary()
print(horsepower_model.predict(horsepower[:10]).shape)
horsepower_model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=0.1),
    loss='mean_absolute_error')
history = horsepower_model.fit(
    train_features['Horsepower'],
    train_labels,
    epochs=60,
    # Suppress logging.
    verbose=0,
    # Calculate validation results on 20% of the training data.
    validation_split=0.2)
hist = pd.DataFrame(history.history)
hist['epoch'] = history.epoch
print(hist.tail().shape)


def plot_loss(history):
    plt.plot(history.history['loss'], label='loss')
    plt.plot(history.history['val_loss'], label='val_loss')
    plt.ylim([0, 10])
    plt.xlabel('Epoch')
    plt.ylabel('Error [MPG]')
    plt.legend()
    plt.grid(True)


plot_loss(history)
test_results = {}
test_results['horsepower_model'] = horsepower_model.evaluate(
    test_features['Horsepower'],
    test_labels, verbose=0)
x = tf.linspace(0.0, 250, 251)
y = horsepower_model.predict(x)
print(y.shape)

linear_model = tf.keras.Sequential([
    normalizer,
    layers.Dense(units=1)
])
print(linear_model.predict(train_features[:10]).shape)
print(tuple(linear_model.layers[1].kernel.shape))
linear_model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=0.1),
    loss='mean_absolute_error')
history = linear_model.fit(train_features, train_labels, epochs=60, verbose=0, validation_split=0.2)
test_results['linear_model'] = linear_model.evaluate(test_features, test_labels, verbose=0)


def build_and_compile_model(norm):
    model = keras.Sequential([
        norm,
        layers.Dense(64, activation='relu'),
        layers.Dense(64, activation='relu'),
        layers.Dense(1)
    ])
    model.compile(loss='mean_absolute_error', optimizer=tf.keras.optimizers.Adam(0.001))
    return model


dnn_model = build_and_compile_model(normalizer)
history = dnn_model.fit(train_features, train_labels, validation_split=0.2, verbose=0, epochs=60)
test_results['dnn_model'] = dnn_model.evaluate(test_features, test_labels, verbose=0)
print(pd.DataFrame(test_results, index=['Mean absolute error [MPG]']).T.shape)
for name, value in test_results.items():
    print("%s: %.4f" % (name, value))
test_predictions = dnn_model.predict(test_features).flatten()
error = test_predictions - test_labels
plt.hist(error, bins=25)
dnn_model.save('dnn_model.keras')
reloaded = tf.keras.models.load_model('dnn_model.keras')
test_results['reloaded'] = reloaded.evaluate(test_features, test_labels, verbose=0)
print("reloaded: %.4f" % test_results['reloaded'])
