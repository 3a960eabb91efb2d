"""What lesson 24 claims about pooling and LeNet (H02, H07)."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

from deepglass import glass
from deepglass.glass.nn import functional as F
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("24_pooling").module


@pytest.fixture(scope="module")
def page():
    """What the page's cells made: `net`, LeNet as it has learnt there, and `net_right`."""
    return opened("24_pooling").defs


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize(
    ("size", "window"),
    [
        ((6, 6), {"kernel_size": 2}),
        ((7, 5), {"kernel_size": 3, "stride": 2}),
        ((8, 9), {"kernel_size": (2, 3), "stride": (1, 2), "padding": (1, 1)}),
        ((5, 5), {"kernel_size": 5}),
    ],
    ids=str,
)
def test_the_largest_the_mean_and_their_gradients_are_pytorchs(name, size, window):
    x = np.random.default_rng(0).normal(size=(2, 3, *size))
    ours, theirs = glass.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, expected = getattr(F, name)(ours, **window), getattr(TF, name)(theirs, **window)
    g = np.random.default_rng(1).normal(size=tuple(expected.shape))
    y.backward(glass.tensor(g))
    expected.backward(torch.tensor(g))
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_after_a_move_by_one_pixel_most_pooled_numbers_change_but_by_less_than_the_pixels(lesson):
    change, same = lesson.difference(*lesson.moved(1, 2))
    pixels, _ = lesson.difference(*lesson.moved(1, 1))
    assert same < 0.4
    assert 0.4 * pixels < change < 0.8 * pixels


def test_a_larger_window_changes_less_and_the_whole_picture_not_at_all(lesson):
    changes = [lesson.difference(*lesson.moved(1, window))[0] for window in (1, 2, 4, 16)]
    assert changes == sorted(changes, reverse=True)
    assert changes[-1] == 0


def test_a_move_by_the_window_moves_the_answer_by_one_place(lesson):
    before, after = lesson.moved(2, 2)
    np.testing.assert_array_equal(after[:, :, 1:], before[:, :, :-1])
    one_before, one_after = lesson.moved(1, 2)  # counter-example: a move by half a window does not
    assert not np.array_equal(one_after[:, :, 1:], one_before[:, :, :-1])


def test_blame_goes_to_the_largest_or_in_quarters(lesson):
    x, g = np.array([[1.0, 2.0], [4.0, 3.0]]), np.array([[8.0]])
    assert lesson.blame_of(x, g, "largest").tolist() == [[0, 0], [8, 0]]
    assert lesson.blame_of(x, g, "mean").tolist() == [[2, 2], [2, 2]]


def test_lenet_learns_the_digits_on_the_page(page):
    assert page["net_right"] > 0.88


def test_the_maps_are_those_of_the_models_own_forward(lesson, page):
    model, image = page["net"], lesson.digits(28)[0][0]
    seen = lesson.maps(model, image)
    with glass.no_grad():
        expected = F.softmax(model(glass.tensor(image[None, None])), 1).numpy()[0]
    np.testing.assert_allclose(seen["output"], expected, rtol=1e-5)
    assert [seen[name].shape for name in ("C1", "S2", "C3", "S4")] == [
        (6, 28, 28),
        (6, 14, 14),
        (16, 10, 10),
        (16, 5, 5),
    ]


def test_most_of_lenets_weights_sit_behind_the_convolutions(page):
    weights = {name: sum(p.numel() for p in layer.parameters()) for name, layer in page["net"].named_children()}
    assert weights["c5"] + weights["f6"] + weights["output"] > 0.9 * sum(weights.values())


def test_pooled_at_once_pixels_are_worth_nothing_and_answers_of_kernels_are(lesson):
    pixels = {window: lesson.early(window, False)[0] for window in (1, 2, 8)}
    assert pixels[1] > 0.9 > pixels[2] > 0.6 > 0.2 > pixels[8]
    assert lesson.early(8, True)[0] > 0.6


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("max_pool", "def max_pool(x):\n    return x[::2, ::2]", "first of each four"),
        (
            "max_pool",
            "def max_pool(x):\n    H, W = x.shape\n    return x.reshape(H//2,2,W//2,2).mean((1,3))",
            "the mean",
        ),
        ("pool_blame", "def pool_blame(x, g):\n    return np.kron(g, np.ones((2, 2))) / 4", "average pooling"),
        ("pool_blame", "def pool_blame(x, g):\n    return np.kron(g, np.ones((2, 2)))", "Only the largest"),
    ],
)
def test_slips_are_told_apart(name, code, said):
    assert said in tried(name, code).message
