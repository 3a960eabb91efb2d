"""Where a pixel goes, its class goes: masks are painted into pictures, moved, and looked for there."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deepglass.data.augment.masks import AUGMENTATIONS, augment, crop
from deepglass.data.masked_pictures import IGNORED, OUTSIDE

SIDE, B = 32, 8
GREY = {0: 20.0, 1: 120.0, 2: 220.0}


def painted(seed, height=SIDE, width=SIDE):
    """Masks of large regions (B, H, W), and pictures (B, 3, H, W) whose grey tells the class."""
    generator = torch.Generator().manual_seed(seed)
    masks = torch.zeros(B, height, width, dtype=torch.uint8)
    for mask in masks:
        for label in (1, 2):
            y, x = (
                torch.randint(height // 2, (1,), generator=generator),
                torch.randint(width // 2, (1,), generator=generator),
            )
            mask[y : y + height // 2, x : x + width // 2] = label
    values = torch.tensor([*GREY.values()])[masks.long()]
    return values[:, None].repeat(1, 3, 1, 1), masks


def classes_of(images):
    """The class that each grey is nearest to, and whether it is near at all."""
    gaps = (images[:, :1] - torch.tensor([*GREY.values()]).view(1, 3, 1, 1)).abs()
    least, label = gaps.min(dim=1)
    return label, least < 5


@pytest.mark.parametrize(
    "names", [["flip"], ["turn"], ["rotate"], ["zoom"], ["flip", "turn", "rotate", "zoom"]], ids=str
)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), width=st.sampled_from([SIDE, SIDE + 9]))
def test_masks_move_with_their_pictures(names, seed, width):
    torch.manual_seed(seed)
    images, masks = augment(*painted(seed, width=width), names)
    assert images.shape == (B, 3, SIDE, width)
    assert masks.shape == (B, SIDE, width)
    assert masks.dtype == torch.uint8
    assert set(masks.unique().tolist()) <= {0, 1, 2}  # there is nothing between two classes
    label, is_plain = classes_of(images)
    assert (label == masks)[is_plain].float().mean() > 0.98  # bilinear and nearest may differ at an edge
    assert is_plain.float().mean() > 0.6


def test_colours_change_and_masks_do_not():
    torch.manual_seed(0)
    images, masks = painted(0)
    changed, same = augment(images, masks, ["colour"])
    assert not torch.equal(changed, images)
    assert torch.equal(same, masks)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), height=st.integers(4, 40), width=st.integers(4, 40))
def test_a_window_shows_the_same_part_of_both_and_lies_inside(seed, height, width):
    torch.manual_seed(seed)
    images, masks = painted(seed)
    masks[:, 24:] = OUTSIDE
    masks[:, :, 20:] = OUTSIDE
    images[masks[:, None].expand_as(images) == OUTSIDE] = -50
    cut, part = crop(images, masks, height, width)
    assert cut.shape[2:] == part.shape[1:] == (min(height, SIDE), min(width, SIDE))
    assert torch.equal(cut[:, 0] < 0, part == OUTSIDE)
    if height <= 24 and width <= 20:
        assert not (part == OUTSIDE).any()
        assert torch.equal(classes_of(cut)[0], part.long())


def test_every_place_is_seen_and_draws_repeat_with_the_seed():
    images = torch.arange(64.0).view(1, 1, 8, 8).repeat(64, 1, 1, 1)
    masks = torch.zeros(64, 8, 8, dtype=torch.uint8)
    torch.manual_seed(3)
    first = crop(images, masks, 4, 4)[0]
    torch.manual_seed(3)
    assert torch.equal(crop(images, masks, 4, 4)[0], first)
    corners = {int(value) for value in first[:, 0, 0, 0]}
    assert {0, 36} <= corners | {0, 36}
    assert len(corners) > 12


def test_ignored_pixels_stay_ignored():
    torch.manual_seed(0)
    images, masks = painted(0)
    masks[masks == 2] = IGNORED
    for name in AUGMENTATIONS:
        assert set(augment(images, masks, [name])[1].unique().tolist()) <= {0, 1, IGNORED}
