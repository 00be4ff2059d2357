"""The builder: what it derives from a list of forward ops, and the text of the result."""

import doctest

import pytest

import fastnn.builder
import fastnn.ops.kind
import fastnn.testing
from fastnn.builder import ProgramBuilder
from fastnn.ops import ROWS
from fastnn.program import ProgramError
from fastnn.testing import mlp_program

NET = """\
forward:
    dense                            hidden/z(B, 8) <- x(B, 4), hidden/kernel(4, 8), hidden/bias(8)
    relu                             hidden/a(B, 8) <- hidden/z(B, 8)
    dropout                          hidden/dropped(B, 8) <- hidden/a(B, 8) rate=0.25 stream=0
    dense                            out/z(B, 3) <- hidden/dropped(B, 8), out/kernel(8, 3)
    sparse_softmax_cross_entropy     loss(B), out/dz(B, 3) <- out/z(B, 3), target(B)
    sparse_categorical_accuracy      accuracy(B) <- out/z(B, 3), target(B)
backward:
    dense_dx                         hidden/ddropped(B, 8) <- out/dz(B, 3), out/kernel(8, 3)
    dense_dw                         out/dkernel(8, 3) <- hidden/dropped(B, 8), out/dz(B, 3)
    dropout_grad                     hidden/da(B, 8) <- hidden/ddropped(B, 8) rate=0.25 stream=0
    relu_grad                        hidden/dz(B, 8) <- hidden/da(B, 8), hidden/a(B, 8)
    dense_dw                         hidden/dkernel(4, 8) <- x(B, 4), hidden/dz(B, 8)
    dense_db                         hidden/dbias(8) <- hidden/dz(B, 8)
update:
    sgd_momentum                     hidden/kernel(4, 8), hidden/kernel/m(4, 8) <- \
hidden/dkernel(4, 8) momentum=0.9
    sgd_momentum                     hidden/bias(8), hidden/bias/m(8) <- hidden/dbias(8) momentum=0.9
    sgd_momentum                     out/kernel(8, 3), out/kernel/m(8, 3) <- out/dkernel(8, 3) momentum=0.9"""

FUSED = """\
backward:
    dense_dx                         hidden/ddropped(B, 8) <- out/dz(B, 3), out/kernel(8, 3)
    dense_sgd_momentum               out/kernel(8, 3), out/kernel/m(8, 3), out/dkernel(8, 3) <- \
hidden/dropped(B, 8), out/dz(B, 3) momentum=0.9
    dropout_grad                     hidden/da(B, 8) <- hidden/ddropped(B, 8) rate=0.25 stream=0
    relu_grad                        hidden/dz(B, 8) <- hidden/da(B, 8), hidden/a(B, 8)
    dense_sgd_momentum               hidden/kernel(4, 8), hidden/kernel/m(4, 8), hidden/dkernel(4, 8) <- \
x(B, 4), hidden/dz(B, 8) momentum=0.9
    dense_db                         hidden/dbias(8) <- hidden/dz(B, 8)
update:
    sgd_momentum                     hidden/bias(8), hidden/bias/m(8) <- hidden/dbias(8) momentum=0.9"""

INFERENCE = """\
predict:
    dense                            hidden/z(B, 8) <- x(B, 4), hidden/kernel(4, 8), hidden/bias(8)
    relu                             hidden/a(B, 8) <- hidden/z(B, 8)
    dense                            out/z(B, 3) <- hidden/a(B, 8), out/kernel(8, 3)
evaluate:
    dense                            hidden/z(B, 8) <- x(B, 4), hidden/kernel(4, 8), hidden/bias(8)
    relu                             hidden/a(B, 8) <- hidden/z(B, 8)
    dense                            out/z(B, 3) <- hidden/a(B, 8), out/kernel(8, 3)
    sparse_softmax_cross_entropy     loss(B) <- out/z(B, 3), target(B)
    sparse_categorical_accuracy      accuracy(B) <- out/z(B, 3), target(B)"""


def net(update=True, trainable=True, differentiable=False):
    b = ProgramBuilder()
    x = b.input(4, differentiable)
    with b.scope("hidden"):
        kernel, bias = (
            b.parameter("hidden/kernel", (4, 8), trainable),
            b.parameter("hidden/bias", (8,), trainable),
        )
        y = b.emit("relu", b.emit("dense", x, kernel, bias))
        y = b.emit("dropout", y, rate=0.25, stream=b.next_stream())
    with b.scope("out"):
        y = b.emit("dense", y, b.parameter("out/kernel", (8, 3)), None)
    target = b.target((), integer=True)
    start = b.loss("sparse_softmax_cross_entropy", y, target)
    b.metric("sparse_categorical_accuracy", y, target, "accuracy")
    b.backward(start)
    if update:
        b.update("sgd_momentum", ["m"], momentum=0.9)
    return b.build(y)


@pytest.mark.parametrize(
    "module", [fastnn.builder, fastnn.testing, fastnn.ops.kind], ids=lambda m: m.__name__
)
def test_examples_in_docstrings(module):
    found = doctest.testmod(module, extraglobs={"np": pytest.importorskip("numpy")})
    assert found.failed == 0
    assert found.attempted > 0 or module is fastnn.ops.kind


def test_disassemble():
    assert net().disassemble() == NET


def test_disassemble_inference_leaves_dropout_and_gradients_out():
    assert net().disassemble("predict", "evaluate") == INFERENCE


def test_disassemble_fused():
    from fastnn.fusion import fuse

    assert fuse(net()).disassemble("backward", "update") == FUSED


def test_str_of_a_buffer():
    program = net()
    assert [str(program.buffers[program.index(name)]) for name in ("x", "loss", "hidden/bias")] == [
        "x(B, 4)",
        "loss(B)",
        "hidden/bias(8)",
    ]


def test_roles():
    program = net()
    roles = {b.name: b.role for b in program.buffers}
    assert roles["x"] == "input"
    assert roles["target"] == "target"
    assert roles["hidden/a"] == "activation"
    assert roles["hidden/da"] == roles["out/dz"] == "delta"
    assert roles["out/dkernel"] == "gradient"
    assert roles["out/kernel/m"] == "slot"
    assert [program.buffers[i].name for i in program.values()] == ["loss", "accuracy"]
    assert program.buffers[program.output].name == "out/z"


def test_gradient_of_the_data_only_where_wanted():
    assert "dx(B, 4)" not in net().disassemble()
    assert (
        "dense_dx                         dx(B, 4) <- hidden/dz(B, 8)"
        in net(differentiable=True).disassemble()
    )


def test_frozen_parameters_are_not_updated():
    text = net(trainable=False).disassemble("update")
    assert "out/kernel" in text
    assert "hidden" not in text


def test_a_program_without_an_optimizer_has_no_updates():
    assert net(update=False).sections["update"] == ()


def test_names_that_are_taken_get_a_number():
    b = ProgramBuilder()
    x = b.input(2)
    names = [b.buffer(b.emit("relu", x)).name for _ in range(3)]
    assert names == ["a", "a_1", "a_2"]
    with b.scope("one"), b.scope("two"):
        assert b.buffer(b.emit("tanh", x)).name == "one/two/a"


def test_builder_knows_its_buffers():
    b = ProgramBuilder()
    x = b.input(2)
    y = b.emit("relu", x)
    assert b.buffer(y).shape == (ROWS, 2)
    assert b.source(x) is None
    assert b.source(y).kind.name == "relu"
    assert b.next_stream() == 0
    b.emit("gaussian_noise", b.emit("dropout", y, rate=0.5, stream=0), stddev=0.5, stream=1)
    assert b.next_stream() == 2
    assert b.gradient(y) is None
    assert b.gradient_name(y) == "da"


def test_builder_names_the_layer_of_a_bad_op():
    b = ProgramBuilder()
    x = b.input(3)
    with (
        b.scope("dense_1"),
        pytest.raises(ProgramError, match=r"dense_1 dense: operand 1 has shape \(4, 5\).*\(3, 'O'\)"),
    ):
        b.emit("dense", x, b.parameter("w", (4, 5)), None)


def test_what_has_no_backward_cannot_be_trained():
    b = ProgramBuilder()
    y = b.emit("relu_grad", *[b.emit("relu", b.input(3))] * 2)
    start = b.loss("mean_squared_error", y, b.target((3,)))
    with pytest.raises(ValueError, match="'relu_grad' has no backward"):
        b.backward(start)


SUMS = """\
backward:
    dense_dx                         da(B, 3) <- dy(B, 3), w(3, 3)
    add                              da_1(B, 3) <- dy(B, 3), da(B, 3)
    dense_dw                         dw(3, 3) <- a(B, 3), dy(B, 3)
    relu_grad                        dz(B, 3) <- da_1(B, 3), a(B, 3)
    dense_dw                         dw_1(3, 3) <- x(B, 3), dz(B, 3)
    add                              dw_2(3, 3) <- dw(3, 3), dw_1(3, 3)
update:
    sgd                              w(3, 3) <- dw_2(3, 3)"""


def test_gradients_of_a_buffer_with_several_uses_are_added_up():
    """A residual connection and a shared weight: y = a + a w, a = relu(x w)."""
    b = ProgramBuilder()
    x, w = b.input(3), b.parameter("w", (3, 3), key="w")
    y = b.emit("relu", b.emit("dense", x, w, None))
    assert b.parameter("w", (3, 3), key="w") == w
    y = b.emit("add", y, b.emit("dense", y, w, None))
    b.backward(b.loss("mean_squared_error", y, b.target((3,))))
    b.update("sgd")
    assert b.build(y).disassemble("backward", "update") == SUMS


def test_nothing_is_differentiated_below_what_is_trained():
    b = ProgramBuilder()
    y = b.emit("relu", b.emit("dense", b.input(3), b.parameter("frozen", (3, 3), trainable=False), None))
    z = b.emit("dense", b.emit("tanh", y), b.parameter("w", (3, 3)), None)
    b.backward(b.loss("mean_squared_error", z, b.target((3,))))
    assert [op.kind.name for op in b.build(z).sections["backward"]] == ["dense_dw"]


def test_forward_without_a_loss_keeps_what_leads_to_the_output():
    b = ProgramBuilder()
    y = b.emit("relu", b.input(3))
    b.emit("tanh", y)  # nobody wants it
    program = b.build(y)
    assert [op.kind.name for op in program.sections["forward"]] == ["relu"]
    assert program.targets == ()


def test_a_program_for_tests():
    program = mlp_program((3, 5, 2), "tanh", "binary_cross_entropy", "adam", 0.5, "binary_accuracy")
    kinds = [op.kind.name for op in program.sections["forward"]]
    assert kinds == [
        "dense",
        "tanh",
        "dropout",
        "dense",
        "sigmoid",
        "binary_cross_entropy",
        "binary_accuracy",
    ]
