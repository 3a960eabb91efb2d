"""Gradients against central differences, and properties that hold for every shape (found by hypothesis)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, broadcastable_shapes, mutually_broadcastable_shapes

from deepglass import glass
from deepglass.glass.autograd import unbroadcast

PROVES = {"test_gradient_equals_central_difference": ("glass",)}  # read by `deepglass read`

F = glass.nn.functional
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)
NUMBERS = st.floats(-3, 3, width=32)


def numeric(function, arrays, i, step=1e-6):
    """(f(x + h) − f(x − h)) / 2h for every element of input i."""
    out = np.zeros_like(arrays[i])
    for place in np.ndindex(arrays[i].shape):
        sides = []
        for sign in (1, -1):
            moved = [a.copy() for a in arrays]
            moved[i][place] += sign * step
            sides.append(function(*map(glass.tensor, moved)).item())
        out[place] = (sides[0] - sides[1]) / (2 * step)
    return out


def check(function, *shapes, seed=0):
    random = np.random.default_rng(seed)
    inputs = [random.standard_normal(shape) for shape in shapes]
    weights = random.standard_normal(function(*map(glass.tensor, inputs)).shape)

    def projected(*tensors):
        return (function(*tensors) * glass.tensor(weights)).sum()

    tensors = [glass.tensor(a, requires_grad=True) for a in inputs]
    projected(*tensors).backward()
    for i, x in enumerate(tensors):
        np.testing.assert_allclose(x.grad.numpy(), numeric(projected, inputs, i), rtol=1e-5, atol=1e-7)


T, B, H = 4, 2, 3
LOSS = glass.tensor([0, 2, 1])
CASES = {
    "matmul": (lambda a, b: a @ b, (2, 3, 4), (4, 2)),
    "conv1d": (
        lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1, dilation=2, groups=2), (2, 4, 9), (6, 2, 3), (6,)
    ),
    "conv2d": (lambda x, w, b: F.conv2d(x, w, b, stride=(1, 2), padding=1), (2, 3, 5, 6), (4, 3, 3, 2), (4,)),
    "conv3d": (
        lambda x, w, b: F.conv3d(x, w, b, stride=(2, 1, 2), padding=(1, 0, 1), groups=2), (2, 4, 3, 3, 4),
        (4, 2, 3, 2, 3), (4,)
    ),
    "conv2d same": (lambda x, w: F.conv2d(x, w, padding="same"), (1, 2, 4, 4), (3, 2, 2, 3)),
    "conv_transpose2d": (
        lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1, groups=2),
        (2, 4, 3, 3), (4, 2, 3, 3),
    ),
    "max_pool2d": (lambda x: F.max_pool2d(x, 3, stride=2, padding=1), (2, 2, 6, 6)),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 2, padding=1, count_include_pad=False), (2, 2, 5, 5)),
    "adaptive": (lambda x: F.adaptive_avg_pool2d(x, (2, 3)), (1, 2, 5, 7)),
    "batch_norm": (lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), (4, 3, 2), (3,), (3,)),
    "layer_norm": (lambda x, w, b: F.layer_norm(x, (4,), w, b), (3, 4), (4,), (4,)),
    "group_norm": (lambda x, w, b: F.group_norm(x, 2, w, b), (2, 4, 3), (4,), (4,)),
    "instance_norm": (lambda x, w, b: F.instance_norm(x, weight=w, bias=b), (2, 3, 2, 3), (3,), (3,)),
    "rms_norm": (lambda x, w: F.rms_norm(x, (4,), w), (3, 4), (4,)),
    "attention": (
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), (2, 3, 4), (2, 3, 4), (2, 3, 4)
    ),
    "cross_entropy": (lambda x: F.cross_entropy(x, LOSS, label_smoothing=0.1), (3, 4)),
    "plain cross_entropy": (lambda x: F.cross_entropy(x, LOSS), (3, 4)),
    "gelu": (F.gelu, (5,)),
    "interpolate": (lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), (1, 1, 3, 3)),
    "ctc": (
        lambda x: F.ctc_loss(F.log_softmax(x, -1), glass.tensor([[1, 1, 2]]), (6,), (3,), reduction="sum"), (6, 1, 4)
    ),
    "lstm": (
        lambda *a: glass.cat([y.reshape(-1) for y in F.recurrent.lstm_layer(*a)]),
        (T, B, 2), (B, H), (B, H), (4 * H, 2), (4 * H, H), (4 * H,), (4 * H,),
    ),
    "gru": (
        lambda *a: glass.cat([y.reshape(-1) for y in F.recurrent.gru_layer(*a)]),
        (T, B, 2), (B, H), (3 * H, 2), (3 * H, H), (3 * H,), (3 * H,),
    ),
    "rnn": (
        lambda *a: glass.cat([y.reshape(-1) for y in F.recurrent.rnn_layer(*a)]),
        (T, B, 2), (B, H), (H, 2), (H, H), (H,), (H,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_gradient_equals_central_difference(name):
    function, *shapes = CASES[name]
    check(function, *shapes)


@SETTINGS
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.sampled_from(["add", "mul", "sub"]))
def test_gradients_of_broadcast_operands_have_the_operands_shape(shapes, name):
    a, b = (glass.randn(shape, dtype=glass.float64, requires_grad=True) for shape in shapes.input_shapes)
    y = getattr(glass, name)(a, b)
    assert tuple(y.shape) == shapes.result_shape
    y.sum().backward()
    wide_a, wide_b = (np.broadcast_to(x.detach().numpy(), y.shape) for x in (a, b))
    d_a = wide_b if name == "mul" else np.ones(y.shape)
    d_b = wide_a if name == "mul" else np.full(y.shape, -1.0 if name == "sub" else 1.0)
    for x, wide in ((a, d_a), (b, d_b)):
        assert x.grad.shape == x.shape
        np.testing.assert_allclose(x.grad.sum().item(), wide.sum(), atol=1e-9)


@SETTINGS
@given(st.data())
def test_unbroadcast_is_the_transpose_of_broadcasting(data):
    shape = data.draw(st.lists(st.integers(1, 3), max_size=3).map(tuple))
    wide = np.broadcast_shapes(shape, data.draw(broadcastable_shapes(shape, max_dims=4, max_side=3)))
    x = data.draw(arrays(np.float64, shape, elements=NUMBERS))
    g = data.draw(arrays(np.float64, wide, elements=NUMBERS))
    np.testing.assert_allclose((np.broadcast_to(x, wide) * g).sum(), (x * unbroadcast(g, shape)).sum(), atol=1e-9)


@SETTINGS
@given(arrays(np.float64, st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple), elements=NUMBERS), st.data())
def test_shape_operations_carry_every_gradient_back_to_its_element(x, data):
    dims = data.draw(st.permutations(range(x.ndim)))
    dim = data.draw(st.integers(0, x.ndim - 1))
    tensor = glass.tensor(x, requires_grad=True)
    y = glass.cat(tensor.permute(*dims).flatten().unsqueeze(0).split(2, dim=1), 1).flip(1)
    weights = np.arange(x.size, dtype=float)
    (y * glass.tensor(weights)).sum().backward()
    assert sorted(tensor.grad.numpy().ravel()) == sorted(weights)
    total = tensor.unbind(dim)
    assert len(total) == x.shape[dim]


@SETTINGS
@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-50, 50)))
def test_softmax_is_a_distribution_and_its_gradient_sums_to_zero(x):
    tensor = glass.tensor(x, requires_grad=True)
    y = F.softmax(tensor, -1)
    np.testing.assert_allclose(y.detach().numpy().sum(-1), 1)
    (y * glass.arange(x.shape[1])).sum().backward()
    np.testing.assert_allclose(tensor.grad.numpy().sum(-1), 0, atol=1e-9)


@SETTINGS
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.integers(5, 8))
def test_transposed_convolution_is_the_transpose_of_convolution(channels, kernel, stride, padding, dilation, size):
    """⟨conv(x), g⟩ = ⟨x, conv_transpose(g)⟩ where both sizes fit."""
    random = np.random.default_rng(size)
    weight = glass.tensor(random.standard_normal((2, channels, kernel)))
    span = size + 2 * padding - dilation * (kernel - 1) - 1
    x = glass.tensor(random.standard_normal((1, channels, size - span % stride)))
    y = F.conv1d(x, weight, stride=stride, padding=padding, dilation=dilation)
    g = glass.tensor(random.standard_normal(y.shape))
    back = F.conv_transpose1d(g, weight, stride=stride, padding=padding, dilation=dilation)
    np.testing.assert_allclose((y * g).sum().item(), (x * back).sum().item(), atol=1e-9)
