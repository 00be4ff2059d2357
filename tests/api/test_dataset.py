"""The shim's ``tf.data.Dataset``: which elements come, in which order, and of which length it is."""

import random

import numpy as np
import pytest

from fastnn.tf_shim.data import Dataset

X = np.arange(10, dtype="float32").reshape(10, 1)
Y = np.arange(10) % 3


def values(dataset):
    return [np.asarray(element).reshape(-1).tolist() for element in dataset]


def test_slices_and_batches():
    dataset = Dataset.from_tensor_slices((X, Y)).batch(4)
    shapes = [(x.shape, y.shape, x.dtype, y.dtype) for x, y in dataset]
    assert shapes == [((n, 1), (n,), np.float32, Y.dtype) for n in (4, 4, 2)]
    x, y = next(iter(dataset))
    assert x.numpy().tolist() == X[:4].tolist() and y.numpy().tolist() == Y[:4].tolist()
    assert type(x.numpy()) is np.ndarray
    assert len(dataset) == int(dataset.cardinality()) == 3
    assert len(Dataset.from_tensor_slices((X, Y)).batch(4, drop_remainder=True)) == 2


def test_dicts_of_arrays():
    dataset = Dataset.from_tensor_slices(({"a": X, "b": Y}, Y)).batch(5)
    (inputs, targets), *_ = dataset
    assert inputs["a"].shape == (5, 1) and inputs["b"].tolist() == targets.tolist() == Y[:5].tolist()


def test_a_set_can_be_iterated_again():
    dataset = Dataset.from_tensor_slices(Y).batch(3).cache()
    assert values(dataset) == values(dataset) == [[0, 1, 2], [0, 1, 2], [0, 1, 2], [0]]


def test_shuffle_keeps_pairs_and_draws_anew():
    random.seed(5)
    dataset = Dataset.from_tensor_slices((X, Y)).shuffle(10).batch(10)
    (x, y), (again, _) = next(iter(dataset)), next(iter(dataset))
    assert sorted(x[:, 0].tolist()) == list(range(10)) != x[:, 0].tolist()
    assert y.tolist() == [int(v) % 3 for v in x[:, 0]]
    assert again.tolist() != x.tolist()
    random.seed(5)
    assert next(iter(dataset))[0].tolist() == x.tolist()


def test_shuffle_by_a_seed():
    def order(**options):
        return values(Dataset.range(20).shuffle(20, seed=3, **options))

    fixed = Dataset.range(20).shuffle(20, seed=3, reshuffle_each_iteration=False)
    assert order() == order() and values(fixed) == values(fixed)


def test_a_small_buffer_moves_elements_little():
    order = [v for (v,) in values(Dataset.range(50).shuffle(4))]
    assert sorted(order) == list(range(50)) != order
    assert all(value <= place + 4 for place, value in enumerate(order))


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        (Dataset.range(5).take(2), [[0], [1]]),
        (Dataset.range(5).take(-1), [[0], [1], [2], [3], [4]]),
        (Dataset.range(5).skip(3), [[3], [4]]),
        (Dataset.range(2).repeat(2), [[0], [1], [0], [1]]),
        (Dataset.range(2).repeat().take(3), [[0], [1], [0]]),
        (Dataset.range(1, 7, 2).map(lambda v: v * v), [[1], [9], [25]]),
        (Dataset.range(2).concatenate(Dataset.range(1)), [[0], [1], [0]]),
        (Dataset.range(3).batch(2).prefetch(-1).map(lambda v: v + 1, num_parallel_calls=-1), [[1, 2], [3]]),
        (Dataset.from_tensors([1, 2]), [[1, 2]]),
    ],
)
def test_elements_and_length(dataset, expected):
    assert values(dataset) == expected
    assert len(dataset) == len(expected)


def test_sets_of_unknown_length():
    unknown = Dataset.from_generator(lambda n: iter(range(n)), args=(4,), output_types="int32").filter(lambda v: v > 1)
    assert values(unknown) == [[2], [3]] and int(unknown.cardinality()) == -2
    assert values(Dataset.range(4).batch(2).unbatch()) == [[0], [1], [2], [3]]
    with pytest.raises(TypeError, match="unknown"):
        len(unknown)
    with pytest.raises(TypeError, match="infinite"):
        len(Dataset.range(2).repeat())
    assert int(Dataset.zip(Dataset.range(2).repeat(), Dataset.range(3)).cardinality()) == 3
    assert values(Dataset.zip(Dataset.range(3), Dataset.range(2))) == [[0, 0], [1, 1]]


def test_errors():
    with pytest.raises(ValueError, match=r"as many rows, got \[3, 10\]"):
        Dataset.from_tensor_slices((X, Y[:3]))
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        Dataset.range(3).batch(0)
    with pytest.raises(TypeError, match="no argument 'speed'"):
        Dataset.range(3).map(abs, speed=9)
