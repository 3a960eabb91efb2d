"""What is near by its edges: by hand where there is one edge, and whatever light and contrast."""

import math

import pytest
import torch

from deepglass.data.oriented_gradients import BINS, histograms, slopes

PROVES = {  # read by `deepglass read`
    "test_an_edge_votes_for_its_own_direction_and_for_the_opposite_one": ("data/oriented_gradients.py",)
}


def edge(degrees, size=29):
    """Dark on one side of a line through the middle, light on the other; the slope of brightness has this direction."""
    y, x = torch.meshgrid(*(torch.arange(size) - size // 2,) * 2, indexing="ij")
    across = math.cos(math.radians(degrees)) * x + math.sin(math.radians(degrees)) * y
    return torch.sigmoid(across)[None, None]


@pytest.mark.parametrize("degrees", [0, 22.5, 45, 90, 135, 157.5])
def test_an_edge_votes_for_its_own_direction_and_for_the_opposite_one(degrees):
    for turned in (degrees, degrees + 180):
        votes = histograms(edge(turned)).view(BINS, -1).sum(dim=1)
        assert int(votes.argmax()) == round(degrees / 180 * BINS)
        assert votes.max() > 0.8 * votes.sum()


def test_between_two_bins_both_get_half():
    votes = histograms(edge(22.5 / 2)).view(BINS, -1).sum(dim=1)
    assert float(votes[0] / votes[1]) == pytest.approx(1, abs=0.1)
    assert votes[:2].sum() > 0.9 * votes.sum()


def test_light_and_contrast_count_for_nothing():
    images = torch.rand(5, 1, 28, 28)
    torch.testing.assert_close(histograms(0.3 * images + 7), histograms(images), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(histograms(1 - images), histograms(images), atol=1e-5, rtol=1e-4)


def test_each_has_length_one_and_an_empty_picture_zeros():
    images = torch.rand(4, 3, 20, 34)
    torch.testing.assert_close(histograms(images).norm(dim=1), torch.ones(4))
    assert not histograms(torch.full((1, 1, 28, 28), 3.0)).any()


def test_a_picture_is_nearer_to_itself_moved_by_a_pixel_than_pixels_say():
    torch.manual_seed(0)
    images = torch.nn.functional.avg_pool2d(torch.rand(20, 1, 34, 34), 3, 1)  # (20, 1, 32, 32)
    first, moved = images[..., :28, :28], images[..., :28, 1:29]
    others = first.roll(1, 0)

    def share(vectors):
        """How far a moved picture is, beside how far another one is."""
        one, two, three = (vectors(part) for part in (first, moved, others))
        return float(((one - two).norm(dim=1) / (one - three).norm(dim=1)).mean())

    assert share(histograms) < 0.8 * share(lambda part: (part - 0.5).flatten(1))


@pytest.mark.parametrize(("size", "cells"), [((8, 8), 64), ((28, 28), 49), ((28, 56), 98), ((3, 5), 15), ((1, 1), 1)])
def test_cells_follow_the_shorter_side(size, cells):
    assert histograms(torch.rand(2, 1, *size)).shape == (2, BINS * cells)


def test_of_several_channels_the_steepest_counts():
    steep, flat = edge(90), 1e-3 * edge(0)
    torch.testing.assert_close(histograms(torch.cat([flat, steep], dim=1)), histograms(steep), atol=0.02, rtol=0)


def test_slopes_are_differences_of_neighbours():
    ramp = torch.arange(5.0).expand(1, 1, 4, 5)
    down, right = slopes(ramp)
    assert not down.any()
    assert right[0, 0, 0].tolist() == [1, 2, 2, 2, 1]
