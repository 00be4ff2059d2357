"""Write ``saved/format_1.fastnn``, the file that all later versions must read, and what it predicts.

Run once for each version of the format, with the fastnn that introduces it; the files are never written again.
"""

import json
import pathlib

import numpy as np

import fastnn
from fastnn import layers

FOLDER = pathlib.Path(__file__).with_name("saved")


def main():
    fastnn.utils.set_random_seed(1)
    model = fastnn.Sequential(
        [fastnn.Input((4,)), layers.Dense(6, "relu"), layers.Dropout(0.25), layers.Dense(3, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4)
    model.fit(x, np.arange(10) % 3, batch_size=4, epochs=2, verbose=0)
    model.save(FOLDER / "format_1.fastnn")
    predicted = model.predict(np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4), verbose=0)
    expected = {
        "predictions": [value.hex() for value in predicted.ravel().tolist()],
        "iterations": model.optimizer.iterations,
    }
    (FOLDER / "format_1.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
