"""Where the picture goes, its boxes go: a bright rectangle is painted, moved, and looked for."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deepglass.data.augment.boxes import AUGMENTATIONS, augment, cut

SIDE, B = 48, 16


def painted(boxes):
    """Pictures (B, 3, SIDE, SIDE), bright in their box (B, 4) of whole pixels; and targets (B, 2, 6)."""
    images = torch.full((len(boxes), 3, SIDE, SIDE), 20.0)
    targets = torch.zeros(len(boxes), 2, 6)
    targets[:, 1, 5] = -1  # a row without a box
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        images[i, :, y0:y1, x0:x1] = 220
        targets[i, 0, :4] = torch.tensor([x0, y0, x1, y1]) / SIDE
    return images, targets


def bright(image):
    """The box around what is bright, in pixels; None where nothing is."""
    rows, columns = torch.nonzero(image[0] > 120, as_tuple=True)
    if not len(rows):
        return None
    return [columns.min().item(), rows.min().item(), columns.max().item() + 1, rows.max().item() + 1]


@pytest.mark.parametrize("names", [["flip"], ["crop"], ["zoom"], ["colour"], [*AUGMENTATIONS]], ids=str)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), corner=st.tuples(st.integers(2, 26), st.integers(2, 26)), size=st.integers(8, 20))
def test_boxes_stay_around_what_they_surround(names, seed, corner, size):
    torch.manual_seed(seed)
    box = (*corner, corner[0] + size, corner[1] + size)
    images, targets = augment(*painted([box] * B), names)
    assert images.shape == (B, 3, SIDE, SIDE)
    assert ((targets[..., :4] >= 0) & (targets[..., :4] <= 1)).all()
    for image, (thing, nothing) in zip(images, targets):
        assert nothing[5] == -1
        if thing[5] == 0:
            seen = bright(image)
            assert seen is not None
            assert (torch.tensor(seen) - thing[:4] * SIDE).abs().max() <= 1.5


def test_every_augmentation_does_something():
    torch.manual_seed(0)
    images, targets = painted([(10, 12, 30, 26)] * B)
    for name in AUGMENTATIONS:
        changed, moved = augment(images.clone(), targets.clone(), [name])
        assert not torch.equal(changed, images)
        assert torch.equal(moved, targets) == (name == "colour")


def test_what_is_hardly_seen_any_more_is_not_asked_for():
    targets = torch.tensor([[[0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 2.0]]])
    boxes = torch.tensor([[[-0.1, 0, 0.9, 1], [-0.8, 0, 0.2, 1], [1.1, 0, 1.5, 1], [-0.9, 0, 0.1, 1]]])
    found = cut(boxes, targets)
    assert found[0, :, 5].tolist() == [0, 1, -1, 2]
    assert found[0, 0, :4].tolist() == pytest.approx([0, 0, 0.9, 1])
