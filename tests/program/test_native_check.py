"""The C side checks for itself: a spoilt program raises ValueError and never reaches a kernel."""

import numpy as np
import pytest

from fastnn._native import core
from fastnn.backends.native import NativeExecutable, levels
from fastnn.backends.plan import Plan, make_plan
from fastnn.builder import ProgramBuilder
from fastnn.ops import KINDS
from fastnn.program import SECTIONS
from fastnn.testing import mlp_program

ROWS_RESERVED = 16


class Parts:
    """The arguments of ``NativeProgram`` and of its ``reserve``, to be spoilt."""

    def __init__(self, program, dtype="float32", level=None):
        self.program, self.level, self.dtype = program, level or levels()[0], dtype
        self.sections, self.ops = [0], []
        for section in SECTIONS:
            self.ops += [NativeExecutable._lower(op) for op in program.sections[section]]
            self.sections.append(len(self.ops))
        self.n_buffers, self.values = len(program.buffers), program.values()
        self.input, self.output, self.fed = program.input, program.output, list(program.targets)

    def native(self):
        ends = self.input, self.output, self.fed
        return core.NativeProgram(
            self.level, self.dtype, self.n_buffers, self.ops, self.sections, self.values, *ends, 1
        )

    def plan(self, **change):
        """The plan, with fields of one place changed: plan(index=3, rows=7)."""
        plan = make_plan(self.program, ROWS_RESERVED, self.native().panel, np.dtype(self.dtype).itemsize)
        index = change.pop("index", None)
        places = [p._replace(**change) if i == index else p for i, p in enumerate(plan.places)]
        return Plan(tuple(places), plan.persistent_size, plan.batch_size)

    def reserve(self, plan=None):
        native = self.native()
        native.reserve(plan or self.plan(), ROWS_RESERVED)
        return native


@pytest.fixture
def parts():
    program = mlp_program(
        (5, 7, 3), "relu", "sparse_softmax_cross_entropy", "adam", 0.5, "sparse_categorical_accuracy"
    )
    return Parts(program)


def test_the_unspoilt_program_is_taken(parts):
    native = parts.reserve()
    assert native.capacity == ROWS_RESERVED
    assert native.panel % 8 == 0


def test_unknown_level_and_dtype(parts):
    for field, value in [("level", "x86_v99"), ("dtype", "uint8"), ("dtype", "float16")]:
        spoilt = Parts(parts.program)
        setattr(spoilt, field, value)
        with pytest.raises(ValueError, match=value):
            spoilt.native()


@pytest.mark.parametrize("code", [-1, 10_000, 2**31 - 1])
def test_unknown_opcode(parts, code):
    parts.ops[3] = (code, *parts.ops[3][1:])
    with pytest.raises(ValueError, match="op 3: no such operation"):
        parts.reserve()


@pytest.mark.parametrize("buffer", [-2, 10_000, 2**31 - 1, -(2**31)])
def test_operands_that_are_no_buffers(parts, buffer):
    for position, (code, operands, *rest) in enumerate(parts.ops):
        for i in range(len(operands)):
            spoilt = Parts(parts.program)
            spoilt.ops[position] = code, [*operands[:i], buffer, *operands[i + 1 :]], *rest
            with pytest.raises(ValueError, match=f"op {position}: operand missing or not a buffer"):
                spoilt.reserve()


def test_missing_operands(parts):
    """Left out is refused, but for those that are optional."""
    optional = 0
    for position, (code, operands, *rest) in enumerate(parts.ops):
        op = [op for section in SECTIONS for op in parts.program.sections[section]][position]
        rule = op.kind.rule.outputs + op.kind.rule.inputs
        for i in range(len(operands)):
            spoilt = Parts(parts.program)
            spoilt.ops[position] = code, [*operands[:i], -1, *operands[i + 1 :]], *rest
            if rule[i].optional:
                optional += 1
                spoilt.reserve()
            else:
                with pytest.raises(ValueError, match=f"op {position}: operand missing"):
                    spoilt.reserve()
    assert optional >= 4


def test_too_many_operands_or_attributes(parts):
    code, operands, attributes, every = parts.ops[0]
    for bad in ((code, [*operands, *[0] * 10], attributes, every), (code, operands, [1.0] * 5, every)):
        parts.ops[0] = bad
        with pytest.raises(ValueError, match="op 0 has too many"):
            parts.native()


def test_shapes_that_do_not_fit(parts):
    """One more or less in any dimension that the rest of the program fixes."""
    plan = parts.plan()
    refused = 0
    for index, place in enumerate(plan.places):
        for change in ({"cols": place.cols - 1}, {"rows": place.rows - 1}, {"cols": place.cols + 64}):
            with pytest.raises(ValueError, match=r"shapes do not fit|outside of its arena|but has no row"):
                parts.reserve(parts.plan(index=index, **change))
            refused += 1
    assert refused == 3 * len(plan.places)


def test_types_that_do_not_fit(parts):
    for index, place in enumerate(parts.plan().places):
        with pytest.raises(ValueError, match=r"integers where reals are wanted|outside of its arena"):
            parts.reserve(parts.plan(index=index, integer=not place.integer))


@pytest.mark.parametrize(
    "change",
    [
        {"offset": -64},
        {"offset": 2**40},
        {"size": 2**40},
        {"size": 3},
        {"ld": 2**40},
        {"ld": 0},
        {"rows": 2**62},
    ],
    ids=str,
)
def test_places_outside_of_the_arena(parts, change):
    with pytest.raises(ValueError, match=r"plan puts buffer 0 outside|shapes do not fit"):
        parts.reserve(parts.plan(index=0, **change))


def test_a_plan_for_another_program(parts):
    other = Parts(mlp_program((5, 7, 7, 3)))
    for places in (other.plan().places, parts.plan().places[:-1], ()):
        with pytest.raises(ValueError, match="places for"):
            parts.native().reserve(Plan(tuple(places), 10**6, 10**6), ROWS_RESERVED)
    with pytest.raises(ValueError, match="0 rows"):
        parts.native().reserve(parts.plan(), 0)


@pytest.mark.parametrize(
    "sections",
    [[0], [], list(range(9)), [0, 1, 2, 3, 4, 10_000], [0, 5, 3, 6, 7, 8], [-1, 1, 2, 3, 4, 5]],
    ids=str,
)
def test_sections_that_are_no_ranges(parts, sections):
    parts.sections = sections
    with pytest.raises(ValueError, match=r"sections|no such operation or section"):
        parts.reserve()


@pytest.mark.parametrize("field", ["input", "output", "fed"])
def test_ends_that_cannot_be(parts, field):
    for buffer in (parts.program.index("w0"), parts.program.index("b0"), parts.n_buffers, 2**31 - 1):
        setattr(parts, field, [buffer] if field == "fed" else buffer)
        with pytest.raises(ValueError, match=r"row by row|not a buffer"):
            parts.reserve()


def test_values_that_cannot_be(parts):
    for buffer in (parts.program.index("w0"), parts.n_buffers, -5):
        parts.values = [parts.values[0], buffer]
        with pytest.raises(ValueError, match=r"row by row|not a buffer"):
            parts.reserve()


def test_a_program_without_memory_does_nothing(parts):
    """Before ``reserve``, and after one that failed, nothing can be run or copied."""
    native = parts.reserve()
    with pytest.raises(ValueError):
        native.reserve(parts.plan(index=0, cols=4), ROWS_RESERVED)
    data = core.Data(np.zeros(20, np.uint8), 20, "float32", [(parts.fed[0], np.zeros(4, np.uint8))])
    room, totals = np.zeros(400, np.uint8), np.zeros(2)
    for program in (parts.native(), native):
        assert program.capacity == 0
        for call in (
            lambda p: p.import_reals(2, room, 1),
            lambda p: p.export_reals(room, 2, 1),
            lambda p: p.export_integers(np.zeros(1, np.int32), 1),
            lambda p: p.load(data, 1),
            lambda p: p.run_ops(1, 0, 1),
            lambda p: p.train(totals, data, np.zeros(1, np.int64), 1),
            lambda p: p.evaluate(totals, data, 0, 1, 1),
            lambda p: p.predict(room, data, 0, 1, 1),
        ):
            with pytest.raises(ValueError):
                call(program)
    native.reserve(parts.plan(), ROWS_RESERVED)
    native.import_reals(parts.program.index("b0"), np.ones(28, np.uint8), 0)


def test_calls_beyond_what_was_reserved(parts):
    native = parts.reserve()
    data = core.Data(np.zeros(20, np.uint8), 20, "float32", [(parts.fed[0], np.zeros(4, np.uint8))])
    order, totals = np.zeros(40, np.int64), np.zeros(2)
    for call in (
        lambda: native.train(totals, data, order, ROWS_RESERVED + 1),
        lambda: native.train(totals, data, order, 0),
        lambda: native.train(np.zeros(1), data, order, 4),
        lambda: native.evaluate(totals, data, 0, 40, ROWS_RESERVED + 1),
        lambda: native.evaluate(totals, data, 0, 40, -1),
        lambda: native.evaluate(np.zeros(3), data, 0, 4, 4),
        lambda: native.predict(np.zeros(4000, np.uint8), data, 0, 40, ROWS_RESERVED + 1),
        lambda: native.predict(np.zeros(4000, np.uint8), data, 0, 40, 0),
        lambda: native.load(data, ROWS_RESERVED + 1),
        lambda: native.run_ops(ROWS_RESERVED + 1, 0, 1),
        lambda: native.run_ops(1, -1, 1),
        lambda: native.run_ops(1, 0, len(parts.ops) + 1),
        lambda: native.import_reals(parts.n_buffers, np.zeros(4, np.uint8), 0),
        lambda: native.export_reals(np.zeros(4, np.uint8), -1, 0),
    ):
        with pytest.raises(ValueError):
            call()


@pytest.mark.parametrize(
    ("op_name", "attributes"),
    [("swap_axes", (2, 2, 1)), ("swap_axes", (0, 6, 1)), ("swap_axes", (2**31, 2**31, 2**31)),
     ("swap_axes", (1.5, 2, 1)), ("repeat_axis", (2, 4)), ("repeat_axis", (2, -1)), ("sum_axis", (2, float("nan"))),
     ("max_axis", (2, 5))],
)  # fmt: skip
def test_axes_that_do_not_fit(op_name, attributes):
    good = {"swap_axes": (2, 3, 1), "repeat_axis": (2, 3), "sum_axis": (2, 3), "max_axis": (2, 3)}[op_name]
    b = ProgramBuilder()
    y = b.emit(op_name, b.input(6), **dict(zip(KINDS[op_name].attributes, good, strict=True)))
    parts = Parts(b.build(y))
    parts.reserve()
    position = next(i for i, (_, _, numbers, _) in enumerate(parts.ops) if tuple(numbers[: len(good)]) == good)
    code, operands, _, every = parts.ops[position]
    parts.ops[position] = code, operands, attributes, every
    with pytest.raises(ValueError, match="shapes do not fit"):
        parts.reserve()


def test_only_targets_and_weights_are_fed(parts):
    native = parts.reserve()
    x = np.zeros(20, np.uint8)
    for buffer in (parts.input, parts.program.index("w0"), parts.n_buffers, -1):
        data = core.Data(x, 20, "float32", [(parts.fed[0], np.zeros(4, np.uint8)), (buffer, np.zeros(4, np.uint8))])
        for call in (
            lambda data=data: native.load(data, 1),
            lambda data=data: native.train(np.zeros(2), data, np.zeros(1, np.int64), 1),
            lambda data=data: native.evaluate(np.zeros(2), data, 0, 1, 1),
        ):
            with pytest.raises(ValueError, match="can be fed"):
                call()


def test_random_damage(parts):
    """One number of the program at random: refused, or a program that still runs inside of its memory."""
    generator = np.random.default_rng(5)
    refused = 0
    for _ in range(400):
        spoilt = Parts(parts.program, dtype=("float32", "float64")[generator.integers(2)])
        number = int(generator.choice([-(2**31), -2, -1, 0, 1, 2, 3, 7, 16, 64, 1000, 2**31 - 1]))
        change = {}
        if generator.random() < 0.6:
            position = int(generator.integers(len(spoilt.ops)))
            code, operands, *rest = spoilt.ops[position]
            i = int(generator.integers(-1, len(operands)))
            if i < 0:
                code = number
            else:
                operands = [*operands[:i], int(generator.integers(-1, parts.n_buffers)), *operands[i + 1 :]]
            spoilt.ops[position] = code, operands, *rest
        else:
            field = ("rows", "cols", "ld", "rank", "size", "offset")[generator.integers(6)]
            change = {"index": int(generator.integers(parts.n_buffers)), field: number}
        try:
            native = spoilt.reserve(spoilt.plan(**change))
        except ValueError:
            refused += 1
            continue
        data = core.Data(np.zeros(5 * 8 * 4, np.uint8), 40, "float64", [(parts.fed[0], np.zeros(4 * 4, np.uint8))])
        native.train(np.zeros(2), data, np.arange(4), 4)
    assert 100 < refused < 400
