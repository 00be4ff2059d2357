# Chapters 13 and 14 of another book: tf.data, build, a linear model by hand, XOR, layers of one's own.
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

tf.random.set_seed(1)
np.random.seed(1)
a = np.array([1, 2, 3], dtype=np.int32)
b = [4, 5, 6]
t_a = tf.convert_to_tensor(a)
t_b = tf.convert_to_tensor(b)
print(t_a)
t_ones = tf.ones((2, 3))
print(t_ones.shape, t_ones.numpy().sum())
t = tf.random.uniform(shape=(3, 5))
t_tr = tf.transpose(t)
print(t.shape, ' --> ', t_tr.shape)
ds = tf.data.Dataset.from_tensor_slices([1.2, 3.4, 7.5, 4.1, 5.0, 1.0])
ds_batch = ds.batch(3)
for i, elem in enumerate(ds_batch, 1):
    print('batch {}:'.format(i), elem.numpy())
ds = tf.data.Dataset.range(5).map(lambda x: x * 2)
print([int(x) for x in ds])

X_train = np.arange(10).reshape((10, 1))
y_train = np.array([1.0, 1.3, 3.1, 2.0, 5.0, 6.3, 6.6, 7.4, 8.0, 9.0])
X_train_norm = (X_train - np.mean(X_train)) / np.std(X_train)
ds_train_orig = tf.data.Dataset.from_tensor_slices(
    (tf.cast(X_train_norm, tf.float32), tf.cast(y_train, tf.float32)))


class MyModel(tf.keras.Model):
    def __init__(self):
        super(MyModel, self).__init__()
        self.w = tf.Variable(0.0, name='weight')
        self.b = tf.Variable(0.0, name='bias')

    def call(self, x):
        return self.w * x + self.b


model = MyModel()


def loss_fn(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true - y_pred))


def train(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        current_loss = loss_fn(model.call(inputs), outputs)
    dW, db = tape.gradient(current_loss, [model.w, model.b])
    model.w.assign_sub(learning_rate * dW)
    model.b.assign_sub(learning_rate * db)


ds_train = ds_train_orig.shuffle(buffer_size=len(y_train))
ds_train = ds_train.repeat(count=None)
ds_train = ds_train.batch(1)
Ws, bs = [], []
for i, batch in enumerate(ds_train):
    if i >= 10 * 40:
        # break the infinite loop
        break
    Ws.append(model.w.numpy())
    bs.append(model.b.numpy())
    bx, by = batch
    train(model, bx, by, learning_rate=0.01)
print('Final Parameters: %.4f' % model.w.numpy())
plt.plot(Ws)
plt.plot(bs)
plt.close()

# XOR
x = np.random.uniform(low=-1, high=1, size=(200, 2))
y = np.ones(len(x))
y[x[:, 0] * x[:, 1] < 0] = 0
x_train, y_train, x_valid, y_valid = x[:100, :], y[:100], x[100:, :], y[100:]
model = tf.keras.Sequential()
model.add(tf.keras.layers.Dense(units=1, input_shape=(2,), activation='sigmoid'))
model.summary()
model.compile(optimizer=tf.keras.optimizers.SGD(),
              loss=tf.keras.losses.BinaryCrossentropy(),
              metrics=[tf.keras.metrics.BinaryAccuracy()])
hist = model.fit(x_train, y_train, validation_data=(x_valid, y_valid), epochs=50, batch_size=2, verbose=0)
print("one unit: %.4f" % hist.history['val_binary_accuracy'][-1])


class Net(tf.keras.Model):
    def __init__(self):
        super(Net, self).__init__()
        self.hidden_1 = tf.keras.layers.Dense(units=4, activation='relu')
        self.hidden_2 = tf.keras.layers.Dense(units=4, activation='relu')
        self.hidden_3 = tf.keras.layers.Dense(units=4, activation='relu')
        self.output_layer = tf.keras.layers.Dense(units=1, activation='sigmoid')

    def call(self, inputs):
        h = self.hidden_1(inputs)
        h = self.hidden_2(h)
        h = self.hidden_3(h)
        return self.output_layer(h)


tf.random.set_seed(1)
model = Net()
model.build(input_shape=(None, 2))
model.summary()
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.01),
              loss=tf.keras.losses.BinaryCrossentropy(),
              metrics=[tf.keras.metrics.BinaryAccuracy()])
hist = model.fit(x_train, y_train, validation_data=(x_valid, y_valid), epochs=100, batch_size=2, verbose=0)
history = hist.history
print("three layers: %.4f" % history['val_binary_accuracy'][-1])


class OwnLinear(tf.keras.layers.Layer):
    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super(OwnLinear, self).__init__(**kwargs)

    def build(self, input_shape):
        self.w = self.add_weight(name='weights',
                                 shape=(input_shape[1], self.output_dim),
                                 initializer='random_normal',
                                 trainable=True)
        self.b = self.add_weight(shape=(self.output_dim,),
                                 initializer='zeros',
                                 trainable=True)

    def call(self, inputs, training=False):
        z = tf.matmul(inputs, self.w) + self.b
        return tf.keras.activations.relu(z)

    def get_config(self):
        config = super(OwnLinear, self).get_config()
        config.update({'output_dim': self.output_dim})
        return config


layer = OwnLinear(4)
layer.build(input_shape=(None, 4))
x1 = tf.zeros(shape=(1, 4))
print(layer(x1, training=True).shape)
# re-building from config:
config = layer.get_config()
new_layer = OwnLinear.from_config(config)
print(new_layer(x1).shape)
model = tf.keras.Sequential([
    OwnLinear(4, input_shape=(2,)),
    tf.keras.layers.Dense(units=4, activation='relu'),
    tf.keras.layers.Dense(units=4, activation='relu'),
    tf.keras.layers.Dense(units=1, activation='sigmoid')])
model.summary()
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.01),
              loss=tf.keras.losses.BinaryCrossentropy(),
              metrics=[tf.keras.metrics.BinaryAccuracy()])
hist = model.fit(x_train, y_train, validation_data=(x_valid, y_valid), epochs=100, batch_size=2, verbose=0)
print("own layer: %.4f" % hist.history['val_binary_accuracy'][-1])

# Functional
inputs = tf.keras.Input(shape=(2,))
h1 = tf.keras.layers.Dense(units=4, activation='relu')(inputs)
h2 = tf.keras.layers.Dense(units=4, activation='relu')(h1)
outputs = tf.keras.layers.Dense(units=1, activation='sigmoid')(h2)
model = tf.keras.Model(inputs=inputs, outputs=outputs)
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.01), loss=tf.keras.losses.BinaryCrossentropy(),
              metrics=[tf.keras.metrics.BinaryAccuracy()])
training = tf.data.Dataset.from_tensor_slices((x_train.astype("float32"), y_train)).shuffle(100).repeat().batch(batch_size=2).prefetch(buffer_size=1000)
history = model.fit(training, epochs=100, steps_per_epoch=50, verbose=0)
print("functional: %.4f" % history.history['binary_accuracy'][-1])
model.save('xor-classifier.keras', overwrite=True, include_optimizer=True)
model_new = tf.keras.models.load_model('xor-classifier.keras')
results = model_new.evaluate(x_valid, y_valid, verbose=0)
print('Test loss: {:.4f}   Test Acc.: {:.4f}'.format(*results))
print("loaded: %.4f" % results[1])
