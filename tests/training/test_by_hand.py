"""The public surface of optimizers in loops of one's own: build, apply, variables, exclusions, functions as rates."""

import json

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, optimizers
from fastnn.layers import Dense
from fastnn.models import load_model
from fastnn.optimizers import schedules
from fastnn.utils import set_random_seed


def network(optimizer=None):
    set_random_seed(4)
    model = Sequential([Input((4,)), Dense(5, "tanh"), Dense(3, "softmax")])
    if optimizer is not None:
        model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def gradients_of(model, x, y):
    """Of the mean cross-entropy, worked out layer by layer."""
    output = model.layers[1].forward(model.layers[0].forward(x, training=True), training=True)
    d = -np.eye(3)[y] / output / len(y)
    found = []
    for layer in reversed(model.layers):
        d = layer.backward(d.astype("float32"))
        found = [layer.gradients["kernel"], layer.gradients["bias"], *found]
    return found


OPTIONS = [
    lambda: optimizers.SGD(0.5, momentum=0.9, nesterov=True, clipnorm=0.3),
    lambda: optimizers.Adam(0.1, weight_decay=0.1, global_clipnorm=0.2),
    lambda: optimizers.AdamW(0.1, use_ema=True, ema_overwrite_frequency=2, gradient_accumulation_steps=2),
    lambda: optimizers.Nadam(schedules.ExponentialDecay(0.1, 1, 0.9)),
]


@pytest.mark.parametrize("make", OPTIONS)
def test_a_loop_by_hand_trains_as_fit_does(backend, blobs, make):
    x, y = blobs[0].astype("float32"), blobs[1]
    model, other = network(), network(make())
    optimizer = make()
    for _ in range(5):
        optimizer.apply_gradients(zip(gradients_of(model, x, y), model.trainable_variables, strict=True))
        other.train_on_batch(x, y)
    for a, b, start in zip(model.get_weights(), other.get_weights(), network().get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5)
        assert np.abs(a - start).max() > 1e-2
    assert optimizer.iterations == other.optimizer.iterations
    for ours, theirs in zip(optimizer.variables, other.optimizer.variables, strict=True):
        np.testing.assert_allclose(ours.value, theirs.value, rtol=1e-3, atol=1e-6)


def test_arrays_are_changed_in_place(backend):
    w, b = np.ones((2, 3)), np.zeros(3)
    optimizer = optimizers.SGD(0.5)
    optimizer.apply([np.full((2, 3), 2.0), np.arange(3.0)], [w, b])
    optimizer.apply([np.zeros((2, 3)), np.ones(3)])
    np.testing.assert_array_equal(w, np.zeros((2, 3)))
    np.testing.assert_array_equal(b, [-0.5, -1.0, -1.5])
    assert optimizer.iterations == 2


def test_arrays_of_any_number_of_axes(backend):
    arrays = [np.ones((2, 3, 4)), np.ones(())]
    optimizers.SGD(1.0).apply([np.arange(24.0).reshape(2, 3, 4), 3.0], arrays)
    np.testing.assert_array_equal(arrays[0], 1 - np.arange(24.0).reshape(2, 3, 4))
    assert arrays[1] == -2


def test_variables_without_gradient_stay(backend):
    a, b = np.ones(3), np.ones(3)
    optimizer = optimizers.Adam(0.1)
    optimizer.apply([np.ones(3), np.ones(3)], [a, b])
    before = b.copy()
    with pytest.warns(UserWarning, match="Gradients do not exist for variables"):
        optimizer.apply([np.ones(3), None], [a, b])
    np.testing.assert_array_equal(b, before)
    assert (a < before).all()
    momenta = [v for v in optimizer.variables if v.name.endswith("momentum")]
    assert momenta[0].value[0] > momenta[1].value[0] > 0
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        optimizer.apply([None, None], [a, b])


def test_what_does_not_fit_is_refused_and_changes_nothing(backend):
    w = np.ones(3)
    optimizer = optimizers.SGD(1.0)
    with pytest.raises(ValueError, match="must already be built on a list of variables"):
        optimizer.apply([np.ones(3)])
    with pytest.raises(TypeError, match=r"weights of a model or layer .* got list"):
        optimizer.apply([np.ones(3)], [[1.0, 1.0, 1.0]])
    with pytest.raises(TypeError, match="float32 or float64 numbers and be writeable, got int64"):
        optimizer.apply([np.ones(3)], [np.arange(3)])
    with pytest.raises(TypeError, match="must be of one type"):
        optimizer.apply([np.ones(3)] * 2, [w, np.ones(3, "float32")])
    optimizer.build([w])
    with pytest.raises(ValueError, match=r"has shape \(2,\), expected \(3,\)"):
        optimizer.apply([np.ones(2)], [w])
    with pytest.raises(ValueError, match="Unknown variable"):
        optimizer.apply([np.ones(3)], [np.ones(3)])
    with pytest.raises(ValueError, match="one gradient for each of 1 variables, got 2"):
        optimizer.apply([np.ones(3)] * 2)
    assert (w == 1).all()
    assert optimizer.iterations == 0


def test_fit_goes_on_with_the_state_of_a_loop_and_the_reverse(backend, blobs):
    """One step by hand, one by fit, one by hand: the momentum runs through."""
    x, y = blobs[0].astype("float32"), blobs[1]
    model, expected = network(optimizers.SGD(0.1, momentum=0.9)), network(optimizers.SGD(0.1, momentum=0.9))
    for by_hand in (True, False, True, False):
        if by_hand:
            model.optimizer.apply(gradients_of(model, x, y), model.trainable_variables)
        else:
            model.train_on_batch(x, y)
        expected.train_on_batch(x, y)
    assert model.optimizer.iterations == expected.optimizer.iterations == 4
    for a, b in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


def test_variables_have_keras_names_and_order(backend, blobs):
    model = network(optimizers.Adam(0.1, amsgrad=True, use_ema=True, gradient_accumulation_steps=2))
    assert [v.name for v in model.optimizer.variables] == ["iteration", "learning_rate"]
    model.train_on_batch(*blobs)
    names = [v.name.removeprefix(f"{model.name}_") for v in model.optimizer.variables]
    layers = [layer.name for layer in model.layers]
    of = [f"{layer}_{kind}" for layer in layers for kind in ("kernel", "bias")]
    expected = ["iteration", "learning_rate"]
    for slot in ("average", "gradient_accumulator"):
        expected += [f"{name}_{slot}" for name in of]
    expected += [f"{name}_{slot}" for name in of for slot in ("momentum", "velocity")]
    expected += [f"{name}_velocity_hat" for name in of]
    assert names == expected
    first = model.optimizer.variables[2]
    assert (first.shape, first.dtype, first.path) == ((4, 5), np.float32, f"adam/{first.name}")
    first.assign(np.ones((4, 5)))
    assert (model.optimizer.variables[2].numpy() == 1).all()
    with pytest.raises(ValueError, match=r"expected an array of shape \(4, 5\), got \(5,\)"):
        first.assign(np.ones(5))


def test_weights_of_optimizers_can_be_set(backend, blobs):
    one, two = network(optimizers.Adam(0.1)), network(optimizers.Adam(0.1))
    one.train_on_batch(*blobs)
    with pytest.raises(ValueError, match="has not yet been built"):
        two.optimizer.set_weights(one.optimizer.get_weights())
    two.optimizer.build(two.trainable_variables)
    assert two.optimizer.built
    two.optimizer.set_weights(one.optimizer.get_weights())
    two.set_weights(one.get_weights())
    one.train_on_batch(*blobs)
    two.train_on_batch(*blobs)
    assert two.optimizer.iterations == 2
    assert two.optimizer.iterations.numpy() == 2
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("by_name", [True, False])
def test_excluded_weights_do_not_decay(backend, blobs, by_name):
    model = network(optimizers.AdamW(0.0, weight_decay=0.5))
    model.optimizer.learning_rate = 0.1
    plain = network(optimizers.AdamW(0.1, weight_decay=0.0))
    biases = [layer.bias for layer in model.layers]
    given = {"var_names": ["bias", "beta"]} if by_name else {"var_list": biases}
    model.optimizer.exclude_from_weight_decay(**given)
    for one in (model, plain):
        one.set_weights([w + 1 for w in one.get_weights()])
        one.train_on_batch(*blobs)
    for i, (a, b) in enumerate(zip(model.get_weights(), plain.get_weights(), strict=True)):
        assert np.array_equal(a, b) == bool(i % 2)
    with pytest.raises(ValueError, match="can only be configured before the optimizer is built"):
        model.optimizer.exclude_from_weight_decay(var_names=["bias"])


def test_a_function_may_be_the_learning_rate(backend, blobs, tmp_path):
    def halving(step):
        return 0.5 ** (step + 1)

    model, other = network(optimizers.SGD(halving)), network(optimizers.SGD(schedules.ExponentialDecay(0.5, 1, 0.5)))
    for one in (model, other):
        one.fit(*blobs, batch_size=30, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.optimizer.learning_rate == 0.0625
    rates = iter([0.5, 0.25, 0.125])
    assert optimizers.SGD(lambda: next(rates)).learning_rates(7, 2).tolist() == [0.5, 0.25]
    model.save(tmp_path / "m.fastnn")
    with pytest.raises(ValueError, match="the function 'halving' is not part of fastnn"):
        load_model(tmp_path / "m.fastnn")
    loaded = load_model(tmp_path / "m.fastnn", custom_objects={"halving": halving})
    assert loaded.optimizer.learning_rate == 0.0625


def test_a_function_takes_the_place_of_a_number(backend, blobs):
    optimizer = optimizers.SGD(0.1)
    optimizer.learning_rate = schedules.ExponentialDecay(0.5, 1, 0.5)
    assert optimizer.learning_rates(0, 2).tolist() == [0.5, 0.25]
    with pytest.raises(TypeError, match="was given a schedule"):
        optimizer.learning_rate = 0.1


@pytest.mark.parametrize("make", OPTIONS)
def test_serialize_and_deserialize(make):
    optimizer = make()
    config = json.loads(json.dumps(optimizers.serialize(optimizer)))
    assert config["module"] == "keras.optimizers"
    assert config["class_name"] == type(optimizer).__name__
    again = optimizers.deserialize(config)
    assert again.get_config() == optimizer.get_config()
    config["class_name"] = config["class_name"].lower()
    assert type(optimizers.deserialize(config)) is type(optimizer)
    assert optimizers.get(config).get_config() == optimizer.get_config()


def test_objects_of_ones_own_are_found_by_name():
    class Own(schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.25

        def get_config(self):
            return {}

    class OwnSGD(optimizers.SGD):
        pass

    config = optimizers.serialize(OwnSGD(Own()))
    found = optimizers.deserialize(config, custom_objects={"OwnSGD": OwnSGD, "Own": Own})
    assert type(found) is OwnSGD
    assert found.learning_rate == 0.25
    again = schedules.deserialize(schedules.serialize(schedules.CosineDecay(0.1, 5)))
    assert again(3) == schedules.CosineDecay(0.1, 5)(3)
    assert type(schedules.deserialize(schedules.serialize(Own()), {"Own": Own})) is Own
    assert fastnn.optimizers.schedules.CosineDecay is schedules.CosineDecay
