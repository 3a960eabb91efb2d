"""What lesson 25 claims of AlexNet and VGG; sizes and names are the published ones: tests/models (H03, H04)."""

import numpy as np
import pytest
import torch

from deepglass.course.widgets.film import Film
from deepglass.models.vgg import VGG, Config
from deepglass.zoo import architectures
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("25_vgg").module


def shares(lesson, name):
    """Of the dense layers: their share of the weights and of the work."""
    kinds = lesson.by_kind(name)
    return [kinds["dense layers"][i] / sum(numbers[i] for numbers in kinds.values()) for i in (0, 1)]


@pytest.mark.parametrize("name", ["alexnet", "vgg16"])
def test_weights_sit_in_the_dense_layers_and_work_in_the_convolutions(lesson, name):
    weights, work = shares(lesson, name)
    assert weights > 0.85
    assert work < 0.1


def test_googlenet_is_the_counter_example(lesson):
    assert shares(lesson, "googlenet")[0] < 0.2


@pytest.mark.parametrize("name", ["alexnet", "vgg16"])
def test_the_costs_add_up_to_the_model(lesson, name):
    with torch.device("meta"):
        model = architectures.load(name)
    assert sum(row[3] for row in lesson.costs(name)) == sum(p.numel() for p in model.parameters())


def test_work_is_weights_times_places(lesson):
    for _, kind, shape, parameters, work in lesson.costs("vgg16"):
        places = int(np.prod(shape[2:])) if kind == "convolutions" else 1
        assert work == (parameters - shape[1]) * places


def test_a_convolution_that_keeps_its_channels_costs_the_same_in_the_first_four_stages(lesson):
    work = {row[0]: row[4] for row in lesson.costs("vgg16")}
    assert work["features.2"] == work["features.7"] == work["features.12"] == work["features.19"]
    assert work["features.24"] < work["features.19"]  # the fifth has no more channels than the fourth


@pytest.mark.parametrize(("small", "large"), [([3, 3], 5), ([3, 3, 3], 7)])
def test_small_kernels_see_what_a_large_one_sees_for_fewer_weights(lesson, small, large):
    assert lesson.field([(kernel, 1) for kernel in small]) == large
    np.testing.assert_array_equal(lesson.seen(small) > 0, lesson.seen([large]) > 0)
    assert (lesson.seen([large]) > 0).sum() == large**2
    assert lesson.stack_weights(small, 64) < lesson.stack_weights([large], 64)


def test_a_stride_spreads_the_field_of_what_follows(lesson):
    """Held against the gradient of a picture."""
    layers = [(5, 2), (3, 1), (3, 2), (3, 1)]
    x = torch.zeros(1, 1, 61, 61, requires_grad=True)
    y = x
    for kernel, stride in layers:
        y = torch.nn.functional.conv2d(y, torch.ones(1, 1, kernel, kernel), stride=stride)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    assert (x.grad[0, 0].abs().sum(0) > 0).sum() == lesson.field(layers)


@pytest.mark.parametrize("hidden", [4096, 256])
def test_weights_with_smaller_dense_layers_are_the_models(lesson, hidden):
    with torch.device("meta"):
        model = VGG(config=Config(depth=16, hidden=hidden))
    assert sum(lesson.with_head(hidden)) == sum(p.numel() for p in model.parameters())


def test_a_mean_in_place_of_dense_layers_saves_most(lesson):
    assert sum(lesson.with_head(0)) < 0.12 * sum(lesson.with_head(4096))


def test_the_film_shows_no_weights_before_the_guess():
    film = next(widget for widget in opened("25_vgg").widgets if isinstance(widget, Film))
    assert all("weights" not in words for words in film.captions[: film.held])
    assert all("weights" in words for words in film.captions[film.held :])


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("receptive_field", "def receptive_field(k, s):\n    return sum(k)", "overlap"),
        ("receptive_field", "def receptive_field(k, s):\n    return 1 + sum(n - 1 for n in k)", "Behind a stride"),
        ("conv_cost", "def conv_cost(i, o, k, h, w):\n    return i * o * k**2, i * o * k**2 * h * w", "has a bias"),
        ("conv_cost", "def conv_cost(i, o, k, h, w):\n    return i * o * k**2 + o, i * o * k**2", "at every place"),
    ],
)
def test_slips_are_told_apart(name, code, said):
    assert said in tried(name, code).message
