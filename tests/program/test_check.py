"""Bad programs are refused where they are made, with the section, the op, what was expected and what came."""

import re

import pytest

from fastnn.ops import KINDS
from fastnn.ops.kind import Signature
from fastnn.program import Buffer, Op, Program, ProgramError


def test_the_draft_is_a_good_program(draft):
    program = draft.build()
    assert [len(ops) for ops in program.sections.values()] == [1, 2, 2, 2, 1]
    assert program.index("w") == 2


def refused(draft, *parts):
    """The message of the refusal, which must have all ``parts``."""
    with pytest.raises(ProgramError) as caught:
        draft.build()
    for part in parts:
        assert re.search(part, str(caught.value)), f"{part!r} is not in {str(caught.value)!r}"


# Each case: what is spoilt, and what the message must say: section and position, op, both shapes or names.
CASES = {
    "a wrong shape": (
        lambda d: d.change("w", shape=(4, 2)),
        [r"predict\[0\] dense", r"shape \(4, 2\)", r"expected .*\(3, 2\)"],
    ),
    "a wrong number of columns": (
        lambda d: d.change("target", shape=(-1, 5)),
        [r"evaluate\[1\] mean_squared_error", r"\(-1, 5\)", r"\(-1, 2\)"],
    ),
    "a wrong rank": (
        lambda d: d.change("b", shape=(2, 1)),
        [r"predict\[0\] dense", r"\(2, 1\)", r"\(2,\)"],
    ),
    "shapes that are not all the same": (
        lambda d: d.change("w/m", shape=(2, 3)),
        [r"update\[0\] sgd_momentum", r"\(2, 3\)", r"\(3, 2\)"],
    ),
    "rows where a weight is wanted": (
        lambda d: d.sections["forward"].__setitem__(0, d.op("dense", ["y"], ["x", "target", "b"])),
        [r"forward\[0\] dense", r"\(-1, 2\)", r"\(3, 2\)"],
    ),
    "integers where reals are wanted": (
        lambda d: d.change("target", integer=True),
        [r"evaluate\[1\] mean_squared_error", r"target\(B, 2\)", "wrong type"],
    ),
    "reals where integers are wanted": (
        lambda d: d.sections["forward"].__setitem__(
            1, d.op("sparse_softmax_cross_entropy", ["loss", "dy"], ["y", "loss"])
        ),
        [r"forward\[1\] sparse_softmax_cross_entropy", r"loss\(B\)", "B:i", "wrong type"],
    ),
    "a missing operand": (
        lambda d: d.sections["predict"].__setitem__(0, d.op("dense", ["y"], ["x", None, "b"])),
        [r"predict\[0\] dense", r"\(IO\) is missing"],
    ),
    "too few operands": (
        lambda d: d.sections["predict"].__setitem__(0, d.op("dense", ["y"], ["x", "w"])),
        [r"predict\[0\] dense", "takes 3 inputs", "got 2"],
    ),
    "too many operands": (
        lambda d: d.sections["backward"].__setitem__(0, d.op("dense_dw", ["dw", "db"], ["x", "dy"])),
        [r"backward\[0\] dense_dw", "takes 1 outputs", "got 2"],
    ),
    "a buffer that does not exist": (
        lambda d: d.sections["backward"].__setitem__(0, d.op("dense_dw", [99], ["x", "dy"])),
        [r"backward\[0\] dense_dw", "buffer 99", "there are 11"],
    ),
    "a negative buffer": (
        lambda d: d.sections["backward"].__setitem__(0, d.op("dense_dw", [-3], ["x", "dy"])),
        [r"backward\[0\] dense_dw", "buffer -3", "there are 11"],
    ),
    "reading before writing": (
        lambda d: d.sections["forward"].reverse(),
        [r"forward\[0\] mean_squared_error", r"reads y\(B, 2\) before"],
    ),
    "a gradient that nobody computes": (
        lambda d: d.sections["backward"].pop(0),
        [r"update\[0\] sgd_momentum", r"reads dw\(3, 2\) before"],
    ),
    "prediction from what only training computes": (
        lambda d: d.sections["predict"].insert(0, d.op("relu", ["y"], ["dy"])),
        [r"predict\[0\] relu", r"reads dy\(B, 2\) before"],
    ),
    "an output that is its input": (
        lambda d: d.sections["predict"].append(d.op("relu", ["y"], ["y"])),
        [r"predict\[1\] relu", r"y\(B, 2\) is another operand too"],
    ),
    "one buffer for two outputs": (
        lambda d: d.sections["update"].__setitem__(
            0, d.op("sgd_momentum", ["w", "w"], ["w", "w", "dw"], momentum=0.9)
        ),
        [r"update\[0\] sgd_momentum", r"w\(3, 2\)", "is another operand too"],
    ),
    "a step whose gradient is its weight": (
        lambda d: d.sections["update"].__setitem__(0, d.op("sgd", ["w"], ["w", "w"])),
        [r"update\[0\] sgd", r"w\(3, 2\)", "is another operand too"],
    ),
    "a step that is not in place": (
        lambda d: d.sections["update"].__setitem__(0, d.op("sgd", ["w/m"], ["w", "dw"])),
        [r"update\[0\] sgd", "output 0 must be its input 0"],
    ),
    "writing to the data": (
        lambda d: d.sections["predict"].append(d.op("dense_dx", ["x"], ["y", "w"])),
        [r"predict\[1\] dense_dx", r"writes to x\(B, 3\)"],
    ),
    "writing to the target": (
        lambda d: d.sections["predict"].append(d.op("relu", ["target"], ["y"])),
        [r"predict\[1\] relu", r"writes to target\(B, 2\)"],
    ),
    "an unknown section": (
        lambda d: d.sections.__setitem__("warm up", []),
        ["unknown section 'warm up'", "'forward'"],
    ),
    "a missing attribute": (
        lambda d: d.sections["update"].__setitem__(0, d.op("sgd_momentum", ["w", "w/m"], ["w", "w/m", "dw"])),
        [r"update\[0\] sgd_momentum", r"attributes \('momentum',\), got \(\)"],
    ),
    "an attribute too many": (
        lambda d: d.sections["predict"].__setitem__(0, d.op("dense", ["y"], ["x", "w", "b"], rate=0.5)),
        [r"predict\[0\] dense", r"got \('rate',\)"],
    ),
    "a dimension of 0": (lambda d: d.change("w", shape=(3, 0)), [r"w\(3, 0\)", "none of them 0"]),
    "three dimensions": (lambda d: d.change("y", shape=(-1, 2, 2)), [r"y\(B, 2, 2\)", "one or two"]),
    "no dimensions": (lambda d: d.change("b", shape=()), [r"b\(\)", "one or two"]),
    "an unknown role": (lambda d: d.change("b", role="bias"), [r"b\(2\)", "'bias'", "'parameter'"]),
    "a value that is no column of rows": (
        lambda d: d.change("loss", shape=(-1, 1)),
        [r"loss\(B, 1\) is a value", r"shape \(B\)"],
    ),
    "an output of no rows": (
        lambda d: d.ends.__setitem__("output", 2),
        [r"output is w\(3, 2\)", r"\(B, columns\)"],
    ),
    "an input that is not there": (
        lambda d: d.ends.__setitem__("input", 50),
        ["input is buffer 50", "11 buffers"],
    ),
    "an input of another role": (
        lambda d: d.ends.__setitem__("input", 4),
        [r"input is y\(B, 2\)", "'activation'", "'input'"],
    ),
    "a target of another role": (
        lambda d: d.ends.__setitem__("targets", (0,)),
        [r"target is x\(B, 3\)", "'input'", "'target'"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case, draft):
    spoil, parts = CASES[case]
    spoil(draft)
    refused(draft, *parts)


def test_a_section_may_be_missing(draft):
    for name in ("backward", "update", "evaluate", "predict"):
        del draft.sections[name]
    assert list(draft.build().sections) == ["forward"]


def test_a_parameter_may_be_written_by_an_op_that_is_not_in_place(draft):
    """Only data is protected: a program of one's own may copy a gradient into a parameter, say."""
    draft.sections["update"] = [draft.op("dense_dw", ["w"], ["x", "dy"])]
    assert draft.build().sections["update"][0].kind is KINDS["dense_dw"]


def test_index_of_an_unknown_buffer(draft):
    with pytest.raises(KeyError, match=r"no buffer called 'z'.*'x', 'target', 'w'"):
        draft.build().index("z")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_signature_is_checked(kind, draft):
    """For every op: operands of fitting shapes are taken, and one dimension more in any of them is not."""
    sizes = {"B": -1, "I": 3, "O": 2, "N": 2, "S": 1, "K": 3, "M": 5, "T": 4}
    numbers = {"first": 1, "second": 2, "inner": 1, "most": 2, "count": 5 if kind.name == "columns_grad" else 2}
    attributes = {name: numbers.get(name, 0.5) for name in kind.attributes}
    operands = kind.rule.outputs + kind.rule.inputs
    shapes = [(3, 2) if o.dims == "*" else tuple(sizes[letter] for letter in o.dims) for o in operands]
    assert kind.rule.bind(shapes, operands)
    outputs = len(kind.rule.outputs)
    assert kind.output_shapes(shapes[outputs:], attributes) == tuple(shapes[:outputs])
    alone = sum(o.dims == "*" for o in operands) == 1
    for i in range(len(shapes)):
        if operands[i].dims == "*" and alone:
            continue  # any shape is right
        wrong = [*shapes]
        wrong[i] = (*wrong[i], 7)
        with pytest.raises(ValueError, match=r"has shape \(.*7\), expected|expected .* like the others"):
            kind.rule.bind(wrong, operands)


def test_columns_must_lie_within_the_row():
    columns, gradient, concatenate = KINDS["columns"], KINDS["columns_grad"], KINDS["concatenate"]
    assert columns.output_shapes([(-1, 5)], {"first": 2, "count": 3}) == ((-1, 3),)
    with pytest.raises(ValueError, match=r"columns 3 \.\. 5 of 5"):
        columns.output_shapes([(-1, 5)], {"first": 3, "count": 3})
    with pytest.raises(ValueError, match="puts 3 columns from column 3 on into 5"):
        gradient.output_shapes([(-1, 3)], {"first": 3, "count": 5})
    buffers = (Buffer("x", (-1, 3), "input"), Buffer("y", (-1, 5), "activation"))
    with pytest.raises(ProgramError, match=r"predict\[0\] concatenate: gives M = 6, but its output has 5"):
        Program(buffers, {"predict": (Op(concatenate, (1,), (0, 0), {}),)}, 0, 1)


def test_axes_must_fit_into_the_row():
    swap, repeat, total = KINDS["swap_axes"], KINDS["repeat_axis"], KINDS["sum_axis"]
    assert repeat.output_shapes([(-1, 6)], {"count": 4, "inner": 3}) == ((-1, 24),)
    assert total.output_shapes([(-1, 24)], {"count": 4, "inner": 3}) == ((-1, 6),)
    with pytest.raises(ValueError, match="cannot divide 6 columns by first = 2, second = 2, inner = 1"):
        swap.output_shapes([(-1, 6)], {"first": 2, "second": 2, "inner": 1})
    with pytest.raises(ValueError, match="cannot divide 6 columns by inner = 4"):
        repeat.output_shapes([(-1, 6)], {"count": 4, "inner": 4})
    with pytest.raises(ValueError, match="cannot divide 6 columns by count = 4, inner = 1"):
        total.output_shapes([(-1, 6)], {"count": 4, "inner": 1})


def test_signatures_are_read_as_written():
    signature = Signature.parse("B, BN? <- BN, B:i")
    assert [str(operand) for operand in signature.outputs] == ["B", "BN?"]
    assert [str(operand) for operand in signature.inputs] == ["BN", "B:i"]
    assert [operand.optional for operand in signature.outputs] == [False, True]
    assert [operand.integer for operand in signature.inputs] == [False, True]


def test_buffers_and_ops_cannot_be_changed(draft):
    program = draft.build()
    with pytest.raises(AttributeError):
        program.output = 0
    with pytest.raises(AttributeError):
        program.buffers[0].shape = (1, 1)
    with pytest.raises(AttributeError):
        program.sections["forward"][0].inputs = ()
    assert isinstance(program.buffers[0], Buffer)
    assert isinstance(program.sections["forward"][0], Op)
