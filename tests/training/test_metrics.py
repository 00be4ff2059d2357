"""Metrics against the values of Keras (tests/golden/make_metrics.py), and while a model is trained."""

import json
import pathlib

import make_metrics as MAKER
import numpy as np
import pytest

import fastnn
from fastnn import Sequential, layers, metrics
from fastnn.callbacks import LambdaCallback

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "metrics.json").read_text())["metrics"]
TOLERANCES = {"float64": {"rtol": 1e-6, "atol": 1e-7}, "float32": {"rtol": 2e-6, "atol": 1e-6}}
"""Keras takes epsilon, thresholds and some sums in float32 whatever the metric's dtype."""


def test_golden_file_has_all_cases():
    assert [(case["name"], case["options"], case["data"]) for case in GOLDEN] == list(MAKER.cases())


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['name']} {case['options']}")
def test_results_are_those_of_keras(case):
    metric = getattr(metrics, case["name"])(**case["options"], dtype=case["dtype"])
    for got, expected in zip(MAKER.play(metric, case["data"], case["dtype"]), case["seen"], strict=True):
        np.testing.assert_allclose(got, expected, **TOLERANCES[case["dtype"]])


def data():
    g = np.random.default_rng(3)
    x = g.standard_normal((150, 4)).astype("float32")
    return x, (x.sum(axis=1) > 0).astype(int), g.uniform(0, 2, 150).astype("float32")


MEASURED = ["acc", "mse", "RootMeanSquaredError", "Precision", "Recall", "AUC", "F1Score", "R2Score"]
MEASURED += ["cosine_similarity"]


def test_metrics_of_a_model_are_those_of_its_outputs(backend):
    """Natively, or from the outputs: each metric is what it makes of the predictions, with weights and without."""
    x, y, w = data()
    model = Sequential([layers.Dense(8, "tanh"), layers.Dense(1, "sigmoid")])
    weighted = [metrics.BinaryAccuracy(name="wa"), metrics.Precision(name="wp"), metrics.MeanAbsoluteError(name="wm")]
    model.compile("adam", "bce", metrics=MEASURED, weighted_metrics=weighted)
    model.fit(x, y, epochs=3, verbose=0, sample_weight=w)
    logs = model.evaluate(x, y, sample_weight=w, verbose=0, return_dict=True)
    assert list(logs) == sorted(["loss", *MEASURED, "wa", "wp", "wm"])
    p, t = model.predict(x, verbose=0), y[:, np.newaxis]
    for name in MEASURED:
        metric = metrics.BinaryAccuracy() if name == "acc" else metrics.get(name)
        metric.update_state(t, p)
        assert logs[name] == pytest.approx(float(np.asarray(metric.result()).reshape(-1)[0]), rel=2e-5), name
    for metric in weighted:
        fresh = type(metric)()
        fresh.update_state(t, p, sample_weight=w)
        assert logs[metric.name] == pytest.approx(float(fresh.result()), rel=2e-5)
    assert logs["wa"] != pytest.approx(logs["acc"], rel=1e-6)


def test_metrics_of_an_epoch_do_not_depend_on_its_cuts(backend):
    """Fed with whole slices or with single batches: the same numbers, and the same weights of the model."""
    x, y, w = data()
    seen = []
    for callbacks in ([], [LambdaCallback(on_train_batch_end=lambda batch, logs: None)]):
        fastnn.utils.set_random_seed(5)
        model = Sequential([layers.Dense(8, "tanh"), layers.Dense(1, "sigmoid")])
        measured = [metrics.AUC(name="auc"), metrics.R2Score(), "acc"]
        model.compile("adam", "bce", metrics=measured, weighted_metrics=[metrics.Recall(name="recall")])
        history = model.fit(x, y, epochs=2, batch_size=16, verbose=0, sample_weight=w, callbacks=callbacks)
        seen.append((history.history, model.get_weights()))
    assert seen[0][0] == seen[1][0]
    for a, b in zip(seen[0][1], seen[1][1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_states_can_be_reset_and_custom_metrics_kept(backend):
    class Wrong(metrics.Metric):
        def __init__(self, name="wrong"):
            super().__init__(name=name)
            self.count = self.add_weight(name="count", initializer="zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.count.assign_add(np.sum((y_pred > 0.5) != y_true))

        def result(self):
            return self.count

    x, y, _ = data()
    model = Sequential([layers.Dense(1, "sigmoid")])
    model.compile("sgd", "bce", metrics=[Wrong(), "accuracy"])
    model.fit(x, y, epochs=2, verbose=0)
    _, wrong, accuracy = model.evaluate(x, y, verbose=0)
    assert wrong == round(150 * (1 - accuracy))
    assert 0 < wrong < 150


def test_spelling_is_the_name():
    for name in ("acc", "Accuracy", "mse", "MSE", "mean_squared_error", "AUC", "auc", "huber", "Precision"):
        assert metrics.get(name).name == name
    assert metrics.get(metrics.binary_accuracy).name == "binary_accuracy"
    assert metrics.Accuracy()([1, 2], [1, 3]) == 0.5


def test_plan_says_what_is_handed_the_outputs():
    model = Sequential([layers.Dense(3, "softmax", input_shape=(4,))])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["acc", "sparse_top_k_categorical_accuracy"])
    text = model.explain_plan()
    assert "sparse_softmax_cross_entropy" in text
    assert "handed" not in text
    model.compile("sgd", "categorical_crossentropy", metrics=["acc", metrics.AUC(name="auc")])
    text = model.explain_plan()
    assert "auc" in text
    assert "handed the model's outputs" in text
