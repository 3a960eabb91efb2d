"""Weights rewritten inside an ONNX file: what they answer afterwards, and what they take on the disk."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from deepglass.deploy.shrink import _stored

V, C, K = 400, 32, 48


def model() -> onnx.ModelProto:
    """tokens (B, T) → rows of a table (B, T, C) → matrix → (B, T, K), with a table that is also read otherwise."""
    generator = np.random.default_rng(0)
    table = generator.normal(size=(V, C)) * np.geomspace(1e-4, 1, V)[:, None]  # rare words have small rows
    table[7] = 0
    weights = {"table": table, "matrix": generator.normal(size=(C, K)), "both": generator.normal(size=(V, C))}
    initializers = [numpy_helper.from_array(values.astype(np.float32), name) for name, values in weights.items()]
    nodes = [
        helper.make_node("Gather", ["table", "tokens"], ["rows"]),
        helper.make_node("Gather", ["both", "tokens"], ["others"]),
        helper.make_node("ReduceMean", ["both"], ["mean"], keepdims=0),
        helper.make_node("Sum", ["rows", "others", "mean"], ["sum"]),
        helper.make_node("MatMul", ["sum", "matrix"], ["answers"]),
    ]
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["batch", "length"])
    outputs = [
        helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["batch", "length", C]),
        helper.make_tensor_value_info("answers", TensorProto.FLOAT, ["batch", "length", K]),
    ]
    graph = helper.make_graph(nodes, "graph", [tokens], outputs, initializers)
    return _stored.tidy(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10))


def answers(proto: onnx.ModelProto) -> list[np.ndarray]:
    onnx.checker.check_model(proto, full_check=True)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"tokens": np.arange(V).reshape(2, -1)})


def test_every_row_of_a_table_keeps_seven_bits():
    proto = model()
    expected = answers(proto)[0].reshape(V, C)
    assert _stored.rows_as_int8(proto) == ["table"]
    came = answers(proto)[0].reshape(V, C)
    step = np.abs(expected).max(axis=1, keepdims=True) / 127
    assert (np.abs(came - expected) <= 0.53 * step).all()  # float16 has few digits for the smallest scales
    assert (came[7] == 0).all()
    [stored] = [tensor for tensor in proto.graph.initializer if tensor.name == "table int8"]
    assert (stored.data_type, len(stored.raw_data)) == (TensorProto.INT8, V * C)


def test_weights_of_every_kind_shrink_to_a_quarter():
    proto = model()
    before, size = answers(proto), proto.ByteSize()
    _stored.rows_as_int8(proto)
    assert sorted(_stored.weights_as_int8(proto)) == ["both", "matrix"]
    assert proto.ByteSize() < 0.3 * size
    assert np.corrcoef(before[1].ravel(), answers(proto)[1].ravel())[0, 1] > 0.999


def test_half_precision_keeps_three_digits_in_half_the_room():
    proto = model()
    before, size = answers(proto), proto.ByteSize()
    assert sorted(_stored.weights_as_half(proto)) == ["both", "matrix", "table"]
    assert proto.ByteSize() < 0.53 * size
    for came, expected in zip(answers(proto), before, strict=True):
        np.testing.assert_allclose(came, expected, atol=5e-3 * np.abs(expected).max())


def test_what_float16_cannot_hold_stays():
    proto = model()
    [table] = [tensor for tensor in proto.graph.initializer if tensor.name == "table"]
    values = numpy_helper.to_array(table).copy()
    values[0, 0] = 1e6
    table.CopyFrom(numpy_helper.from_array(values, "table"))
    assert "table" not in _stored.weights_as_half(proto)
    assert answers(proto)[0][0, 0, 0] == np.float32(1e6)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_a_scale_for_every_channel(axis):
    values = np.random.default_rng(1).normal(size=(4, 5, 6)).astype(np.float32)
    whole, scale = _stored.as_int8(values, axis)
    assert scale.size == values.shape[axis]
    assert np.abs(whole).max() == 127
    np.testing.assert_allclose(whole * scale, values, atol=float(scale.max()) * 0.51)


def test_remarks_of_the_exporter_are_left_out_and_operators_named_once():
    proto = model()
    proto.graph.node[0].doc_string = "from line 3"
    proto.opset_import.add(domain="", version=20)
    _stored.tidy(proto)
    assert not any(node.doc_string for node in proto.graph.node)
    assert [entry.domain for entry in proto.opset_import] == [""]
    assert len({node.name for node in proto.graph.node}) == len(proto.graph.node)
