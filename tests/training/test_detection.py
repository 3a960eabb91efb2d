"""What a grid learns from boxes: hills, the loss that is least where it is right, and boxes that need not be found."""

import numpy as np
import pytest
import torch

from deepglass.core.detections import detect
from deepglass.training import detection

H, W, K = 12, 16, 2


def target(*boxes):
    """(1, n, 6)."""
    return torch.tensor([boxes], dtype=torch.float32).reshape(1, -1, 6)


def perfect(targets, sure=12.0):
    """A grid (1, 4 + K, H, W) that knows every box."""
    grid = torch.cat([torch.zeros(1, 4, H, W), torch.full((1, K, H, W), -sure)], dim=1)
    for x0, y0, x1, y1, label, state in targets[0].tolist():
        if state != 0:
            continue
        for i in range(H):
            for j in range(W):
                x, y = (j + 0.5) / W, (i + 0.5) / H
                if x0 < x < x1 and y0 < y < y1:
                    distances = torch.tensor([(x - x0) * W, (y - y0) * H, (x1 - x) * W, (y1 - y) * H])
                    grid[0, :4, i, j] = distances.log()
        column, row = int((x0 + x1) / 2 * W), int((y0 + y1) / 2 * H)
        grid[0, 4 + int(label), row, column] = sure
    return grid


BOXES = target((0.1, 0.2, 0.5, 0.8, 0, 0), (0.6, 0.1, 0.9, 0.4, 1, 0))


def test_what_is_known_is_decoded_and_costs_nothing():
    grid = perfect(BOXES)
    places = detection.decode(grid)
    assert places.shape == (1, H * W, 4 + K)
    found = detect(places[0].numpy())
    assert found[:, 5].tolist() == [0, 1]
    np.testing.assert_allclose(found[:, :4], BOXES[0, :, :4], atol=1e-5)
    assert detection.losses(grid, BOXES).item() == pytest.approx(0, abs=1e-2)


@pytest.mark.parametrize("part", ["another box", "another class", "unsure", "invented"])
def test_every_error_costs(part):
    grid = perfect(BOXES)
    known = detection.losses(grid, BOXES).item()
    row, column = 6, 4  # the middle of the first
    if part == "another box":
        grid[0, 2, row, column] += 0.5
    elif part == "another class":
        grid[0, 4:, row, column] = grid[0, 4:, row, column].flip(0)
    elif part == "unsure":
        grid[0, 4, row, column] = 0
    else:
        grid[0, 5, 0, 0] = 3
    assert detection.losses(grid, BOXES).item() > known + 0.05


def test_what_need_not_be_found_costs_nothing_either_way():
    asked = target((0.1, 0.2, 0.5, 0.8, 0, 0), (0.6, 0.1, 0.9, 0.4, 1, 1))
    without, with_it = perfect(asked), perfect(BOXES)
    assert detection.losses(with_it, asked).item() == pytest.approx(detection.losses(without, asked).item(), abs=1e-4)
    of_other_class = without.clone()
    of_other_class[0, 4, 3, 12] = 5  # only its own class is left alone there
    assert detection.losses(of_other_class, asked).item() > 0.5


def test_rows_without_a_box_change_nothing_and_pictures_without_boxes_have_a_loss():
    grid = torch.randn(1, 4 + K, H, W, generator=torch.Generator().manual_seed(0))
    padded = torch.cat([BOXES, target((0, 0, 0, 0, 0, -1))], dim=1)
    torch.testing.assert_close(detection.losses(grid, padded), detection.losses(grid, BOXES))
    empty = target((0, 0, 0, 0, 0, -1)).requires_grad_(False)
    grid.requires_grad_()
    loss = detection.losses(grid, empty).sum()
    loss.backward()
    assert loss.isfinite()
    assert grid.grad.isfinite().all()
    assert (grid.grad[:, :4] == 0).all()  # no box to learn
    assert (grid.grad[:, 4:] > 0).all()  # nothing is here


def test_hills_are_one_at_middles_and_as_wide_as_their_boxes():
    hills = detection.hills_of(BOXES[..., :4], H, W)[0]
    assert hills.flatten(1).max(dim=1).values.tolist() == [1, 1]
    wide = target((0.0, 0.4, 1.0, 0.6, 0, 0))[..., :4]
    hill = detection.hills_of(wide, H, W)[0, 0]
    assert (hill.amax(0) > 0.5).sum() > (hill.amax(1) > 0.5).sum()


def test_of_two_boxes_in_one_place_the_smaller_is_learnt():
    both = target((0.0, 0.0, 1.0, 1.0, 0, 0), (0.45, 0.45, 0.6, 0.6, 1, 0))
    grid = torch.zeros(1, 4, H, W, requires_grad=True)
    hills = detection.hills_of(both[..., :4], H, W)
    small = detection.box_losses(grid, both[:, 1:, :4], hills[:, 1:])
    middle = (int(0.525 * H), int(0.525 * W))
    gradients = [
        torch.autograd.grad(loss, grid)[0][0, :, *middle]
        for loss in (small, detection.box_losses(grid, both[..., :4], hills))
    ]
    torch.testing.assert_close(*gradients)


def test_giou_is_one_for_equals_and_falls_with_the_distance():
    box = torch.tensor([[0.1, 0.1, 0.3, 0.4]])
    assert detection.giou(box, box).item() == pytest.approx(1)
    steps = [detection.giou(box, box + shift).item() for shift in (0.05, 0.1, 0.4, 0.6)]
    assert steps == sorted(steps, reverse=True)
    assert -1 <= steps[-1] < 0
    by_hand = detection.giou(torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[1.0, 1, 3, 3]]))
    assert by_hand.item() == pytest.approx(1 / 7 - 2 / 9)  # hull of 9, union of 7


def test_a_far_edge_is_finite():
    grid = torch.full((1, 4 + K, H, W), 1e4, requires_grad=True)
    loss = detection.losses(grid, BOXES).sum()
    loss.backward()
    assert loss.isfinite()
    assert grid.grad.isfinite().all()
    assert detection.decode(grid)[..., :4].min() >= 0
