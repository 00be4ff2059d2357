"""Models as ONNX files, for programs that only predict; the package onnx writes them.

What is exported is the program that ``predict`` runs, op by op: layers of one's own, nested models and functions are in
it as their operations, parameters as their values.
"""

import math
import os

import numpy as np

from ..saving.atomic import write_file
from .onnx_ops import TRANSLATIONS

OPSET, IR_VERSION = 18, 8
"""Of 2022: old enough for what reads such files."""


def export_model(model, filepath, format="onnx"):
    """Write the model to an ONNX file that predicts what the model does.

    Parameters
    ----------
    model : Model
        Built.
    filepath : str or path
    format : "onnx"
        The only one; Keras' other formats hold programs of other libraries.

    Raises
    ------
    ValueError
        For another format, or a model that is not built.
    NotImplementedError
        If the model has something that ONNX cannot express, such as a layer that computes with NumPy.
    ImportError
        Without the package onnx.
    """
    if format != "onnx":
        raise ValueError(
            f"export: format {format!r} is not supported, only 'onnx'; model.save(path) writes files that fastnn and "
            "Keras read"
        )
    if model.input_shape is None or not model.built:
        raise ValueError(f"{model.name!r} is not built; call build(input_shape) or fit before export")
    try:
        import onnx
    except ImportError:
        raise ImportError("export needs onnx; install it with pip install 'fastnn-cpu[onnx]'") from None
    write_file(os.fspath(filepath), [_onnx_model(onnx, model).SerializeToString()])


def _onnx_model(onnx, model):
    trainer = model._any_trainer()
    program, parameters = trainer.program, trainer._session.names
    g = _Graph(onnx, np.dtype(model.dtype or "float32"))
    named = {name: parameter for parameter, name in parameters.items()}
    known = {}

    inputs = [(tensor.name, tensor.shape) for tensor in model.inputs]
    rows = [g("Reshape", name, g.integers(0, math.prod(shape[1:]))) for name, shape in inputs]
    known[program.input] = rows[0] if len(rows) == 1 else g("Concat", *rows, axis=1)
    g.rows = g("Slice", g("Shape", known[program.input]), g.integers(0), g.integers(1))

    def operand(index):
        if index is not None and index not in known:
            buffer = program.buffers[index]
            known[index] = g.array(np.reshape(named[buffer.name].value, buffer.shape), buffer.name)
        return known.get(index)

    for op in program.sections["predict"]:
        translate = TRANSLATIONS.get(op.kind.name)
        if translate is None:
            raise NotImplementedError(f"{model.name!r}: ONNX has nothing for the operation {op.kind.name!r}")
        known[op.outputs[0]] = translate(g, *map(operand, op.inputs), **op.attributes)

    outputs, first = [], 0
    for tensor in model.outputs:
        count = math.prod(tensor.shape[1:])
        y = operand(program.output)
        if len(model.outputs) > 1:
            y = TRANSLATIONS["columns"](g, y, first, count)
        name = tensor.node.operation.name if tensor.node is not None else tensor.name
        outputs.append((g("Reshape", y, g.integers(0, *tensor.shape[1:]), name=f"{name}_output"), tensor.shape))
        first += count
    return g.model(model.name, inputs, outputs)


class _Graph:
    """Nodes and constants of a graph in the making; called, it appends a node and returns the name of its output."""

    def __init__(self, onnx, dtype):
        self._onnx, self._dtype = onnx, dtype
        self.type = onnx.helper.np_dtype_to_tensor_dtype(dtype)
        self.BOOL = onnx.TensorProto.BOOL
        self._nodes, self._constants = [], {}

    def __call__(self, onnx_name, *inputs, name=None, **attributes):
        name = name or f"{onnx_name.lower()}_{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(onnx_name, inputs, [name], name=name, **attributes))
        return name

    def _constant(self, array, name):
        self._constants[name] = self._onnx.numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def array(self, array, name=None):
        """A constant of real numbers."""
        return self._constant(np.asarray(array, self._dtype), name or f"constant_{len(self._constants)}")

    def number(self, value):
        return self._constant(np.asarray(value, self._dtype).reshape(()), f"number {float(value)!r}")

    def integers(self, *values):
        whole = [int(value) for value in values]
        return self._constant(np.array(whole, np.int64), f"integers {whole}")

    def model(self, name, inputs, outputs):
        """The whole as an ONNX model, which has been checked."""
        helper = self._onnx.helper
        described = [
            [helper.make_tensor_value_info(tensor, self.type, ["rows", *shape[1:]]) for tensor, shape in ends]
            for ends in (inputs, outputs)
        ]
        graph = helper.make_graph(self._nodes, name, *described, list(self._constants.values()))
        made = helper.make_model(
            graph, producer_name="fastnn", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        self._onnx.checker.check_model(made)
        return made
