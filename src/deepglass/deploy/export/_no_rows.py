"""An ONNX file that answers a batch of no rows with an empty answer, whatever its network is made of.

Many operators of ONNX Runtime (1.31) are not made for zero rows: FusedMatMul, which it puts in the place of Transpose
and MatMul, divides by their number and ends the process with SIGFPE; GRU and LSTM abort it; a MatMul with a matrix for
each picture refuses. So an empty batch is given one row of zeros, and its answer is cut off again:

    rows = Shape(input)[:1]        spare = 1 - min(rows, 1)        input ── Concat ── network ── Slice ── output
                                                    zeros (spare, …) ──┘                  rows ──┘

A batch that is not empty passes as it is.
"""

from typing import Any

from deepglass.deploy.graphs import Graph

PREFIX = "no rows: "  # begins the names of these few nodes and tensors
ROWS, SPARE, ZERO, ONE = (PREFIX + name for name in ("rows", "spare", "zero", "one"))


def with_empty_batches(proto: Any, graph: Graph) -> Any:
    """The exported graph, which now takes batches from no row on; changes `proto`."""
    from onnx import helper

    nodes = [
        helper.make_node("Shape", [graph.inputs[0].name], [ROWS], start=0, end=1),
        helper.make_node("Min", [ROWS, ONE], [PREFIX + "at most one"]),
        helper.make_node("Sub", [ONE, PREFIX + "at most one"], [SPARE]),
    ]
    elements = {tensor.name: tensor.type.tensor_type.elem_type for tensor in proto.graph.input}
    padded, whole = {}, {}
    for spec in graph.inputs:
        padded[spec.name] = f"{PREFIX}of {spec.name}"
        nodes += _padding(spec.name, padded[spec.name], elements[spec.name])
    for spec in graph.outputs:
        whole[spec.name] = f"{PREFIX}of {spec.name}"
    for node in proto.graph.node:
        _rename(node, padded, whole)
    cuts = [helper.make_node("Slice", [whole[s.name], ZERO, ROWS, ZERO], [s.name]) for s in graph.outputs]
    nodes += [*proto.graph.node, *cuts]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    proto.graph.initializer.extend([_number(ZERO, 0), _number(ONE, 1)])
    return proto


def _padding(name: str, padded: str, element: int) -> list[Any]:
    """Nodes that put a row of zeros under an input without rows."""
    from onnx import helper

    rest, shape, zeros = (f"{padded} {what}" for what in ("rest", "shape", "zeros"))
    return [
        helper.make_node("Shape", [name], [rest], start=1),
        helper.make_node("Concat", [SPARE, rest], [shape], axis=0),
        helper.make_node("ConstantOfShape", [shape], [zeros], value=helper.make_tensor("zero", element, [1], [0])),
        helper.make_node("Concat", [name, zeros], [padded], axis=0),
    ]


def _rename(node: Any, inputs: dict[str, str], outputs: dict[str, str]) -> None:
    """Let a node, and those inside it, read the padded inputs, and give the outputs under the name before the cut."""
    names = inputs | outputs
    for tensors in (node.input, node.output):
        for i, name in enumerate(tensors):
            tensors[i] = names.get(name, name)
    for attribute in node.attribute:
        for inner in (attribute.g, *attribute.graphs):
            for part in inner.node:
                _rename(part, inputs, outputs)


def _number(name: str, value: int) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor(name, TensorProto.INT64, [1], [value])
