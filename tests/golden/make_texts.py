"""Record the texts that Keras prints in ``texts.json``, and say what they were made from.

Run ``python tests/golden/make_texts.py`` with Keras installed. ``tests/api/test_texts.py`` repeats the cases
without Keras and compares the texts character for character: the calls of a progress bar come from this file,
the plain data of a model from the JSON.
"""

import contextlib
import io
import json
import math
import os
import pathlib
import unittest.mock

GOLDEN = pathlib.Path(__file__).with_name("texts.json")

SPEEDS = {"fast": 0.0002, "medium": 0.013, "slow": 2.5}
VALUES = [0.9123456, 12345.678, 0.001, 0.00100001, 0.0009999, 3.2e-9, 0.0, -0.5, -2e-5, 1, math.inf, math.nan]


def progbar_cases():
    """Return the inputs of all progress bars: a case is a name, arguments, the display and timed calls."""
    cases = []

    def add(name, init, calls, dynamic=True):
        cases.append({"name": name, "init": init, "dynamic": dynamic, "calls": calls})

    def epoch(steps, step_time):
        calls = [[i * step_time, "update", [i, [["loss", 1 / i], ["acc", 1 - 1 / i]], False]] for i in steps]
        return [*calls, [calls[-1][0], "update", [steps[-1], [["loss", 0.25], ["val_loss", 0.5]], True]]]

    for speed, step_time in SPEEDS.items():
        for dynamic in (True, False):
            place = "terminal" if dynamic else "plain"
            add(f"{speed} {place}", {"target": 12}, epoch(range(1, 13), step_time), dynamic)
        add(f"{speed} verbose 2", {"target": 469, "verbose": 2}, epoch(range(1, 470, 39), step_time))
        add(f"{speed} unknown", {"target": None}, epoch(range(1, 6), step_time))
    add("hours, then minutes", {"target": 1000}, epoch([1, 2, 250, 600, 900, 990, 1000], 17.3))
    add("unknown verbose 2", {"target": None, "verbose": 2}, epoch([1, 2, 3], 0.5))
    add("silent", {"target": 3, "verbose": 0}, epoch([1, 2, 3], 0.5))
    add("without step 1", {"target": 300, "width": 30, "unit_name": "sample"}, epoch([32, 64, 300], 0.1))
    add("target zero", {"target": 0}, [[0.2, "update", [0]], [0.3, "update", [1]]])
    add("beyond the target", {"target": 2}, [[0.2, "update", [3]], [0.5, "add", [1]]])
    add("step zero first", {"target": 2}, [[0.2, "update", [0]], [0.5, "add", [1]], [3.5, "add", [1]]])
    add("late redraw", {"target": 9, "interval": 1}, epoch(range(1, 10), 0.3))
    add(
        "line gets shorter",
        {"target": 4},
        [
            [0.1, "update", [1, [["x", 123456.0]]]],
            [0.5, "update", [2, [["x", -123450.0]]]],
            [0.9, "update", [4, [["x", 1.0]]]],
        ],
    )
    for verbose in (1, 2):
        values = [[f"v{i}", value] for i, value in enumerate(VALUES)]
        init = {"target": 1, "verbose": verbose, "stateless_metrics": []}
        add(f"values verbose {verbose}", init, [[0.7, "update", [1, values]]])
    for kind in ("stateful_metrics", "stateless_metrics"):
        calls = [[i, "update", [i, [["a", float(i)], ["b", float(i * i)]], False]] for i in (1, 2, 5)]
        add(f"averages with {kind}", {"target": 9, kind: ["a"]}, calls)
    return cases


def play(case, make_progbar):
    """Run a case and return everything it wrote, one text per call."""
    now = [1000.0]
    progbar = make_progbar(clock=lambda: now[0], **case["init"])
    progbar._dynamic_display = case["dynamic"]
    texts = []
    for seconds, method, args in case["calls"]:
        now[0] = 1000.0 + seconds
        with contextlib.redirect_stdout(io.StringIO()) as stream:
            getattr(progbar, method)(*args)
        texts.append(stream.getvalue())
    return texts


def keras_progbar_texts(case):
    from keras.src.utils import progbar

    def make_progbar(clock, **init):
        patched.enter_context(unittest.mock.patch.object(progbar.time, "time", clock))
        return progbar.Progbar(**init)

    with contextlib.ExitStack() as patched:
        return play(case, make_progbar)


def models():
    """Yield a label and a Keras model for each kind of summary."""
    from keras import Input, Model, Sequential, layers

    def mlp(name, sizes, **options):
        dense = [layers.Dense(units, name=f"{name}_{i}", **options) for i, units in enumerate(sizes[1:])]
        return Sequential([Input(sizes[:1]), *dense], name=name)

    yield "mnist", mlp("sequential", (784, 100, 10))

    trained = mlp("trained", (784, 100, 10))
    trained.compile("adam")
    trained.optimizer.build(trained.trainable_variables)
    yield "optimizer", trained

    yield "deep", mlp("deep", (3000, *[2000] * 12, 1))

    long_names = mlp("m" * 100, (8, 8))
    long_names.add(layers.Dense(12345, name="a_layer_name_that_is_far_too_long_for_the_column_of_the_table"))
    long_names.add(layers.Dense(9, name="two words and more words so that the cell breaks into many lines"))
    long_names.add(layers.Reshape((1, 1, 1, 1, 9, 1, 1, 1), name="many_axes"))
    yield "long names", long_names

    unbuilt = [layers.Dense(8, name="one"), layers.Dropout(0.5, name="two")]
    yield "unbuilt", Sequential(unbuilt, name="unbuilt")
    yield "empty", Sequential(name="empty")

    normed = mlp("normed", (20, 30))
    normed.add(layers.BatchNormalization(name="norm"))
    normed.add(layers.Dropout(0.5, name="drop"))
    normed.add(layers.Flatten(name="flat"))
    normed.get_layer("normed_0").trainable = False
    yield "normed", normed

    outer = mlp("outer", (6, 5))
    outer.add(mlp("inner", (5, 4, 3)))
    outer.add(layers.Dense(2, name="last[0]"))
    yield "nested", outer

    inputs = Input((7,), name="inputs")
    left = layers.Dense(4, name="left")(inputs)
    right = layers.Dense(4, name="right_branch_with_a_long_name")(inputs)
    joined = layers.Concatenate(name="join")([left, right])
    yield "branches", Model(inputs, layers.Dense(1, name="out")(joined), name="functional")


SUMMARY_OPTIONS = [
    {"columns": 80},
    {"columns": 80, "show_trainable": True},
    {"columns": 80, "expand_nested": True},
    {"columns": 80, "encoding": "ascii"},
    {"columns": 200},
    {"columns": 200, "show_trainable": True},
    {"columns": 43},
    {"columns": 80, "line_length": 120},
    {"columns": 80, "line_length": 61, "positions": [0.5, 0.7, 0.95, 1.0]},
    {"columns": 80, "positions": [0.33, 0.55, 0.67]},
    {"columns": 20},
    {"columns": 80, "layer_range": ["deep_3", "deep_5"]},
    {"columns": 80, "layer_range": ["deep_1[01]", "deep_8"]},
]


def summary_options(label):
    """Return the options to try with a model: all are tried with few models to keep the file small."""
    wanted = {
        "mnist": [0, 3, 4, 6, 7, 8, 9, 10],
        "deep": [11, 12],
        "long names": [0, 1, 4, 6],
        "normed": [0, 1, 5],
        "nested": [0, 1, 2],
        "branches": [0, 1, 5],
    }
    return [SUMMARY_OPTIONS[i] for i in wanted.get(label, [0, 1])]


def describe(model):
    """Return the plain data that a summary is made of."""
    from keras.src.utils.summary_utils import count_params, weight_memory_size

    def size(weights):
        return [count_params(weights), weight_memory_size(weights)]

    optimizer = getattr(model, "optimizer", None)
    connected = any(len(node.input_tensors) > 1 for layer in model.layers for node in layer._inbound_nodes)
    return {
        "name": model.name,
        "rows": [describe_layer(layer, connected) for layer in model.layers],
        "trainable": size(model.trainable_weights),
        "non_trainable": size(model.non_trainable_weights),
        "optimizer": size(optimizer.variables) if optimizer else None,
    }


def describe_layer(layer, connected):
    sources = [t._keras_history for t in layer._inbound_nodes[0].input_tensors] if connected else []
    return {
        "name": layer.name,
        "class_name": type(layer).__name__,
        "output_shape": list(layer.output.shape) if layer._inbound_nodes else None,
        "params": layer.count_params() if layer.built else None,
        "trainable": layer.trainable,
        "connected_to": [f"{s.operation.name}[{s.node_index}][{s.tensor_index}]" for s in sources],
        "nested": [describe_layer(inner, False) for inner in getattr(layer, "layers", ())],
    }


def keras_summary_text(model, columns, encoding="utf-8", **options):
    """Return what ``model.summary()`` prints into a file of that encoding."""
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, newline="")
    with unittest.mock.patch.dict(os.environ, {"COLUMNS": str(columns)}), contextlib.redirect_stdout(stream):
        os.environ.pop("FORCE_COLOR", None)
        model.summary(**options)
    stream.flush()
    return buffer.getvalue().decode(encoding)


def make_golden():
    """Return the whole content of the golden file."""
    summaries = []
    for label, model in models():
        prints = [
            {"options": options, "text": keras_summary_text(model, **options).split("\n")}
            for options in summary_options(label)
        ]
        summaries.append({"label": label, "model": describe(model), "prints": prints})
    progbars = {case["name"]: keras_progbar_texts(case) for case in progbar_cases()}
    return {"progbars": progbars, "summaries": summaries}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(make_golden(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
