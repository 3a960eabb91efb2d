"""Where numbers lie in memory, as far as anybody can see it: strides, and which tensors change together."""

import numpy as np
import pytest
import torch

from deepglass import glass

PROVES = {"test_strides_are_pytorchs": ("glass/layout.py",)}  # read by `deepglass read`

ENGINES = (glass, torch)
RESULTS = {
    "conv1d": lambda T, F, x: F.conv1d(x.flatten(2), T.ones(2, 4, 2)),
    "conv2d": lambda T, F, x: F.conv2d(x, T.ones(3, 4, 2, 2), T.ones(3)),
    "one pixel": lambda T, F, x: F.conv2d(x, T.ones(3, 4, 5, 6)),
    "without a batch": lambda T, F, x: F.conv2d(x[0], T.ones(3, 4, 2, 2)),
    "conv_transpose1d": lambda T, F, x: F.conv_transpose1d(x.flatten(2), T.ones(4, 2, 2)),
    "conv_transpose2d": lambda T, F, x: F.conv_transpose2d(x, T.ones(4, 2, 3, 3), None, 2),
    "activation": lambda T, F, x: F.gelu(F.conv2d(x, T.ones(3, 4, 2, 2))).relu(),
    "pooling": lambda T, F, x: F.max_pool2d(F.conv2d(x, T.ones(3, 4, 2, 2)), 2),
    "adaptive pooling": lambda T, F, x: F.adaptive_avg_pool2d(F.conv2d(x, T.ones(3, 4, 2, 2)), 2),
    "batch norm": lambda T, F, x: F.batch_norm(F.conv2d(x, T.ones(3, 4, 2, 2)), None, None, training=True),
    "sum of two": lambda T, F, x: F.conv2d(x, T.ones(4, 4, 1, 1)) + x,
    "copy": lambda T, F, x: F.conv2d(x, T.ones(3, 4, 2, 2)).clone(),
    "like": lambda T, F, x: T.zeros_like(F.conv2d(x, T.ones(3, 4, 2, 2))),
    "mask": lambda T, F, x: F.conv2d(x, T.ones(3, 4, 2, 2)) > 0,
    "concatenation": lambda T, F, x: T.cat([F.conv2d(x, T.ones(3, 4, 1, 1)), x], 1),
    "sort": lambda T, F, x: x.sort(1, descending=True)[0],
    "argsort": lambda T, F, x: x.argsort(dim=2, descending=True, stable=True),
    "index": lambda T, F, x: x[:, T.tensor([1, 0, 2]), 0, T.tensor([0, 1, 1])],
    "nonzero": lambda T, F, x: (x > 0).nonzero(),
    "permuted": lambda T, F, x: x.permute(2, 0, 3, 1) * 2,
    "permuted copy": lambda T, F, x: x.permute(2, 0, 3, 1).clone(),
    "permuted with a convolution": lambda T, F, x: x.permute(0, 1, 3, 2) + F.conv2d(x, T.ones(4, 4, 1, 1)).mT.mT.mT,
    "permuted with another": lambda T, F, x: x.permute(1, 0, 3, 2) * x[:, :2].permute(1, 0, 3, 2)[:1].mT.mT,
    "expanded": lambda T, F, x: x[:, :, :1].expand(2, 4, 5, 6).cos(),
    "expanded in front": lambda T, F, x: x[0, 0].expand(3, 5, 6).mT + 1,
    "permuted with expanded": lambda T, F, x: x[0, 0, 0].expand(5, 6) / x[0, 0].mT.contiguous().mT,
    "permuted, sorted": lambda T, F, x: x.permute(2, 0, 3, 1).sort(0)[0],
    "permuted, softmax": lambda T, F, x: x.permute(2, 0, 3, 1).softmax(1),
    "permuted, contiguous": lambda T, F, x: x.permute(2, 0, 3, 1).contiguous(),
    "channels last": lambda T, F, x: F.conv2d(x.permute(0, 3, 1, 2), T.ones(3, 6, 2, 2)),
    "really channels last": lambda T, F, x: F.conv2d(
        x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2), T.ones(3, 4, 2, 2)
    ),
}


def images(engine):
    return engine.tensor(np.random.default_rng(0).normal(size=(2, 4, 5, 6)).astype(np.float32))


@pytest.mark.parametrize("name", RESULTS)
def test_strides_are_pytorchs(name):
    ours, theirs = (RESULTS[name](T, T.nn.functional, images(T)) for T in ENGINES)
    keep = [d for d, n in enumerate(theirs.shape) if n > 1]  # a step along a single entry leads nowhere
    assert [ours.stride(d) for d in keep] == [theirs.stride(d) for d in keep]
    assert ours.is_contiguous() == theirs.is_contiguous()
    assert np.allclose(ours.numpy(), theirs.numpy(), atol=1e-5)


@pytest.mark.parametrize("name", RESULTS)
def test_flattening_shares_memory_where_pytorch_shares_it(name):
    seen = []
    for T in ENGINES:
        x = RESULTS[name](T, T.nn.functional, images(T))
        flat = x.flatten()
        x.zero_()
        seen.append(bool((flat == 0).all()))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("way", [lambda x: x.view(-1), lambda x: x.reshape(2, -1), lambda x: x.flatten(1),
                                 lambda x: x.squeeze(), lambda x: x[0], lambda x: x.permute(1, 0, 2, 3),
                                 lambda x: x.split(1)[0], lambda x: x.detach(), lambda x: x.clone(),
                                 lambda x: x.permute(3, 2, 1, 0).reshape(-1)])  # fmt: skip
@pytest.mark.parametrize("make", ["conv2d", "activation", "conv_transpose2d"])
def test_a_view_without_recording_says_what_pytorch_says(make, way):
    answers = []
    for T in ENGINES:
        y = RESULTS[make](T, T.nn.functional, images(T).requires_grad_())
        with T.no_grad():
            answers.append(way(y).requires_grad)
    assert answers[0] == answers[1]


def test_view_refuses_what_pytorch_refuses():
    for T in ENGINES:
        y = T.nn.functional.conv2d(images(T), T.ones(3, 4, 2, 2))
        assert y.view(2, -1).shape == (2, 60)
        with pytest.raises(RuntimeError):
            y.permute(0, 2, 3, 1).view(-1)


def test_a_change_after_the_order_in_memory_has_been_seen_is_noticed_on_the_way_back():
    for T in ENGINES:
        y = T.nn.functional.conv2d(images(T).requires_grad_(), T.ones(3, 4, 2, 2))
        z = y.exp()
        z.detach().flatten().zero_()
        with pytest.raises(RuntimeError, match="inplace"):
            z.sum().backward()


def test_the_gradient_of_a_leaf_lies_as_the_leaf_does():
    for T in ENGINES:
        x = images(T).requires_grad_()
        T.nn.functional.conv2d(x, T.ones(3, 4, 2, 2)).sum().backward()
        assert x.grad.stride() == (120, 30, 6, 1)
