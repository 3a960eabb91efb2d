"""Weights of an ONNX file in fewer bits: rewritten in the graph, so that any ONNX runtime reads the result.

    table (V, C) ── Gather          becomes  int8 (V, C) ── Gather ── Cast ┐
                                             scale (V, 1) ── Gather ─ Cast ┴ Mul
    weight ── operator              becomes  int8 ── DequantizeLinear ── operator
    weight ── operator              becomes  float16 ── Cast ── operator

A table of embeddings gets a scale for every row: rows of rare words are small, and one scale for all would round them
away. Only the rows that are looked up are ever turned back into float32. Elsewhere every channel has a scale.

DequantizeLinear: https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
"""

from collections.abc import Callable
from typing import Any

import numpy as np

LEAST = 1024  # numbers of a weight that is worth it: names and scales take some hundred bytes
LARGEST = 127  # of int8, symmetric around zero
MOST_HALF = 65_504.0  # the largest float16
CHANNEL_AXIS = {"GRU": 1, "RNN": 1, "LSTM": 1, "MatMul": -1}  # where an operator's weight has its outputs; else first

Nodes = list[Any]


def tidy(proto: Any) -> Any:
    """Leave out what the exporter remarks about each node, name every node, and each set of operators once."""
    for i, node in enumerate(proto.graph.node):
        del node.metadata_props[:]
        node.doc_string = ""
        node.name = node.name or f"node {i}"
    del proto.graph.value_info[:]
    versions = {entry.domain: entry.version for entry in proto.opset_import}
    del proto.opset_import[:]
    for domain, version in versions.items():
        proto.opset_import.add(domain=domain, version=version)
    return proto


def rows_as_int8(proto: Any) -> list[str]:
    """Tables of embeddings in int8, a scale per row; returns their names."""
    tables = [weight.name for weight in large_weights(proto) if _is_table(proto, weight)]
    return [name for name in tables if _replace_lookups(proto, name, _rows_in_int8)]


def weights_as_int8(proto: Any) -> list[str]:
    """Every large weight that is still float32 in int8, computed with in float32; returns their names."""
    weights = [weight.name for weight in large_weights(proto)]
    for name in weights:
        _replace(proto, name, lambda values, name=name: _channels_in_int8(values, name, _axis(proto, name)))
    return weights


def weights_as_half(proto: Any) -> list[str]:
    """Every large weight in float16, computed with in float32; returns their names."""
    stored = []
    for weight in large_weights(proto):
        if np.abs(array_of(weight)).max() > MOST_HALF:
            continue
        stored.append(weight.name)
        if _is_table(proto, weight):
            _replace_lookups(proto, weight.name, _rows_in_half)
        else:
            _replace(proto, weight.name, lambda values, name=weight.name: _in_half(values, name))
    return stored


def large_weights(proto: Any) -> list[Any]:
    """The float32 initializers that are worth it."""
    from onnx import TensorProto

    is_large = [int(np.prod(weight.dims)) >= LEAST for weight in proto.graph.initializer]
    is_float = [weight.data_type == TensorProto.FLOAT for weight in proto.graph.initializer]
    return [w for w, large, real in zip(proto.graph.initializer, is_large, is_float, strict=True) if large and real]


def array_of(weight: Any) -> np.ndarray:
    """An initializer's numbers."""
    from onnx import numpy_helper

    return numpy_helper.to_array(weight)


def consumers(proto: Any, name: str) -> Nodes:
    """The nodes that read a tensor."""
    return [node for node in proto.graph.node if name in node.input]


def as_int8(values: np.ndarray, axis: int, dtype: Any = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """(values / scale) rounded, and the scale that is kept for every place along `axis`, as small as it can be."""
    others = tuple(i for i in range(values.ndim) if i != axis % values.ndim)
    exact = np.abs(values).max(axis=others, keepdims=True) / LARGEST
    scale = exact.astype(dtype)
    scale = np.where(scale < exact, np.nextafter(scale, dtype(np.inf)), scale)  # rounded up: nothing is clipped
    divisor = np.where(scale > 0, scale, 1).astype(np.float32)
    return np.clip(np.rint(values / divisor), -LARGEST, LARGEST).astype(np.int8), scale


# -- rewriting ------------------------------------------------------------------------------------------------------


def _is_table(proto: Any, weight: Any) -> bool:
    """Whether rows of it are looked up, and nothing else is done with it."""
    return len(weight.dims) == 2 and all(
        node.op_type == "Gather" and node.input[0] == weight.name and not _gather_axis(node)
        for node in consumers(proto, weight.name)
    )


def _gather_axis(node: Any) -> int:
    return next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)


def _replace_lookups(proto: Any, name: str, write: Callable[..., tuple[Nodes, Nodes]]) -> bool:
    """Write a table and its lookups anew; `write(values, table, places, result)` gives initializers and nodes."""
    values = array_of(_take(proto, name))
    for node in consumers(proto, name):
        initializers, nodes = write(values, name, node.input[1], node.output[0])
        _insert(proto, list(proto.graph.node).index(node), nodes)
        proto.graph.node.remove(node)
        known = {tensor.name for tensor in proto.graph.initializer}
        proto.graph.initializer.extend(tensor for tensor in initializers if tensor.name not in known)
    return True


def _replace(proto: Any, name: str, write: Callable[[np.ndarray], tuple[Nodes, Nodes]]) -> None:
    """Write a weight anew; the nodes that turn it back stand first and keep its name."""
    initializers, nodes = write(array_of(_take(proto, name)))
    _insert(proto, 0, nodes)
    proto.graph.initializer.extend(initializers)


def _take(proto: Any, name: str) -> Any:
    """Remove an initializer from the file and return it."""
    weight = next(weight for weight in proto.graph.initializer if weight.name == name)
    proto.graph.initializer.remove(weight)
    return weight


def _insert(proto: Any, place: int, nodes: Nodes) -> None:
    for node in reversed(nodes):
        proto.graph.node.insert(place, node)


def _axis(proto: Any, name: str) -> int:
    kinds = {node.op_type for node in consumers(proto, name)}
    return next((axis for kind, axis in CHANNEL_AXIS.items() if kind in kinds), 0)


# -- forms of storage -----------------------------------------------------------------------------------------------


def _rows_in_int8(values: np.ndarray, table: str, places: str, result: str) -> tuple[Nodes, Nodes]:
    """Whole numbers and a float16 scale for every row of (V, C)."""
    from onnx import TensorProto, helper, numpy_helper

    whole, scale = as_int8(values, axis=0, dtype=np.float16)  # (V, C), (V, 1)
    initializers = [numpy_helper.from_array(whole, f"{table} int8"), numpy_helper.from_array(scale, f"{table} scale")]
    nodes = []
    for part in ("int8", "scale"):
        picked = f"{result} {part}"
        nodes.append(helper.make_node("Gather", [f"{table} {part}", places], [picked], f"look up {picked}"))
        nodes.append(helper.make_node("Cast", [picked], [f"{picked} wide"], f"widen {picked}", to=TensorProto.FLOAT))
    wide = [f"{result} int8 wide", f"{result} scale wide"]
    return initializers, [*nodes, helper.make_node("Mul", wide, [result], f"scale {result}")]


def _rows_in_half(values: np.ndarray, table: str, places: str, result: str) -> tuple[Nodes, Nodes]:
    from onnx import TensorProto, helper, numpy_helper

    picked = f"{result} half"
    nodes = [
        helper.make_node("Gather", [f"{table} half", places], [picked], f"look up {picked}"),
        helper.make_node("Cast", [picked], [result], f"widen {picked}", to=TensorProto.FLOAT),
    ]
    return [numpy_helper.from_array(values.astype(np.float16), f"{table} half")], nodes


def _channels_in_int8(values: np.ndarray, name: str, axis: int) -> tuple[Nodes, Nodes]:
    from onnx import helper, numpy_helper

    axis %= values.ndim
    whole, scale = as_int8(values, axis)
    initializers = [
        numpy_helper.from_array(whole, f"{name} int8"),
        numpy_helper.from_array(scale.reshape(-1), f"{name} scale"),
    ]
    parts = [tensor.name for tensor in initializers]
    return initializers, [helper.make_node("DequantizeLinear", parts, [name], f"widen {name}", axis=axis)]


def _in_half(values: np.ndarray, name: str) -> tuple[Nodes, Nodes]:
    from onnx import TensorProto, helper, numpy_helper

    half = numpy_helper.from_array(values.astype(np.float16), f"{name} half")
    return [half], [helper.make_node("Cast", [half.name], [name], f"widen {name}", to=TensorProto.FLOAT)]
