"""Few bits: the judges are ONNX Runtime's operators and what the product stores in its own files."""

import numpy as np
import pytest
import torch
from torch import nn

from deepglass.deploy.shrink._stored import as_int8
from deepglass.deploy.shrink.prune import masks_of
from deepglass.glass.foundations.rounding import calibrate, packed_bytes, prune, round_range, round_to, squeezed_bytes


def weights(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("bits", [2, 3, 4, 8, 12])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_no_weight_is_off_by_more_than_half_a_step_and_no_number_is_out_of_reach(bits, axis):
    w = weights(6, 5)
    whole, scale = round_to(w, bits, axis)
    assert (np.abs(w - scale * whole) <= np.asarray(scale) / 2 + 1e-12).all()
    assert np.abs(whole).max() == 2 ** (bits - 1) - 1
    assert (whole == whole.astype(int)).all()


def test_eight_bits_with_a_scale_per_row_are_what_a_file_of_the_product_stores():
    w = weights(7, 9).astype(np.float32)
    whole, scale = round_to(w, 8, axis=0)
    stored, theirs = as_int8(w, axis=0)
    np.testing.assert_allclose(scale, theirs, rtol=1e-6)
    assert np.abs(whole - stored).max() <= 1  # float64 here: a tie may fall to the other side
    assert (whole == stored).mean() > 0.95


def test_a_row_of_zeros_stays_one():
    w = np.zeros((2, 3))
    w[0] = 1
    whole, scale = round_to(w, 4, axis=0)
    assert (scale * whole == w).all()


def test_a_range_is_rounded_as_onnx_runtime_rounds_it():
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    a = (3 * weights(40) + 1).astype(np.float32)
    scale, zero = calibrate(a)
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    constants = [
        onnx.numpy_helper.from_array(np.float32(scale).reshape(()), "s"),
        onnx.numpy_helper.from_array(np.uint8(zero).reshape(()), "z"),
    ]
    nodes = [
        helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"]),
    ]
    ends = [helper.make_tensor_value_info(name, floats, [None]) for name in ("a", "y")]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], constants)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    session = runtime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    wide = np.concatenate([a, [50.0, -50.0]]).astype(np.float32)  # both beyond the range
    theirs = session.run(["y"], {"a": wide})[0]
    ours = round_range(wide, scale, zero)
    assert np.abs(ours - theirs).max() <= scale * 1.001  # a tie may fall to the other side
    assert np.isclose(ours, theirs, atol=scale / 100).mean() > 0.9
    assert ours.max() <= a.max() + scale
    assert ours.min() >= a.min() - scale


def test_zero_is_always_exact():
    for low, high in ((-1, 2), (0.5, 2), (-3, -1), (0, 0)):
        scale, zero = calibrate(np.array([low, high], float))
        assert round_range(np.zeros(1), scale, zero)[0] == 0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.9])
def test_pruning_cuts_what_the_product_cuts(share):
    w = weights(10, 20).astype(np.float32)
    layer = nn.Linear(20, 10)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(w))
    theirs = masks_of(layer, share).get("weight", torch.ones(10, 20)).numpy() * w
    assert (prune(w, share) == theirs).all()
    assert (prune(w, share) == 0).sum() == int(share * w.size)


def test_bytes_are_counted():
    whole = round_to(prune(weights(50, 40), 0.9), 8)[0]
    assert packed_bytes(whole, 8) == 2000
    assert packed_bytes(whole, 3) == 750
    assert packed_bytes(np.zeros(3), 3) == 2
    assert squeezed_bytes(whole) < 0.5 * packed_bytes(whole, 8)
