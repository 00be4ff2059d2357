"""Functional and subclassed models in files: what is shared or nested, names, own classes, and hostile graphs."""

import json
import time
import zipfile

import numpy as np
import pytest

import fastnn
from fastnn import Input, Model, Sequential, layers, models
from fastnn.callbacks import BackupAndRestore, ModelCheckpoint
from fastnn.models import files
from fastnn.saving import ModelFormatError
from fastnn.saving.names import weight_names

pytest.importorskip("safetensors")

X = (np.arange(24, dtype=np.float32).reshape(6, 4) * 7 % 11 - 5) / 4
Y = np.abs(X[:, :2])


def twins(name="net"):
    """Two models within one, whose layers have the same names, and a layer that both hold."""
    both = layers.Dense(4, activation="tanh", name="both")

    def inner(name):
        x = Input((4,), name=f"{name}_x")
        return Model(x, both(layers.Dense(4, activation="tanh", name="dense")(x)), name=name)

    x = Input((4,), name="x")
    f, g = inner("f"), inner("g")
    y = layers.Dense(2, name="out")(layers.concatenate([f(x), g(f(x)), layers.Dropout(0.25, name="drop")(x)]))
    return Model(x, y, name=name)


def trained(make=twins):
    model = make()
    model.compile("adam", "mse")
    model.fit(X, Y, epochs=2, batch_size=4, verbose=0)
    return model


def same(a, b):
    assert len(a) == len(b) > 0
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


# Names and weights


def test_each_weight_has_a_name_of_its_own():
    names = list(weight_names(twins()).values())
    assert names[:4] == ["f/dense/kernel", "f/dense/bias", "f/both/kernel", "f/both/bias"]
    assert names[4:6] == ["g/dense/kernel", "g/dense/bias"]
    assert len(names) == len(set(names)) == len(twins().weights) == 8


@pytest.mark.parametrize("ending", ["fastnn", "keras", "h5"])
def test_training_goes_on_and_what_is_shared_stays_shared(tmp_path, ending):
    if ending != "fastnn":
        pytest.importorskip("h5py")
    model = trained()
    model.save(tmp_path / f"m.{ending}")
    loaded = models.load_model(tmp_path / f"m.{ending}")
    same(loaded.get_weights(), model.get_weights())
    f, g = loaded.get_layer("f"), loaded.get_layer("g")
    assert f.get_layer("both") is g.get_layer("both")
    if ending == "fastnn":  # the seed and the order of the rows are in the file too
        for one in (model, loaded):
            one.fit(X, Y, epochs=2, batch_size=4, verbose=0)
        same(loaded.get_weights(), model.get_weights())


@pytest.mark.parametrize("name", ["w", "w.weights.h5", "w.h5", "m.fastnn", "m.keras"])
def test_weights_of_nested_models(tmp_path, name):
    if name.endswith(("5", "keras")):
        pytest.importorskip("h5py")
    model = trained()
    (model.save if name.startswith("m") else model.save_weights)(tmp_path / name)
    other = twins("other")
    other.load_weights(tmp_path / name)
    same(other.get_weights(), model.get_weights())


@pytest.mark.parametrize("name", ["w", "w.weights.h5", "w.h5"])
def test_skip_mismatch_leaves_the_layers_that_do_not_fit(tmp_path, name):
    if name.endswith("5"):
        pytest.importorskip("h5py")

    def net(units):
        x = Input((4,))
        h = layers.Dense(3, name="a")(x)
        return Model(x, layers.Dense(1, name="c")(layers.add([h, layers.Dense(units, name="b")(x)])))

    first, other = net(3), net(1)
    first.save_weights(tmp_path / name)
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"b/kernel: expected an array of shape \(4, 1\), got \(4, 3\)"):
        other.load_weights(tmp_path / name)
    same(other.get_weights(), before)
    with pytest.warns(UserWarning, match="left Dense layer 'b' as it is"):
        other.load_weights(tmp_path / name, skip_mismatch=True)
    assert not np.array_equal(other.get_layer("a").get_weights()[0], before[0])
    same(other.get_layer("b").get_weights(), net_weights(other, before, "b"))


def net_weights(model, weights, name):
    """Of all weights those of one layer."""
    owned = model.get_layer(name).weights
    return [value for parameter, value in zip(model.weights, weights, strict=True) if parameter in owned]


def test_a_tensor_within_a_net_may_be_the_input(tmp_path):
    x = Input((4,), name="x")
    h = layers.Dense(3, activation="tanh", name="a")(x)
    model = Model(h, layers.Dense(2, name="b")(h), name="upper")
    model.save(tmp_path / "m")
    loaded = models.load_model(tmp_path / "m")
    assert loaded.input_shape == (None, 3)
    np.testing.assert_array_equal(loaded.predict(X[:, :3], verbose=0), model.predict(X[:, :3], verbose=0))


def test_only_the_calls_of_the_model_are_saved(tmp_path):
    """A layer may be called in other models too."""
    x, dense = Input((4,), name="x"), layers.Dense(4, name="dense")
    other = Model(x, dense(dense(x)))
    model = Model(x, layers.Dense(2, name="out")(dense(layers.Rescaling(0.5, name="half")(x))))
    nodes = {entry["name"]: entry["inbound_nodes"] for entry in model.get_config()["layers"]}
    assert [len(nodes[name]) for name in ("x", "half", "dense", "out")] == [0, 1, 1, 1]
    assert nodes["out"][0]["args"][0]["config"]["keras_history"] == ["dense", 0, 0]
    model.save(tmp_path / "m")
    np.testing.assert_array_equal(models.load_model(tmp_path / "m").predict(X, verbose=0), model.predict(X, verbose=0))
    assert len(models.clone_model(other).layers) == 2


def test_a_weight_outside_of_its_layer_cannot_be_described():
    x = Input((4,))
    dense = layers.Dense(4)
    with pytest.raises(ValueError, match="works with a weight of a layer"):
        Model(x, dense(x) * dense.bias).to_json()


def test_clone_function_is_asked_about_each_layer():
    def frozen(layer):
        return type(layer).from_config({**layer.get_config(), "trainable": False})

    model = Model(x := Input((4,)), layers.add([layers.Dense(3, name="a")(x), layers.Dense(3, name="b")(x)]))
    clone = models.clone_model(model, clone_function=frozen)
    assert [w.path for w in clone.weights] == [w.path for w in model.weights]
    assert clone.trainable_weights == []
    assert len(model.trainable_weights) == 4


# Checkpoints


def test_checkpoints_of_nested_models(tmp_path):
    """A run that is interrupted and resumed ends with the bits of one that was not."""

    def run(folder, stop=None):
        fastnn.utils.set_random_seed(7)
        model = twins()
        model.compile("adam", "mse")
        callbacks = [BackupAndRestore(folder, save_freq=1), ModelCheckpoint(folder / "{epoch}.fastnn")]

        class Stop(fastnn.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                if self.model.optimizer.iterations == stop:
                    raise KeyboardInterrupt

        try:
            model.fit(X, Y, epochs=4, batch_size=2, verbose=0, callbacks=[*callbacks, Stop()])
        except KeyboardInterrupt:
            return run(folder)
        return model

    whole, resumed = run(tmp_path / "a"), run(tmp_path / "b", stop=5)
    same(resumed.get_weights(), whole.get_weights())
    assert models.load_model(tmp_path / "b" / "4.fastnn").optimizer.iterations == 12


# Classes of one's own


class Block(layers.Layer):
    """Says nothing of its configuration; layers in a list, one private, and a weight."""

    def __init__(self, units, activation="tanh", **options):
        super().__init__(**options)
        self.steps = [layers.Dense(units, activation=activation), layers.Dense(units)]
        self._last = layers.Dense(units)

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(1,), initializer="ones", name="scale")

    def call(self, x):
        for step in self.steps:
            x = step(x)
        return self._last(x) * self.scale


class Bare(layers.Layer):
    """Takes neither a name nor ``trainable``."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, x):
        return x * self.factor


class Holder(layers.Layer):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, x):
        return self.inner(x)


class Net(Model):
    def __init__(self, units=3, **options):
        super().__init__(**options)
        self.units = units
        self.block = Block(units)
        self.out = layers.Dense(2)

    def call(self, x):
        return self.out(self.block(x))

    def get_config(self):
        return {"units": self.units, "name": self.name}


OWN = {"Block": Block, "Bare": Bare, "Net": Net, "Holder": Holder}


@pytest.mark.parametrize("ending", ["fastnn", "keras"])
def test_own_layers_are_described_by_what_they_were_made_with(tmp_path, ending):
    if ending != "fastnn":
        pytest.importorskip("h5py")
    x = Input((4,), name="x")
    bare = Bare(0.5)
    bare.name, bare.trainable = "bare_one", False
    model = Model(x, bare(Block(3, activation="relu", name="block", trainable=False)(x)))
    config = json.loads(model.to_json())["config"]["layers"][1]["config"]
    assert (config["units"], config["activation"], config["trainable"]) == (3, "relu", False)
    model.save(tmp_path / f"m.{ending}")
    with pytest.raises(ModelFormatError, match="'Block' is not of fastnn's layers"):
        models.load_model(tmp_path / f"m.{ending}")
    loaded = models.load_model(tmp_path / f"m.{ending}", custom_objects=OWN)
    assert (loaded.layers[2].name, loaded.layers[2].trainable, loaded.layers[2].factor) == ("bare_one", False, 0.5)
    assert loaded.trainable_weights == []
    same(loaded.get_weights(), model.get_weights())
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_what_a_file_cannot_hold_must_be_described():
    model = Sequential([Input((4,)), Holder(layers.Dense(2))])
    with pytest.raises(NotImplementedError, match=r"Holder must define get_config\(\)"):
        model.to_json()


@pytest.mark.parametrize("ending", ["fastnn", "keras", "h5"])
def test_subclassed_models(tmp_path, ending):
    if ending != "fastnn":
        pytest.importorskip("h5py")
    model = Net()
    model.compile("adam", "mse")
    model.fit(X, Y, epochs=2, batch_size=4, verbose=0)
    if ending == "h5":
        with pytest.raises(NotImplementedError, match=r"an \.h5 file cannot hold a Net model"):
            model.save(tmp_path / "m.h5")
        return
    model.save(tmp_path / f"m.{ending}")
    with pytest.raises(ModelFormatError, match="'Net' is not one of"):
        models.load_model(tmp_path / f"m.{ending}")
    loaded = models.load_model(tmp_path / f"m.{ending}", custom_objects=OWN)
    same(loaded.get_weights(), model.get_weights())
    assert loaded.optimizer.iterations == model.optimizer.iterations == 4
    for one in (model, loaded):
        one.train_on_batch(X, Y)
    same(loaded.get_weights(), model.get_weights())


def test_weights_of_subclassed_models_are_where_keras_has_them(tmp_path):
    h5py = pytest.importorskip("h5py")
    model = Net()
    model.build((None, 4))
    model.save_weights(tmp_path / "w.weights.h5")
    with h5py.File(tmp_path / "w.weights.h5") as file:
        found = []
        file.visititems(lambda name, thing: found.append(name) if isinstance(thing, h5py.Dataset) else None)
    assert sorted(found) == [
        "block/_last/vars/0", "block/_last/vars/1", "block/steps/dense/vars/0", "block/steps/dense/vars/1",
        "block/steps/dense_1/vars/0", "block/steps/dense_1/vars/1", "block/vars/0", "layers/dense/vars/0",
        "layers/dense/vars/1",
    ]  # fmt: skip
    other = Net()
    other.build((None, 4))
    other.load_weights(tmp_path / "w.weights.h5")
    same(other.get_weights(), model.get_weights())


# Configurations


def config(change=lambda config: None):
    """That of a net with two inputs and a layer that is called twice, with a change."""
    a, b = Input((4,), name="a"), Input((4,), name="b")
    dense = layers.Dense(4, name="dense")
    y = layers.Add(name="sum")([dense(a), dense(b)])
    entry = json.loads(Model([a, b], layers.Dense(2, name="out")(y), name="net").to_json())
    change(entry["config"])
    return entry


def layer(config, name):
    return next(entry for entry in config["layers"] if entry["name"] == name)


def history(config, name, *place, node=0):
    """Let the call of a layer take another tensor."""
    args = layer(config, name)["inbound_nodes"][node]["args"][0]
    (args[0] if isinstance(args, list) else args)["config"]["keras_history"] = list(place)


def keras_2(config):
    """As Keras 2 wrote the calls."""
    for name, calls in {
        "dense": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]],
        "sum": [[["dense", 0, 0, {}], ["dense", 1, 0, {}]]],
        "out": [[["sum", 0, 0, {}]]],
    }.items():
        layer(config, name)["inbound_nodes"] = calls


def test_calls_as_keras_2_wrote_them():
    plain, old = models.model_from_config(config()), models.model_from_config(config(keras_2))
    old.set_weights(plain.get_weights())
    np.testing.assert_array_equal(old.predict([X, X[::-1]], verbose=0), plain.predict([X, X[::-1]], verbose=0))
    assert old.get_config() == plain.get_config()


def node(config, name):
    return layer(config, name)["inbound_nodes"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: history(c, "dense", "out", 0, 0), "the calls of 'dense', 'sum', 'out' need each other's results"),
        (lambda c: history(c, "dense", "dense", 0, 0), "need each other's results"),
        (lambda c: history(c, "dense", "dense", 1, 0), "need each other's results"),
        (lambda c: history(c, "dense", "nobody", 0, 0), r"inbound_nodes\[0\]: there is no layer 'nobody'"),
        (lambda c: history(c, "dense", "a", 1, 0), "'a' is called 0 times, not 1"),
        (lambda c: history(c, "sum", "dense", 2, 0), "'dense' is called 2 times, not 2"),
        (lambda c: history(c, "sum", "dense", -1, 0), "'dense' is called 2 times, not -1"),
        (lambda c: history(c, "sum", "dense", 0, 1), "'dense' has 1 outputs, not an output 1"),
        (lambda c: history(c, "sum", "dense", 0, -1), "not an output -1"),
        (lambda c: history(c, "sum", "dense", 0), r"keras_history: expected \[layer, call, output\]"),
        (lambda c: history(c, "sum", ["dense"], 0, 0), "keras_history: expected"),
        (lambda c: history(c, "sum", "dense", 0, True), "keras_history: expected"),
        (lambda c: c.update(output_layers=["nobody", 0, 0]), "output_layers: there is no layer 'nobody'"),
        (lambda c: c.update(output_layers=["out", 1, 0]), "output_layers: the layer 'out' is called 1 times"),
        (lambda c: c.update(output_layers=[]), r"output_layers: expected \[layer, call, output\]"),
        (lambda c: c.update(output_layers=5), "output_layers: expected"),
        (lambda c: c.pop("output_layers"), "output_layers: expected"),
        (lambda c: c.update(input_layers=["out", 0, 0]), "input_layers: 'out' is no InputLayer"),
        (lambda c: c.update(input_layers=["a", 0, 0]), "does not follow from the inputs given"),
        (lambda c: c.update(layers=None), "layers: expected a list"),
        (lambda c: c.update(layers=[{}] * 20_000), "at most 10,000"),
        (lambda c: c["layers"].append(dict(c["layers"][0])), "two layers of the name 'a'"),
        (lambda c: layer(c, "dense").update(name="other"), "'other', but the layer is called 'dense'"),
        (lambda c: layer(c, "dense").update(inbound_nodes=[]), "the layer 'dense' is never called"),
        (lambda c: layer(c, "dense").update(inbound_nodes={}), "inbound_nodes: expected a list"),
        (lambda c: layer(c, "a").update(inbound_nodes=node(c, "dense")), "an InputLayer takes no input"),
        (lambda c: node(c, "dense").append({}), r"inbound_nodes\[2\]: expected an object with args and kwargs"),
        (lambda c: node(c, "dense").append({"args": [1.0], "kwargs": {}}), "takes no tensor of the model"),
        (lambda c: node(c, "dense").append({"args": [], "kwargs": []}), "kwargs: expected an object"),
        (lambda c: node(c, "dense").append([["a", 0]]), "for each input"),
        (lambda c: node(c, "dense").append([]), "for each input"),
        (lambda c: node(c, "dense")[0]["kwargs"].update(evil=1), "evil"),
        (lambda c: node(c, "dense")[0]["args"].append({"class_name": "__lambda__", "config": 1}), "'__lambda__' can"),
        (lambda c: node(c, "dense")[0]["args"].append({"class_name": "Dense", "config": {}}), "'Dense' cannot stand"),
        (
            lambda c: node(c, "dense")[0]["args"].append(
                {"class_name": "__numpy__", "config": {"value": ["x"], "dtype": "float32"}}
            ),
            "__numpy__: could not convert",
        ),
        (lambda c: layer(c, "sum").update(module="keras.src.ops.numpy", class_name="System"), "'System' is not one of"),
        (lambda c: layer(c, "sum").update(module="keras.src.ops.os"), "'Add' is not one of fastnn's functions"),
        (
            lambda c: layer(c, "sum").update(module="keras.src.ops.numpy", config={"name": "sum", "evil": 1}),
            "Add has no argument 'evil'",
        ),
        (lambda c: layer(c, "dense").update(shared_object_id="x"), "shared_object_id: expected an integer"),
    ],
)
def test_a_graph_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(ModelFormatError, match=message) as caught:
        models.model_from_config(config(change))
    assert len(str(caught.value)) < 1500


def test_the_unchanged_configuration_is_read():
    assert models.model_from_config(config()).input_names == ["a", "b"]


def tower(levels, calls):
    """A model within a model, and so on, each of which calls the one within several times."""
    x = Input((2,))
    model = Model(x, layers.Dense(2, name="dense")(x))
    for _ in range(levels):
        x = Input((2,))
        model = Model(x, layers.add([model(x) for _ in range(calls)]))
    return model


def test_models_that_multiply_are_refused():
    """Twelve levels of ten calls each fit into a small file; the net would have 10^12 layers."""
    assert models.model_from_json(tower(3, 4).to_json()).built
    text = tower(12, 10).to_json()
    assert len(text) < 1 << 20
    began = time.perf_counter()
    with pytest.raises(ModelFormatError, match="come to more than 100,000 calls"):
        models.model_from_json(text)
    assert time.perf_counter() - began < 30


def test_a_long_chain_takes_no_stack(tmp_path):
    x = y = Input((2,), name="x")
    for number in range(700):
        y = layers.Rescaling(1.0, name=f"r{number}")(y)
    model = Model(x, y)
    model.save(tmp_path / "m")
    assert len(models.load_model(tmp_path / "m").layers) == 701


def test_a_model_that_could_not_be_read_is_not_written(tmp_path):
    x = y = Input((2,), name="x")
    for number in range(2500):
        y = layers.Rescaling(1.0, name=f"r{number}")(y)
    with pytest.raises(ValueError, match="bytes, of which at most 1,048,576 would be read"):
        Model(x, y).save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_every_truncation_and_many_changed_bytes(tmp_path):
    """A functional seed file: what is loaded is the model that was saved, or there is one clear error."""
    path = tmp_path / "m"
    (data,) = files.container_of(trained())
    data = bytes(data)
    path.write_bytes(data)
    expected = models.load_model(path).get_weights()
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path) as archive:
        begins = [entry.header_offset for entry in archive.infolist()]
    structure = {*range(80), *(b + i for b in begins for i in range(30)), *range(len(data) - 400, len(data))}
    for length in sorted({*range(0, len(data), 37), *structure} - {len(data)}):
        path.write_bytes(data[:length])
        with pytest.raises(ModelFormatError):
            models.load_model(path)
    refused, places = 0, sorted(structure) + generator.integers(0, len(data), 500).tolist()
    for place in places:
        changed = bytearray(data)
        changed[place] ^= int(generator.integers(1, 256))
        path.write_bytes(changed)
        try:
            got = models.load_model(path).get_weights()
        except ModelFormatError:
            refused += 1
        else:
            same(got, expected)
    assert refused > 0.85 * len(places)
