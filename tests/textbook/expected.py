"""What each script prints: ``name: number`` with the limits between which it lies, for fastnn and for Keras alike.

The limits hold for any seed; they are wide where a net is small and its training short.
"""

EXPECTED = {
    "batch_normalization": {"accuracy": (0.90, 0.98), "trainable": (84050, 84250)},
    "checkpoints_by_epoch": {"files": (6, 6), "same": (1, 1), "loss": (0.5, 0.75), "accuracy": (0.65, 0.9)},
    "custom_losses": {
        "function": (0.15, 0.5),
        "class": (0.15, 0.5),
        "known": (0.15, 0.5),
        "root": (0.15, 0.5),
        "threshold": (2, 2),
        "lowest": (0, 0),
        "penalty": (-1e-5, 1e-5),
        "mse": (0.05, 0.6),
    },
    "custom_metrics": {
        "precision": (0.5, 0.5), "own": (7, 7), "same": (1, 1), "mean": (-0.01, 0.01), "mae": (1, 10),
    },
    "custom_training": {"train": (0.8, 0.97), "validation": (0.8, 0.95)},
    "functional_autoencoder": {"loss": (0.15, 0.27), "error": (0.02, 0.07)},
    "functional_two_inputs": {"mae": (1.0, 3.5)},
    "housing_kfold": {"best": (1.2, 3.5), "mae": (1.2, 3.5)},
    "imbalanced": {"start": (0.12, 0.25), "auc": (0.85, 1), "recall": (0.6, 1), "agree": (1, 1)},
    "iris_batch_of_one": {"Accuracy": (0.86, 1)},
    "korean_digits": {"Test Accuracy": (0.9, 0.96)},
    "mnist_early_stopping": {"stopped": (1, 1), "fewer": (1, 1), "accuracy": (0.86, 0.94)},
    "mnist_mlp": {"Test loss": (0.15, 0.4), "Test accuracy": (0.89, 0.97)},
    "old_checkpoints": {"files": (2, 30), "best": (0.65, 0.95)},
    "old_dropout": {"accuracy": (0.75, 1), "norm": (0.1, 3.0001)},
    "old_generator": {"acc": (0.7, 1), "val": (0.65, 1), "rows": (50, 50)},
    "old_grid_search": {"Best": (0.65, 0.9)},
    "old_history_plot": {"epochs": (50, 50), "accuracy": (0.6, 0.9)},
    "old_housing_regressor": {"Wider": (-12, -1.5)},
    "old_iris_wrapper": {"Baseline": (85, 100)},
    "old_json_and_weights": {"accuracy": (65, 90), "again": (65, 90)},
    "old_learning_rates": {"timed": (0.7, 1), "stepped": (0.7, 1), "rate": (0.003125, 0.003125), "set": (0.5, 0.5)},
    "old_pima": {"accuracy": (70, 95), "agree": (0.7, 0.95)},
    "old_pima_kfold": {"mean": (65, 85)},
    "old_sonar_pipeline": {"Smaller": (75, 100)},
    "overfit_and_underfit": {"tiny": (0.3, 0.6), "large": (0.3, 0.6), "penalty": (0.02, 0.4)},
    "own_callbacks": {"rows": (1, 1), "batches": (1, 1), "accuracy": (0.95, 1), "test": (0.95, 1)},
    "reviews_multi_hot": {"accuracy": (0.82, 0.97)},
    "save_and_load": {
        "accuracy": (0.7, 1),
        "model": (1, 1),
        "weights": (1, 1),
        "config": (1, 1),
        "further": (0.7, 1),
    },
    "subclassed": {"mae": (1.0, 3.5), "weights": (6, 6)},
    "tape_linear": {"five": (5.0066, 5.0067), "acceleration": (9.8, 9.8)},
    "tape_logistic": {"loss": (0.41445, 0.41455), "accuracy": (0.8333, 0.8333)},
    "tape_naive_dense": {"weights": (4, 4), "accuracy": (0.25, 0.9)},
    "tape_quickstart": {"loss": (0.2, 0.5), "accuracy": (0.84, 0.94)},
    "tf_data": {"accuracy": (0.86, 0.95), "rows": (10000, 10000)},
    "tf_linear": {"five": (-4.05, -3.95)},
    "tf_quickstart": {"accuracy": (0.89, 0.97), "sum": (1, 1)},
    "tf_xor": {"Accuracy": (1, 1)},
    "tf_zoo": {"accuracy": (0.97, 1), "cross entropy": (0, 0.3)},
    "wine_many_epochs": {"epochs": (1, 1), "accuracy": (0.85, 1)},
}

SAME = {
    "checkpoints_by_epoch": [],
    "mnist_early_stopping": [("best", "restored")],
    "old_checkpoints": [("best", "loaded")],
    "old_json_and_weights": [("accuracy", "again")],
    "own_callbacks": [("accuracy", "test")],
    "wine_many_epochs": [("best", "loaded")],
}
"""Pairs that a script prints and that agree: what was kept is what was measured."""

TEXTS = {
    "checkpoints_by_epoch": ["Epoch 1: saving model to 01-0."],
    "custom_metrics": [
        "tf.Tensor(0.8, shape=(), dtype=float32)",
        "['huber', 'huber_fn', 'loss', 'mae', 'mean_pred', 'rmse']",
    ],
    "custom_training": ["Start of epoch 2", "Seen so far: 3264 samples"],
    "functional_two_inputs": ["Connected to", "Total params:", "shape: (3, 1)"],
    "functional_autoencoder": ["images: (10000, 784)", "47/47 - "],
    "housing_kfold": ["predictions: (1,)"],
    "korean_digits": [
        "학습셋 이미지 수 : 60000 개",
        "49 23825325325325325325325325325193 82",
        "[0. 0. 0. 0. 0. 1. 0. 0. 0. 0.]",
        "Total params: 407,050 (1.55 MB)",
        "Epoch 1: val_loss improved from None to 0.",
        "313/313 ━",
    ],
    "mnist_early_stopping": ["Restoring model weights from the end of the best epoch:"],
    "mnist_mlp": ['Model: "sequential"', "Total params: 118,282 (462.04 KB)", "Epoch 4/4", "6000 train samples"],
    "old_checkpoints": ["Epoch 1: val_acc", "saving model to weights-improvement-0"],
    "old_generator": ["Epoch 12/12", "100/100 - ", " - val_acc: 0."],
    "old_history_plot": ["dict_keys(['accuracy', 'loss', 'val_accuracy', 'val_loss'])"],
    "old_json_and_weights": ["Saved model to disk", "Loaded model from disk"],
    "old_pima": ["24/24 ━"],
    "own_callbacks": ["Reached 97% accuracy so cancelling training!", "'accuracy', 'epoch', 'loss'"],
    "reviews_multi_hot": ["['accuracy', 'loss', 'val_accuracy', 'val_loss']", "first: (2, 1)"],
    "save_and_load": ['Model: "sequential"', "dropout (Dropout)"],
    "tape_linear": [
        "first: [ 3.4       6.3       9.200001 12.1      15.      ]",
        "tf.Tensor(45.660004, shape=(), dtype=float32)",
        "   10|    1.1036|    0.0034|  0.206336",
        "   90|    1.0050|   -0.0179|  0.000059",
        "<tf.Variable 'Variable:0' shape=() dtype=float32, numpy=-0.017",
    ],
    "tape_logistic": ["Iter: 0, Loss: 0.6874", "Iter: 300, Loss: 0.5054", "<tf.Variable 'weight:0' shape=(2, 1)"],
    "tape_naive_dense": ["loss at epoch 5: "],
    "tape_quickstart": ["Epoch 2, Loss: 0."],
    "tf_data": ["batch: (500, 28, 28) (500,)", "94/94 - "],
    "tf_linear": ["Total params: 2 (8.00 B)"],
    "tf_quickstart": ["TensorFlow version: 2", "188/188 ━", "shape: (5, 10)", "313/313 - "],
    "tf_zoo": ["one_hot: (101, 7)"],
    "wine_many_epochs": ["columns: ['accuracy', 'loss', 'val_accuracy', 'val_loss']"],
}
"""What the output contains besides."""

OLD = {
    "old_checkpoints": {"nb_epoch", "monitor='val_acc'", "the log 'val_acc'"},
    "old_dropout": {"Dropout(p=", "Dense(output_dim=", "Dense(init=", "Dense(W_constraint=", "SGD(lr=...)"},
    "old_generator": {"fit_generator", "evaluate_generator", "predict_generator"},
    "old_history_plot": {"the log 'acc'", "the log 'val_acc'"},
    "old_housing_regressor": {"keras.wrappers.scikit_learn", "Dense(init=...)", "nb_epoch=..."},
    "old_grid_search": {"keras.wrappers.scikit_learn"},
    "old_iris_wrapper": {"keras.wrappers.scikit_learn"},
    "old_learning_rates": {"SGD(lr=...)", "SGD(decay=...)", "optimizer.lr"},
    "old_pima": {"Dense(init=...)", "fit(nb_epoch=...)", "predict_classes"},
    "old_sonar_pipeline": {"keras.layers.core", "keras.wrappers.scikit_learn"},
    "tf_linear": {"SGD(lr=...)"},
}
"""Old spellings that are warned of, each once; the scripts that use them do not run under Keras 3."""

KERAS_REFUSES = {
    name for name in EXPECTED if name.startswith("old_") and name not in ("old_pima_kfold",)
} | {"tf_linear"}
"""Scripts that Keras 3 does not accept."""


def numbers(output):
    """The numbers that a script printed as ``name: number``, the last of each name."""
    import re

    found = re.findall(r"^ *([A-Za-z][\w ]*): (-?\d+(?:\.\d+)?(?:e-?\d+)?)", output, re.MULTILINE)
    return {name: float(value) for name, value in found}
