"""A network as data: ONNX Runtime, which knows nothing of us, gives the same answers to the same list of operations."""

from itertools import pairwise

import numpy as np
import pytest

from deepglass.glass.foundations.graph_file import OPERATIONS, dense_net, run


def weights(sizes, seed=0):
    rng = np.random.default_rng(seed)
    drawn = {f"{i}.weight": rng.normal(size=pair) / 4 for i, pair in enumerate(pairwise(sizes))}
    drawn |= {f"{i}.bias": rng.normal(size=n) / 4 for i, n in enumerate(sizes[1:])}
    return {name: array.astype(np.float32) for name, array in drawn.items()}


@pytest.mark.parametrize("bend", ["Relu", "Tanh"])
def test_onnx_runtime_gives_the_same_answers_to_the_same_list(bend):
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    nodes, values = dense_net(3, bend), weights([7, 6, 5, 4])
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node(node["op"], node["inputs"], [node["output"]]) for node in nodes],
        "net",
        [helper.make_tensor_value_info("x", floats, ["rows", 7])],
        [helper.make_tensor_value_info("y", floats, ["rows", 4])],
        [onnx.numpy_helper.from_array(array, name) for name, array in values.items()],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(proto)
    x = np.random.default_rng(1).normal(size=(9, 7)).astype(np.float32)
    theirs = runtime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"]).run(
        ["y"], {"x": x}
    )
    np.testing.assert_allclose(run(nodes, values | {"x": x})["y"], theirs[0], rtol=0, atol=1e-6)


def test_the_answers_are_shares_and_the_values_that_came_stay_as_they_were():
    values = weights([3, 2]) | {"x": np.array([[1e4, -1e4, 0.5]], np.float32)}
    answers = run(dense_net(1), values)
    assert answers["y"].sum() == pytest.approx(1)
    assert "y" not in values


def test_what_cannot_be_run_is_refused_by_name():
    with pytest.raises(ValueError, match="'Fly': this program knows MatMul"):
        run([{"op": "Fly", "inputs": ["x"], "output": "y"}], {"x": 1})
    with pytest.raises(ValueError, match="Relu needs 'z', which nothing before it has computed"):
        run([{"op": "Relu", "inputs": ["z"], "output": "y"}], {"x": 1})
    assert len(OPERATIONS) == 5
