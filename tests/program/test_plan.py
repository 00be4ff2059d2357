"""Memory: places do not overlap, are aligned, and lie inside of their arena, whatever the shapes."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn.backends.plan import ALIGNMENT, PANELS, ROW, VECTOR, make_plan
from fastnn.ops import ROWS
from fastnn.program import PERSISTENT
from fastnn.testing import LOSSES, OPTIMIZERS, mlp_program

widths = st.integers(1, 70) | st.sampled_from([127, 128, 129, 1000, 1024, 2048])


def assert_sound(program, plan, rows, panel, itemsize):
    assert len(plan.places) == len(program.buffers)
    sizes = {True: plan.persistent_size, False: plan.batch_size}
    used = {True: [], False: []}
    for place, buffer in zip(plan.places, program.buffers, strict=True):
        assert place.persistent == (buffer.role in PERSISTENT)
        assert place.integer == buffer.integer
        assert place.rank == len(buffer.shape)
        assert place.offset % ALIGNMENT == 0
        assert 0 <= place.offset <= place.offset + place.size <= sizes[place.persistent]
        used[place.persistent].append((place.offset, place.offset + place.size))
        item = 4 if buffer.integer else itemsize
        by_row = buffer.shape[0] == ROWS
        assert place.layout == (ROW if by_row else PANELS if len(buffer.shape) == 2 else VECTOR)
        columns = buffer.shape[-1] if len(buffer.shape) == 2 or not by_row else 1
        assert place.cols == columns
        padded = -(-columns // panel) * panel
        if by_row and place.rank == 2:
            assert place.ld % panel == 0
            assert padded <= place.ld <= padded + panel
            assert place.ld * itemsize % 4096 != 0, "rows that share cache sets"
            assert place.size == rows * place.ld * item
        elif by_row:
            assert place.size >= rows * item
        else:
            assert place.size == (buffer.shape[0] if place.rank == 2 else 1) * padded * item
    for intervals in used.values():
        for (_, end), (start, _) in itertools.pairwise(sorted(intervals)):
            assert end <= start, "two places overlap"
    assert used[True]
    assert used[False]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(widths, min_size=2, max_size=5),
    st.sampled_from(sorted(LOSSES)),
    st.sampled_from(sorted(OPTIMIZERS)),
    st.integers(1, 600),
    st.sampled_from([8, 16, 32]),
    st.sampled_from([4, 8]),
)
def test_places(sizes, loss, optimizer, rows, panel, itemsize):
    program = mlp_program(tuple(sizes), "relu", loss, optimizer, dropout=0.5)
    assert_sound(program, make_plan(program, rows, panel, itemsize), rows, panel, itemsize)


def test_persistent_places_do_not_depend_on_the_batch():
    """So that the parameters stay where they are when a larger batch needs another plan."""
    program = mlp_program((784, 100, 10), optimizer="adam")
    small, large = (make_plan(program, rows, 16, 4) for rows in (1, 512))
    for one, other in zip(small.places, large.places, strict=True):
        if one.persistent:
            assert one == other
    assert small.persistent_size == large.persistent_size
    assert small.batch_size < large.batch_size


@pytest.mark.parametrize("rows", [1, 32])
def test_memory_of_a_small_net(rows):
    """784-100-10 with Adam, float32, panels of 16: parameters and two slots of each, in whole panels."""
    plan = make_plan(mlp_program((784, 100, 10), optimizer="adam"), rows, 16, 4)
    assert plan.persistent_size == 3 * 4 * (784 * 112 + 112 + 100 * 16 + 16)
    # A row of the data takes 784 * 4 bytes; its gradient, the activations and their gradients come to it.
    assert plan.batch_size >= rows * 4 * 2 * (784 + 112 + 112 + 16)
