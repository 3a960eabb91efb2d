"""Measures beside an explanation: curves that know a good order, and the check with shuffled weights."""

import numpy as np
import torch
from torch import nn

from deepglass.explain.quality.curves import area, by_square, sobel
from deepglass.explain.quality.sanity import randomized, rank_correlation, surely


def game(present):
    return present @ np.array([8.0, 4.0, 2.0, 1.0])


def test_the_right_order_falls_faster_and_rises_faster_than_the_wrong_one():
    right, wrong = np.array([0, 1, 2, 3]), np.array([3, 2, 1, 0])
    assert area(game, right, "deletion") < area(game, wrong, "deletion")
    assert area(game, right, "insertion") > area(game, wrong, "insertion")
    assert area(game, right, "insertion") == np.trapezoid([0, 8, 12, 14, 15], dx=0.25)
    assert area(game, right, "deletion") == np.trapezoid([15, 7, 3, 1, 0], dx=0.25)


def test_the_edge_detector_sees_edges_and_nothing_else():
    picture = np.zeros((6, 6, 1), np.uint8)
    picture[:, 3:] = 200
    found = sobel(picture)
    assert found.shape == (6, 6)
    assert (found[:, [2, 3]] == 800).all()
    assert not found[:, [0, 1, 4, 5]].any()


def test_squares_gather_their_pixels():
    owner = np.array([[0, 0, 1], [2, 2, 3]])
    assert by_square(np.arange(6.0).reshape(2, 3), owner, 4).tolist() == [1, 2, 7, 5]


def test_the_last_layers_are_shuffled_first_and_the_model_is_left_alone():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 9), nn.Linear(9, 9))
    before = [p.clone() for p in model.parameters()]
    other = randomized(model, 0.5, 0)
    changed = [not torch.equal(p, was) for p, was in zip(other.parameters(), before, strict=True)]
    assert changed == [False, False, True, True]
    assert all(torch.equal(p, was) for p, was in zip(model.parameters(), before, strict=True))
    assert torch.equal(other[1].weight.flatten().sort()[0], model[1].weight.flatten().sort()[0])


def test_a_correlation_of_few_places_is_not_sure():
    assert surely(0.8, 12) < 0.5 < surely(0.8, 200)
    assert rank_correlation(np.arange(9.0), np.arange(9.0) ** 3) > 0.999
    assert rank_correlation(np.arange(9.0), np.zeros(9)) == 0
