"""Wine: thousands of epochs on a table of pandas, the best model kept in a file, and early stopping."""
import os

import pandas as pd
import tensorflow as tf
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential, load_model

tf.keras.utils.set_random_seed(3)
df = pd.read_csv("wine.csv", header=None)
df = df.sample(frac=1, random_state=0)
X = df.iloc[:, 0:12]
y = df.iloc[:, 12]
model = Sequential()
model.add(Dense(30, input_dim=12, activation="relu"))
model.add(Dense(12, activation="relu"))
model.add(Dense(8, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
os.makedirs("./data/model", exist_ok=True)
checkpointer = ModelCheckpoint(filepath="./data/model/best.keras", monitor="val_loss", verbose=0, save_best_only=True)
early = EarlyStopping(monitor="val_loss", patience=300)
history = model.fit(
    X, y, epochs=2000, batch_size=500, validation_split=0.25, verbose=0, callbacks=[early, checkpointer]
)
print("epochs: %d" % (len(history.epoch) > 300))
hist_df = pd.DataFrame(history.history)
print("columns:", list(hist_df.columns))
best = load_model("./data/model/best.keras")
print("best: %.5f" % hist_df["val_loss"].min())
print("loaded: %.5f" % best.evaluate(X[450:], y[450:], verbose=0)[0])
print("accuracy: %.4f" % best.evaluate(X, y, verbose=0)[1])
