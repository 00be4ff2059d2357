# Batches from a generator.
import numpy as np
from keras.layers import Dense
from keras.models import Sequential

np.random.seed(3)


def generate(batch_size=32):
    while True:
        x = np.random.uniform(-1, 1, (batch_size, 2))
        yield x, (x[:, 0] * x[:, 1] > 0).astype("float32")


model = Sequential([Dense(24, input_dim=2, activation="tanh"), Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["acc"])
history = model.fit_generator(
    generate(), steps_per_epoch=100, epochs=12, verbose=2, validation_data=generate(), validation_steps=10
)
loss, acc = model.evaluate_generator(generate(), steps=20)
print("acc: %.4f" % acc)
print("val: %.4f" % history.history["val_acc"][-1])
print("rows: %d" % len(model.predict_generator(generate(10), steps=5)))
