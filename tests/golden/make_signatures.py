"""Record in ``signatures.json`` the arguments of Keras' public calls, in order, with their defaults.

Run ``python tests/golden/make_signatures.py`` with Keras installed. ``tests/api/test_signatures.py`` compares
those that fastnn has; what differs must stand in ``docs/keras_differences.md`` with the reason.
"""

import inspect
import json
import pathlib

GOLDEN = pathlib.Path(__file__).with_name("signatures.json")

MODEL_METHODS = [
    "__init__", "add", "compile", "count_params", "evaluate", "fit", "get_config", "get_layer", "get_weights",
    "load_weights", "pop", "predict", "predict_on_batch", "reset_metrics", "save", "save_weights", "set_weights",
    "summary", "test_on_batch", "to_json", "train_on_batch", "export",
]  # fmt: skip

OPTIMIZER_METHODS = [
    "apply", "apply_gradients", "build", "exclude_from_weight_decay", "finalize_variable_values", "from_config",
    "get_config", "set_weights",
]  # fmt: skip

NAMES = {
    "layers": """Activation Add AlphaDropout Average BatchNormalization Concatenate Dense Dot Dropout ELU Flatten
        GaussianDropout GaussianNoise Input Lambda LayerNormalization LeakyReLU Maximum Minimum Multiply PReLU ReLU
        Reshape Rescaling Softmax Subtract UnitNormalization Normalization CategoryEncoding Discretization
        ActivityRegularization Permute RepeatVector add concatenate
        multiply subtract average maximum minimum dot""",
    "optimizers": "SGD Adagrad RMSprop Adadelta Adam AdamW Adamax Nadam Lion get serialize deserialize",
    "optimizers.schedules": """ExponentialDecay PiecewiseConstantDecay PolynomialDecay InverseTimeDecay CosineDecay
        CosineDecayRestarts serialize deserialize""",
    "losses": """MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredLogarithmicError Huber
        LogCosh Hinge SquaredHinge CategoricalHinge KLDivergence Poisson CosineSimilarity BinaryCrossentropy
        CategoricalCrossentropy SparseCategoricalCrossentropy BinaryFocalCrossentropy""",
    "metrics": """Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy TopKCategoricalAccuracy
        SparseTopKCategoricalAccuracy MeanSquaredError MeanAbsoluteError RootMeanSquaredError CosineSimilarity R2Score
        Precision Recall AUC TruePositives FalsePositives TrueNegatives FalseNegatives F1Score FBetaScore Mean Sum
        BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy KLDivergence Poisson
        MeanAbsolutePercentageError MeanSquaredLogarithmicError""",
    "callbacks": """EarlyStopping ModelCheckpoint ReduceLROnPlateau LearningRateScheduler CSVLogger TensorBoard
        TerminateOnNaN LambdaCallback BackupAndRestore History ProgbarLogger RemoteMonitor SwapEMAWeights Callback
        CallbackList""",
    "initializers": """VarianceScaling GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform LecunNormal
        RandomNormal RandomUniform TruncatedNormal Constant Zeros Ones Identity Orthogonal""",
    "regularizers": "L1 L2 L1L2 OrthogonalRegularizer l1 l2 l1_l2",
    "constraints": "MaxNorm NonNeg UnitNorm MinMaxNorm",
    "activations": """relu leaky_relu relu6 softmax log_softmax elu celu selu softplus softsign squareplus silu gelu
        tanh sigmoid log_sigmoid hard_sigmoid hard_silu hard_tanh exponential linear mish tanh_shrink soft_shrink
        hard_shrink threshold""",
    "utils": "to_categorical normalize set_random_seed plot_model get_file split_dataset Progbar PyDataset",
    "models": "load_model model_from_json save_model clone_model",
    "datasets.mnist": "load_data",
    "datasets.fashion_mnist": "load_data",
    "datasets.boston_housing": "load_data",
    "datasets.california_housing": "load_data",
    "datasets.imdb": "load_data get_word_index",
    "datasets.reuters": "load_data get_word_index get_label_names",
}


def arguments(call):
    """The arguments of a function or class, ``[name, default]`` or ``[name]``; None where there are none to read."""
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        return None
    if inspect.isfunction(call) and parameters and parameters[0].name == "self":
        del parameters[0]
    return [
        [p.name] if p.default is p.empty else [p.name, p.default if _is_plain(p.default) else repr(p.default)]
        for p in parameters
        if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]


def _is_plain(value):
    return value is None or isinstance(value, (bool, int, float, str))


def find(package, path):
    """What ``layers.Dense`` is in a package; None where it is missing."""
    for name in path.split("."):
        package = getattr(package, name, None)
    return package


def signatures(package):
    """The arguments of all that a package has of the names above."""
    paths = [f"{module}.{name}" for module, names in NAMES.items() for name in names.split()]
    paths += [f"{model}.{name}" for model in ("Sequential", "Model") for name in MODEL_METHODS]
    paths += [f"optimizers.Optimizer.{method}" for method in OPTIMIZER_METHODS]
    found = {path: find(package, path) for path in paths}
    return {path: arguments(call) for path, call in found.items() if call is not None}


if __name__ == "__main__":
    import importlib

    import keras

    for module in NAMES:
        importlib.import_module(f"keras.{module}")
    GOLDEN.write_text(json.dumps(signatures(keras)).replace("]], ", "]],\n") + "\n", encoding="utf-8")
