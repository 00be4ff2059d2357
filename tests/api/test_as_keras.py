"""``import fastnn.as_keras`` and ``fastnn run``: scripts for Keras find fastnn."""

import importlib
import os
import pathlib
import subprocess
import sys
import types
import warnings

import numpy as np
import pytest

import fastnn
from fastnn import legacy, tf_shim
from fastnn.backend import clear_session, get_value, set_value

PACKAGE_PARENT = str(pathlib.Path(fastnn.__file__).parent.parent)
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(filter(None, [PACKAGE_PARENT, os.environ.get("PYTHONPATH")])),
    "PYTHONIOENCODING": "utf-8",
}


@pytest.fixture
def as_keras():
    from fastnn import as_keras

    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in as_keras.ROOTS}
    as_keras.install()
    yield as_keras
    as_keras.uninstall()
    sys.modules.update(hidden)


@pytest.fixture
def warned(monkeypatch):
    """Nothing has been warned of yet."""
    monkeypatch.setattr(legacy, "_warned", set())


def python(text, *arguments, **options):
    """Run a script text with ``python -c``."""
    return subprocess.run(
        [sys.executable, "-c", text, *arguments], capture_output=True, text=True, env=ENVIRONMENT, timeout=60,
        encoding="utf-8", **options,
    )  # fmt: skip


def fastnn_run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "fastnn", "run", *map(str, arguments)], capture_output=True, text=True,
        env=ENVIRONMENT, timeout=60, encoding="utf-8", **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import keras as a", "fastnn"),
        ("import tensorflow as a", "fastnn.tf_shim"),
        ("from tensorflow import keras as a", "fastnn"),
        ("import tensorflow.keras.layers as a", "fastnn.layers"),
        ("from keras import backend as a", "fastnn.backend"),
        ("import tensorflow.keras.backend as a", "fastnn.backend"),
        ("from tensorflow.keras.datasets import mnist as a", "fastnn.datasets.mnist"),
        ("from keras.optimizers import schedules as a", "fastnn.optimizers.schedules"),
        ("import tensorflow.compat.v2 as a", "fastnn.tf_shim"),
        ("import tensorflow.nn as a", "fastnn.tf_shim.nn"),
        ("import tensorflow.compat.v1 as a", "fastnn.tf_shim.compat.v1"),
        ("from tensorflow import optimizers as a", "fastnn.optimizers"),
        ("import tensorflow as tf; a = tf.keras.layers", "fastnn.layers"),
        ("import tensorflow as tf; a = tf.data", "fastnn.tf_shim.data"),
    ],
)
def test_modules_resolve(as_keras, statement, expected):
    names = {}
    exec(statement, names)
    assert names["a"]._target.__name__ == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("from tensorflow.keras.layers import Dense as a", fastnn.layers.Dense),
        ("from tensorflow.python.keras.layers import Dense as a", fastnn.layers.Dense),
        ("from keras import Sequential as a", fastnn.Sequential),
        ("from keras.models import Sequential as a", fastnn.Sequential),
        ("from keras.layers import *; a = Dense", fastnn.layers.Dense),
        ("from keras.utils import to_categorical as a", fastnn.utils.to_categorical),
        ("from tensorflow.data import Dataset as a", tf_shim.data.Dataset),
        ("import keras.callbacks; a = keras.callbacks.EarlyStopping", fastnn.callbacks.EarlyStopping),
        ("import tensorflow as tf; a = tf.optimizers.SGD", fastnn.optimizers.SGD),
        ("import tensorflow as tf; a = tf.random.set_seed", fastnn.utils.set_random_seed),
    ],
)
def test_names_resolve(as_keras, statement, expected):
    names = {}
    exec(statement, names)
    assert names["a"] is expected


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("keras.layers.core", "Dense"),
        ("keras.layers.core", "Dropout"),
        ("tensorflow.keras.layers.core", "Activation"),
        ("tensorflow.keras.layers.experimental.preprocessing", "Normalization"),
        ("keras.layers.noise", "AlphaDropout"),
        ("keras.layers.advanced_activations", "ReLU"),
        ("keras.utils.np_utils", "to_categorical"),
        ("keras.utils.vis_utils", "Progbar"),
        ("keras.engine.topology", "Layer"),
        ("keras.engine.sequential", "Sequential"),
        ("keras.optimizers.legacy", "SGD"),
    ],
)
def test_old_paths_work_and_warn_once(as_keras, warned, path, name):
    root, old = path.split("keras.")
    new = f"{root}keras.{as_keras.OLD[old]}"
    with pytest.warns(DeprecationWarning, match=f"the module {path} is an old spelling; write {new}") as caught:
        exec(f"from {path} import {name}", {"__name__": "__main__"})
    assert len(caught) == 1 and caught[0].filename == "<string>"
    for module in [module for module in sys.modules if module.startswith("keras")]:
        del sys.modules[module]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(f"from {path} import {name}")


@pytest.mark.parametrize(
    ("statement", "error", "text"),
    [
        ("from keras.layers import Dens", ImportError, "keras.layers is fastnn here, which has no 'Dens'; it has"),
        ("from keras.layers import Conv2D; Conv2D(3, 2)", NotImplementedError, "Conv2D: fastnn trains dense networks"),
        ("import keras.applications", ImportError, "keras is fastnn here, which has no 'applications'; it has: "),
        ("import tensorflow.lite", ImportError, "tensorflow is fastnn here, which has no 'lite'"),
        ("import keras; keras.layers.Dens", AttributeError, "has no 'Dens'; it has: Activation"),
        ("import tensorflow as tf; tf.SparseTensor", AttributeError, "has no 'SparseTensor'; it has: "),
        ("import tensorflow as tf; tf.nn.conv2d", AttributeError, "has no 'conv2d'; it has: "),
        ("import keras.trainer", ImportError, "has no 'trainer'"),
    ],
)
def test_what_is_missing_says_what_there_is(as_keras, statement, error, text):
    with pytest.raises(error) as caught:
        exec(statement, {})
    assert text in str(caught.value)


def test_versions_read_as_versions(as_keras):
    import keras
    import tensorflow as tf

    for version in (keras.__version__, tf.__version__, tf.keras.__version__):
        major, minor, *_ = version.split(".")
        assert (int(major), int(minor)) > (2, 0)
        assert "fastnn" in version


def test_names_of_a_script_are_kept(as_keras):
    import tensorflow as tf

    tf.model = tf.keras.Sequential()
    tf.model.add(tf.keras.layers.Dense(units=1, input_dim=1))
    tf.model.compile(loss="mse", optimizer=tf.optimizers.SGD(0.1))
    tf.model.fit([1, 2, 3], [1, 2, 3], epochs=200, verbose=0)
    assert tf.model.predict([5.0], verbose=0) == pytest.approx(5, abs=0.05)
    assert not hasattr(tf_shim, "model")


def test_everything_else_is_left_alone(as_keras):
    assert importlib.util.find_spec("json").origin.endswith("__init__.py")
    finders = [finder for finder in sys.meta_path if isinstance(finder, as_keras.Finder)]
    as_keras.install()
    assert [finder for finder in sys.meta_path if isinstance(finder, as_keras.Finder)] == finders
    as_keras.uninstall()
    assert not any(isinstance(finder, as_keras.Finder) for finder in sys.meta_path)
    assert "keras" not in sys.modules


@pytest.mark.parametrize("name", ["keras", "tensorflow"])
def test_the_real_one_is_not_replaced(as_keras, monkeypatch, name):
    as_keras.uninstall()
    real = types.ModuleType(name)
    real.__file__ = "/elsewhere/keras/__init__.py"
    monkeypatch.setitem(sys.modules, name, real)
    with pytest.raises(ImportError, match=f"{name} is imported already, from /elsewhere.*before the first import"):
        as_keras.install()
    assert sys.modules[name] is real
    assert not any(isinstance(finder, as_keras.Finder) for finder in sys.meta_path)


def test_nothing_happens_without_the_import():
    text = "import fastnn, sys; print('fastnn.as_keras' in sys.modules, len(sys.meta_path))"
    assert python(text).stdout.split()[0] == "False"


def test_fastnn_run(tmp_path):
    (tmp_path / "helper.py").write_text("VALUE = 7\n")
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys\n"
        "import tensorflow as tf\n"
        "from helper import VALUE\n"  # of the script's folder
        "print(sys.argv, __name__, __file__, VALUE, os.getcwd() != sys.path[0])\n"
        "import __main__; print(__main__.VALUE)\n"
        "print(tf.keras.layers.Dense(3).units)\n"
        "sys.exit(5)\n"
    )
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    result = fastnn_run(script, "--epochs", "3", "-v", cwd=folder)
    assert result.returncode == 5, result.stderr
    assert result.stdout.splitlines() == [
        f"{[str(script), '--epochs', '3', '-v']} __main__ {script} 7 True", "7", "3"
    ]  # fmt: skip
    assert result.stderr == ""


def test_an_exception_shows_the_lines_of_the_script(tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("def f():\n    raise ValueError('mine')\n\nprint('before')\nf()\n")
    ours = fastnn_run(script)
    real = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert ours.stdout == real.stdout == "before\n"
    assert ours.stderr == real.stderr
    assert ours.returncode == real.returncode == 1
    script.write_text("a = = 1\n")
    assert "SyntaxError" in fastnn_run(script).stderr


def test_a_script_that_is_missing():
    result = fastnn_run("no-such-script.py")
    assert result.returncode == 1
    assert result.stderr.startswith("fastnn: error: ") and "no-such-script.py" in result.stderr


class TestBackend:
    def test_learning_rate(self):
        model = fastnn.Sequential([fastnn.layers.Dense(1, input_shape=(2,))])
        model.compile(fastnn.optimizers.SGD(0.5), "mse")
        assert get_value(model.optimizer.learning_rate) == 0.5
        set_value(model.optimizer.learning_rate, 0.25)
        assert model.optimizer.learning_rate == 0.25
        model.optimizer.learning_rate.assign(0.125)
        assert model.optimizer.learning_rate.numpy() == 0.125
        assert isinstance(model.optimizer.learning_rate, float)
        assert type(model.optimizer.get_config()["learning_rate"]) is float
        with pytest.raises(ValueError, match="learning_rate"):
            model.optimizer.learning_rate.assign(-1)

    def test_parameters(self):
        layer = fastnn.layers.Dense(2, input_shape=(3,))
        layer.build((None, 3))
        set_value(layer.kernel, np.ones((3, 2)))
        assert get_value(layer.kernel).tolist() == [[1, 1]] * 3
        assert get_value(3) == 3
        with pytest.raises(TypeError, match="expects a parameter"):
            set_value(0.5, 1)

    def test_clear_session_counts_names_anew(self):
        clear_session()
        assert fastnn.layers.Dense(1).name == "dense"
        assert fastnn.layers.Dense(1).name == "dense_1"
        clear_session()
        assert fastnn.layers.Dense(1).name == "dense"
