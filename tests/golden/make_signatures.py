"""Record in ``signatures.json`` the arguments of all of Keras' public calls, in order, with their defaults.

Run ``python tests/golden/make_signatures.py`` with Keras installed. ``tests/api/test_signatures.py`` compares them with
fastnn's; what differs must stand in ``docs/keras_differences.md`` with the reason. The list is Keras' own: each public
name of the modules below, the public methods of the base classes, and of all other classes those of ``METHODS``; what
``OUTSIDE`` names is left out.
"""

import inspect
import json
import pathlib
import re

GOLDEN = pathlib.Path(__file__).with_name("signatures.json")

MODULES = """activations backend callbacks config constraints datasets.boston_housing datasets.california_housing
    datasets.fashion_mnist datasets.imdb datasets.mnist datasets.reuters initializers layers losses metrics models
    optimizers optimizers.schedules preprocessing.sequence random regularizers saving utils""".split()

BASES = """Model Sequential callbacks.Callback constraints.Constraint initializers.Initializer layers.Layer losses.Loss
    metrics.Metric optimizers.Optimizer optimizers.schedules.LearningRateSchedule regularizers.Regularizer
    utils.Progbar utils.PyDataset""".split()

METHODS = ("adapt", "update_state", "result", "reset_state", "__call__")

OUTSIDE = {
    "layers for images, sequences, words and other libraries: making one says what to use instead": r"""
        layers\.(?!(Activation|ActivityRegularization|Add|AlphaDropout|Average|BatchNormalization|CategoryEncoding|
        Concatenate|Dense|Discretization|Dot|Dropout|ELU|Flatten|GaussianDropout|GaussianNoise|Identity|Input|
        InputLayer|Lambda|Layer|LayerNormalization|LeakyReLU|Maximum|Minimum|Multiply|Normalization|PReLU|Permute|
        ReLU|RepeatVector|Rescaling|Reshape|Softmax|Subtract|UnitNormalization|add|average|concatenate|deserialize|
        dot|maximum|minimum|multiply|serialize|subtract)\b)\w+.*""",
    "optimizers for large models, and those that join several": r"""
        optimizers\.(Adafactor|Ftrl|Lamb|LossScaleOptimizer|MultiOptimizer|Muon|OptimizerMap|ScheduleFreeAdamW|legacy).*""",
    "losses and metrics of sequences, images and pairs": r"""
        (losses|metrics)\.(CTC|ctc|Circle|circle|\w*IoU|(Concordance|Pearson)Correlation|(concordance|pearson)_correlation|
        CategoricalGeneralizedCrossEntropy|categorical_generalized_cross_entropy)(\..*)?""",
    "activations of two inputs or of their own sorting": r"activations\.(glu|sparse_plus|sparsemax)",
    "initializers and regularizers for signals and convolutions": r"""
        (initializers\.(STFT|stft)|regularizers\.(Ortho|ortho)).*""",
    "files of other libraries, and surgery on files": r"callbacks\.Orbax.*|saving\.KerasFileEditor.*",
    "images, sound, folders of data, graphs of other programs": r"""
        utils\.(Config|FeatureSpace|array_to_img|bounding_boxes|get_source_inputs|img_to_array|legacy|load_img|
        model_to_dot|save_img|standardize_dtype|timeseries_dataset_from_array|\w+_dataset_from_directory|
        (un)?pack_x_y_sample_weight).*""",
    "what only a backend has: types, tracing, other devices": r"""
        (backend\.(get_uid|is_\w+_dtype|result_type|standardize_dtype)|
        config\.(\w*flash_attention\w*|is_nnx_enabled|set_backend|(set_)?max_\w+)|
        random\.(beta|binomial|gamma))""",
    "methods of states without variables, quantization, and what Keras calls by itself": r"""
        \w+(\.\w+)*\.(stateless_\w+|quantiz\w+|get_quantization\w+|rematerialized_call|symbolic_call|jax_state_sync|
        (get|set)_state_tree|(load|save)_own_variables|compute_output_spec|compute_mask|
        build_from_config|get_build_config|make_\w+_function|compute_loss_and_updates|
        (train|test|predict)_step|add_metric|add_variable\w*|add_optimizer_variables|assign\w*|scale_loss|update_step|
        clone)""",
}  # fmt: skip
"""Reason -> what of Keras fastnn does not have, as a regular expression of the whole name."""

_OUTSIDE = {reason: re.compile(re.sub(r"\s", "", pattern)) for reason, pattern in OUTSIDE.items()}


def is_outside(path):
    """Whether a name of Keras is among those that fastnn does not have."""
    return any(pattern.fullmatch(path) for pattern in _OUTSIDE.values())


def arguments(call):
    """The arguments of a function or class, ``[name, default]`` or ``[name]``; None where there are none to read."""
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        return None
    if inspect.isfunction(call) and parameters and parameters[0].name in ("self", "layer"):
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


def public_paths(package):
    """``layers.Dense``, ``layers.Layer.build`` and so on: all public calls of a package, in order."""
    paths = set()
    for module in MODULES:
        content = find(package, module)
        for name in dir(content):
            thing = getattr(content, name)
            if name.startswith("_") or inspect.ismodule(thing) or not callable(thing):
                continue
            paths.add(f"{module}.{name}")
            if inspect.isclass(thing):
                methods = ("adapt",) if module in ("layers", "models") else METHODS
                paths |= {f"{module}.{name}.{method}" for method in methods if method in vars(thing)}
    for base in BASES:
        cls = find(package, base)
        for name in dir(cls):
            if not name.startswith("_") and inspect.isroutine(getattr(cls, name)):
                paths.add(f"{base}.{name}")
    return sorted(path for path in paths if not is_outside(path))


def signatures(package, paths):
    """The arguments of all these calls that a package has."""
    found = {path: find(package, path) for path in paths}
    return {path: arguments(call) for path, call in found.items() if call is not None}


def main():
    import importlib

    import keras

    for module in MODULES:
        importlib.import_module(f"keras.{module}")
    found = signatures(keras, public_paths(keras))
    lines = [f"{json.dumps(path)}: {json.dumps(call)}" for path, call in found.items() if call is not None]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
