"""Optimizers: Keras' weights after many steps of given gradients, schedules, signatures, old spellings."""

import inspect
import json
import pathlib
import warnings

import make_optimizers as MAKER
import numpy as np
import pytest

from fastnn import Input, Sequential, Trainer, config, get_backend, legacy, optimizers
from fastnn.builder import ProgramBuilder
from fastnn.layers import Dense
from fastnn.optimizers import schedules
from fastnn.pace import Pace
from fastnn.utils import set_random_seed

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"


GOLDEN = json.loads((GOLDEN_DIR / "optimizers.json").read_text(encoding="utf-8"))
KERAS_FLOAT32 = json.loads((GOLDEN_DIR / "optimizers_float32.json").read_text(encoding="utf-8"))
"""How far Keras' own float32 weights are from its float64 ones."""


def all_backends():
    """The reference, and the native backend at each level."""
    found = [("reference", get_backend("reference"))]
    try:
        from fastnn.backends.native import NativeBackend, levels
    except ImportError:
        return found
    return found + [(level, NativeBackend(level)) for level in levels()]


BACKENDS = dict(all_backends())
each_backend = pytest.mark.parametrize("backend_name", BACKENDS)
each_setting = pytest.mark.parametrize("setting", MAKER.SETTINGS)


def update_program(optimizer):
    """A program of the optimizer's ops alone, whose gradients can be set as parameters can."""
    b = ProgramBuilder()
    x = b.input(1)
    for name, shape in MAKER.SHAPES.items():
        parameter = b.parameter(name, shape)
        b.add_gradient(parameter, b.parameter(f"d{name}", shape, trainable=False))
    optimizer.emit(b)
    return b.build(x)


def weights_after(setting, backend, dtype, steps):
    """Yield (step, {name: weights}, {name: averages}) after each of ``steps``."""
    optimizer = MAKER.make(optimizers, MAKER.SETTINGS[setting])
    executable = backend.load(update_program(optimizer), dtype)
    for name in MAKER.SHAPES:
        executable.set(name, MAKER.start(name))
    for step, rate in enumerate(optimizer.learning_rates(0, max(steps))):
        executable.learning_rate = rate
        for name in MAKER.SHAPES:
            executable.set(f"d{name}", MAKER.gradient(name, step))
        executable.run("update")
        executable.step += 1
        if executable.step in steps:
            weights = {name: executable.get(name) for name in MAKER.SHAPES}
            averages = {name: executable.get(f"{name}/average") for name in MAKER.SHAPES if optimizer.use_ema}
            yield executable.step, weights, averages


def test_gradients_say_something():
    """They differ from step to step and place to place, have both signs, and float32 holds them exactly."""
    for name in MAKER.SHAPES:
        seen = np.array([MAKER.gradient(name, step) for step in range(50)]).reshape(50, -1)
        assert (seen == seen.astype(np.float32)).all()
        assert (seen[:, 0] == 0).all()
        assert len(np.unique(seen[:, 1:])) == seen[:, 1:].size
        assert (seen[:, 1:].min(axis=0) < 0).all()
        assert (seen[:, 1:].max(axis=0) > 0).all()


def tolerance(real, kind, setting, name, checkpoint):
    """The largest difference from Keras' float64 weights, relative to the largest weight of the array.

    In float32 it is 2e-6, or what Keras' float32 reaches where that is more: each step rounds the weight by up to 6e-8
    of it, and where the steps are equal, as Lion's are, again and again the same way.
    """
    if real == "float64":
        return 1e-12
    return max(2e-6, 1.25 * KERAS_FLOAT32[kind][setting][name][checkpoint])


@each_setting
@pytest.mark.parametrize("real", ["float32", "float64"])
@each_backend
def test_weights_are_those_of_keras(setting, real, backend_name):
    updates_after = MAKER.SETTINGS[setting][1].get("gradient_accumulation_steps", 1)
    seen = 0
    for step, weights, averages in weights_after(setting, BACKENDS[backend_name], real, MAKER.CHECKPOINTS):
        checkpoint = MAKER.CHECKPOINTS.index(step)
        for kind, arrays in (("weights", weights), ("averages", averages)):
            for name, got in arrays.items():
                expected = np.array(GOLDEN[kind][setting][name][checkpoint])
                error = np.abs(got.ravel() - expected).max() / np.abs(expected).max()
                limit = tolerance(real, kind, setting, name, checkpoint)
                assert error <= limit, f"{kind} of {name} after {step} steps are off by {error:.3g}"
                assert np.array_equal(got, MAKER.start(name).astype(real)) == (step < updates_after)
                seen += 1
    assert seen == len(MAKER.CHECKPOINTS) * len(MAKER.SHAPES) * (2 if setting in GOLDEN["averages"] else 1)


def network():
    """Layers wider and narrower than a panel, and an odd number of inputs."""
    return Sequential([Input((7,)), Dense(19, "tanh", name="hidden"), Dense(3, "softmax", name="last")])


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    """The type of the models' numbers in this test."""
    before = config.floatx()
    config.set_floatx(request.param)
    yield request.param
    config.set_floatx(before)


def trained(setting, backend, dtype="float32"):
    """Weights and slots after a short training, with a batch that is larger than a chunk of the kernels."""
    set_random_seed(5)
    generator = np.random.default_rng(1)
    x, y = generator.standard_normal((700, 7)).astype(dtype), generator.integers(0, 3, 700)
    model = network()
    trainer = Trainer(
        model,
        MAKER.make(optimizers, MAKER.SETTINGS[setting]),
        "sparse_categorical_crossentropy",
        backend=backend,
        seed=3,
    )
    for batch_size in (32, 300):
        trainer.fit(x, y, batch_size=batch_size, epochs=2, verbose=0)
    executable = trainer._session.executable
    names = [b.name for b in executable.program.buffers if b.role in ("parameter", "slot")]
    return {name: executable.get(name) for name in names}


@each_setting
def test_fused_and_unfused_and_all_levels_give_the_same_bits(setting, dtype):
    native = pytest.importorskip("fastnn.backends.native")
    expected = trained(setting, native.NativeBackend("generic", fused=False), dtype)
    assert all(np.isfinite(value).all() for value in expected.values())
    for level in native.levels():
        for fused in (True, False):
            got = trained(setting, native.NativeBackend(level, fused=fused), dtype)
            assert got.keys() == expected.keys()
            for name, value in expected.items():
                np.testing.assert_array_equal(got[name], value, err_msg=f"{name} at {level}, fused={fused}")


@each_setting
def test_every_step_is_fused_unless_gradients_are_changed_before(setting):
    fusion = pytest.importorskip("fastnn.fusion")
    model = network()
    trainer = Trainer(
        model, MAKER.make(optimizers, MAKER.SETTINGS[setting]), "sparse_categorical_crossentropy"
    )
    program = fusion.fuse(trainer.program)
    fused = [
        op for op in program.sections["backward"] if op.kind.name.startswith("dense_") and op.kind.in_place
    ]
    between = ("clip", "loss_scale", "accumulation")  # what changes gradients before the step
    changed = any(word in argument for argument in MAKER.SETTINGS[setting][1] for word in between)
    assert len(fused) == (0 if changed else 2)
    decays = [op for section in ("backward", "update") for op in program.sections[section]
              if op.kind.name == "weight_decay"]  # fmt: skip
    wanted = trainer.optimizer.weight_decay is not None
    assert len(decays) == 4 * wanted


def test_a_weight_decays_before_its_fused_step():
    fusion = pytest.importorskip("fastnn.fusion")
    trainer = Trainer(network(), "adamw", "sparse_categorical_crossentropy")
    backward = fusion.fuse(trainer.program).sections["backward"]
    at = [i for i, op in enumerate(backward) if op.kind.name == "dense_adamw" or op.kind.name == "dense_adam"]
    assert len(at) == 2
    for i in at:
        assert backward[i - 1].kind.name == "weight_decay"
        assert backward[i - 1].outputs[0] == backward[i].outputs[0]


@pytest.mark.parametrize("setting", ["sgd schedule", "adam schedule"])
def test_schedules_do_not_depend_on_how_rows_are_cut(backend, setting, monkeypatch):
    results = []
    for seconds in (0, 1e9):
        monkeypatch.setattr("fastnn.pace.Pace", lambda seconds=seconds: Pace(seconds))
        results.append(trained(setting, get_backend(backend)))
    for name, value in results[0].items():
        np.testing.assert_array_equal(results[1][name], value)


class Counted:
    """A backend that counts the calls of ``train`` and keeps their learning rates."""

    def __init__(self, backend):
        self._backend = backend
        self.rates = []

    def load(self, *arguments):
        executable = self._backend.load(*arguments)
        train = executable.train

        def record(x, y, order, batch_size, totals, rates, **options):
            self.rates.append(np.array(rates))
            return train(x, y, order, batch_size, totals, rates, **options)

        executable.train = record
        return executable


def test_each_step_of_a_slice_has_its_own_rate(backend, blobs, monkeypatch):
    """The rate falls in every step, though the backend is called once for all of them."""
    monkeypatch.setattr("fastnn.pace.Pace", lambda: Pace(1e9))
    counted = Counted(get_backend(backend))
    model = Sequential([Input((4,)), Dense(3, activation="softmax")])
    by_hand = Sequential([Input((4,)), Dense(3, activation="softmax")])
    model.build()
    by_hand.build()
    by_hand.set_weights(model.get_weights())
    schedule = schedules.ExponentialDecay(0.5, 2, 0.5)
    one = Trainer(model, optimizers.SGD(schedule), "sparse_categorical_crossentropy", backend=counted)
    one.fit(*blobs, batch_size=10, epochs=2, verbose=0, shuffle=False)
    assert max(len(rates) for rates in counted.rates) > 4, "the test means nothing if every call takes a step"
    np.testing.assert_array_equal(np.concatenate(counted.rates), [schedule(step) for step in range(18)])
    assert one.optimizer.learning_rate == schedule(18)

    optimizer = optimizers.SGD()
    other = Trainer(by_hand, optimizer, "sparse_categorical_crossentropy", backend=backend)
    for step in range(18):
        optimizer.learning_rate = schedule(step)
        rows = slice(10 * (step % 9), 10 * (step % 9) + 10)
        other.train_on_batch(blobs[0][rows], blobs[1][rows])
    for a, b in zip(model.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_rate_for_each_batch_is_demanded(blobs):
    native = pytest.importorskip("fastnn.backends.native")
    model = Sequential([Input((4,)), Dense(3, activation="softmax")])
    trainer = Trainer(model, "sgd", "sparse_categorical_crossentropy", backend=native.NativeBackend())
    executable = trainer._open((None, 4)).executable
    with pytest.raises(ValueError, match="one learning rate for each batch"):
        executable.train(*blobs, np.arange(90), 40, None, np.ones(2))


@pytest.mark.parametrize("name", MAKER.SCHEDULES)
def test_schedules_are_those_of_keras(name):
    schedule = MAKER.make(optimizers, MAKER.SCHEDULES[name])
    got = [schedule(step) for step in MAKER.STEPS]
    np.testing.assert_allclose(got, GOLDEN["schedules"][name], rtol=1e-12, atol=1e-16)
    assert len(set(got)) > 2
    np.testing.assert_array_equal(schedule(np.array([MAKER.STEPS])), [got])
    again = schedules.deserialize({"class_name": type(schedule).__name__, "config": schedule.get_config()})
    assert [again(step) for step in MAKER.STEPS] == got


@pytest.mark.parametrize("name", GOLDEN["signatures"])
def test_arguments_are_those_of_keras(name):
    cls = getattr(optimizers, name, None) or getattr(schedules, name)
    assert MAKER.signature(cls) == GOLDEN["signatures"][name]


@each_setting
def test_config_makes_the_same_optimizer(setting):
    optimizer = MAKER.make(optimizers, MAKER.SETTINGS[setting])
    config = json.loads(json.dumps(optimizer.get_config()))
    again = type(optimizer)(**config)
    assert again.get_config() == config
    assert again.step() == optimizer.step()
    assert again.learning_rates(0, 3).tolist() == optimizer.learning_rates(0, 3).tolist()


def test_arguments_may_be_given_by_position():
    by_position = optimizers.Adam(0.1, 0.5, 0.6, 0.01, True, 0.02, None, 3.0)
    by_name = optimizers.Adam(
        learning_rate=0.1, beta_1=0.5, beta_2=0.6, epsilon=0.01, amsgrad=True, weight_decay=0.02, clipvalue=3
    )
    assert by_position.get_config() == by_name.get_config()
    assert optimizers.AdamW(0.1, 0.2, 0.5, 0.6, 0.01, True, 2.0).clipnorm == 2
    assert list(inspect.signature(optimizers.AdamW).parameters)[:3] == [
        "learning_rate",
        "weight_decay",
        "beta_1",
    ]


def test_a_schedule_of_ones_own(backend, blobs):
    class Halving(schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5**step if step < 3 else np.float32(0.125)

    model = Sequential([Input((4,)), Dense(3, activation="softmax")])
    model.compile(optimizers.SGD(Halving()), "sparse_categorical_crossentropy")
    model.fit(*blobs, batch_size=30, epochs=2, verbose=0)
    assert model.optimizer.learning_rate == 0.125
    with pytest.raises(TypeError, match="was given a schedule"):
        model.optimizer.learning_rate = 0.1


def test_a_schedule_that_gives_nonsense_changes_nothing(backend, blobs):
    class Bad(schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1 if step < 1 else float("nan")

    model = Sequential([Input((4,)), Dense(3, activation="softmax")])
    model.compile(optimizers.SGD(Bad()), "sparse_categorical_crossentropy")
    model.build()
    model.train_on_batch(*blobs)
    before = [w.copy() for w in model.get_weights()]
    with pytest.raises(ValueError, match=r"SGD: the learning rate of Bad in step 1.*nan"):
        model.train_on_batch(*blobs)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.fixture
def unwarned(monkeypatch):
    """No old spelling has been met yet."""
    monkeypatch.setattr(legacy, "_warned", set())


def once(call):
    """The value of a call that warns the first time and is silent the second; the warning names this file."""
    with pytest.warns(DeprecationWarning, match="old spelling") as caught:
        value = call()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call()
    return value


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Nadam", "AdamW"])
def test_lr(name, unwarned):
    cls = getattr(optimizers, name)
    optimizer = once(lambda: cls(lr=0.25))
    assert optimizer.learning_rate == 0.25
    assert once(lambda: optimizer.lr) == 0.25
    optimizer.lr = 0.5
    assert optimizer.learning_rate == 0.5


def test_decay_is_that_of_keras_2(unwarned):
    optimizer = once(lambda: optimizers.SGD(learning_rate=0.5, decay=0.25))
    assert optimizer.learning_rates(0, 5).tolist() == [0.5 / (1 + 0.25 * t) for t in range(5)]
    inverse = optimizers.SGD(schedules.InverseTimeDecay(0.5, 1, 0.25))
    assert optimizer.learning_rates(3, 7).tolist() == inverse.learning_rates(3, 7).tolist()
    assert optimizer.learning_rate == 0.5
    assert optimizers.Adam(decay=0.0).decay == 0


def test_epsilon_none(unwarned):
    assert once(lambda: optimizers.Adam(epsilon=None)).epsilon == 1e-7
    assert once(lambda: optimizers.RMSprop(epsilon=None)).epsilon == 1e-7


@pytest.mark.parametrize("value", [1, np.float64(0.5), np.float32(0.5), np.int64(2)])
def test_learning_rates_of_other_types(value):
    """What is meant is plain, so nothing is said."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer = optimizers.SGD(learning_rate=value)
    assert optimizer.learning_rate == value
    assert type(optimizer.learning_rate.numpy()) is float


def test_slots_start_where_the_optimizer_says(backend, blobs):
    model = Sequential([Input((4,)), Dense(3, activation="softmax")])
    trainer = Trainer(model, optimizers.Adagrad(0.0, 0.5), "sparse_categorical_crossentropy", backend=backend)
    executable = trainer._open((None, 4)).executable
    slots = [b.name for b in executable.program.buffers if b.role == "slot"]
    assert len(slots) == 2
    assert all((executable.get(name) == 0.5).all() for name in slots)


def test_global_norm_is_that_of_all_gradients_together(backend):
    """Gradients 3 and 4 have the norm 5; each alone is within the limit of 4.5."""
    for arguments, scale in (
        ({"global_clipnorm": 2.5}, 0.5),
        ({"global_clipnorm": 5.0}, 1),
        ({"clipnorm": 4.5}, 1),
    ):
        optimizer = optimizers.SGD(1.0, **arguments)
        executable = get_backend(backend).load(update_program(optimizer), "float64")
        executable.learning_rate = 1.0
        for name, size in (("dkernel", 3.0), ("dbias", 4.0)):
            value = np.zeros(MAKER.SHAPES[name[1:]])
            value.flat[-1] = size
            executable.set(name, value)
        executable.run("update")
        assert executable.get("kernel").flat[-1] == -3 * scale
        assert executable.get("bias").flat[-1] == -4 * scale


def test_epsilon_zero_trains_layers_narrower_than_a_panel(backend, blobs):
    model = Sequential([Input((4,)), Dense(5, activation="sigmoid"), Dense(3, activation="softmax")])
    model.compile(optimizers.Adam(epsilon=0.0), "sparse_categorical_crossentropy")
    model.fit(*blobs, epochs=3, verbose=0)
    assert all(np.isfinite(w).all() for w in model.get_weights())


@pytest.mark.parametrize("argument", ["clipnorm", "clipvalue", "global_clipnorm", "weight_decay"])
def test_zero_adds_no_op(argument):
    plain, zero = (update_program(optimizers.SGD(**given)) for given in ({}, {argument: 0.0}))
    assert zero.disassemble("update") == plain.disassemble("update")
