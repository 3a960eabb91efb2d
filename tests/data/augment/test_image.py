"""Augmentation of pictures: each does what its name says, to each picture its own, and repeats with the seed."""

import numpy as np
import pytest
import torch

from deepglass.core.errors import OptionError
from deepglass.data.augment.image import (
    AUGMENTATIONS,
    ELASTIC_ANGLE,
    ELASTIC_LEAN,
    ELASTIC_SHIFT,
    ELASTIC_STRETCH,
    augment,
    colour,
    crop,
    elastic,
    erase,
    flip,
    nudge,
    parse,
    rotate,
    zoom,
)
from deepglass.data.augment.mirror import mirror_test


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(64, 3, 16, 24) * 255


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("channels", [1, 3])
def test_keeps_shape_range_and_dtype(name, channels):
    images = torch.rand(8, channels, 9, 14) * 255
    changed = augment(images, [name])
    assert changed.shape == images.shape
    assert changed.dtype == images.dtype
    assert changed.min() >= -1e-3
    assert changed.max() <= 255 + 1e-3


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_repeats_with_the_seed_and_not_without(name, images):
    torch.manual_seed(1)
    first, second = augment(images, [name]), augment(images, [name])
    torch.manual_seed(1)
    torch.testing.assert_close(augment(images, [name]), first)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_leaves_its_input_alone(name, images):
    before = images.clone()
    augment(images, [name])
    torch.testing.assert_close(images, before, rtol=0, atol=0)


def test_flip_mirrors_about_half(images):
    changed = flip(images)
    mirrored = (changed == images.flip(3)).flatten(1).all(1)
    kept = (changed == images).flatten(1).all(1)
    assert (mirrored ^ kept).all()
    assert 16 < mirrored.sum() < 48


def test_nudge_moves_a_little_and_brings_no_black_in():
    images = torch.full((200, 1, 20, 30), 90.0)
    torch.testing.assert_close(nudge(images), images)
    images = torch.zeros(200, 1, 41, 41)
    images[:, :, 20, 20] = 255
    brightest = nudge(images).flatten(1).argmax(1)
    away = torch.stack([brightest // 41 - 20, brightest % 41 - 20]).abs()
    assert away.max() <= 4  # 0.06 of 41, nearer by an eighth, and a pixel of rounding
    assert (away.max(0).values > 0).float().mean() > 0.5


def test_elastic_is_a_turn_a_lean_and_a_stretch_where_nothing_bends(monkeypatch):
    """As scikit-image composes it: rotation, shear and scale around the middle, whatever the shape of the picture."""
    monkeypatch.setattr("deepglass.data.augment.image.ELASTIC_BEND", 0.0)
    H, W = 31, 61
    y, x = torch.meshgrid(torch.arange(H) - (H - 1) / 2, torch.arange(W) - (W - 1) / 2, indexing="ij")
    ramps = torch.stack([x, y])[None].expand(40, 2, H, W)  # brightness says where a pixel was
    torch.manual_seed(3)
    changed = elastic(ramps)
    torch.manual_seed(3)
    angle, wide, high, lean, dx, dy = (2 * torch.rand(6, 40) - 1).unbind()
    angle = np.deg2rad(ELASTIC_ANGLE) * angle
    for i in range(40):
        c, s = float(angle[i].cos()), float(angle[i].sin())
        turn, leaning = np.array([[c, -s], [s, c]]), np.array([[1, ELASTIC_LEAN * float(lean[i])], [0, 1]])
        stretch = np.diag([1 + ELASTIC_STRETCH * float(wide[i]), 1 + ELASTIC_STRETCH * float(high[i])])
        shift = ELASTIC_SHIFT * np.array([W * float(dx[i]), H * float(dy[i])])
        for row, column in ((15, 30), (12, 24), (19, 38)):  # whose places stay inside
            place = turn @ leaning @ stretch @ np.array([float(x[row, column]), float(y[row, column])]) + shift
            np.testing.assert_allclose(changed[i, :, row, column].numpy(), place, atol=1e-3)


def test_elastic_bends_what_is_straight(monkeypatch):
    rows, line = torch.arange(41.0), torch.zeros(100, 1, 41, 41)
    line[:, :, :, 20] = 255

    def bend() -> float:
        """How far the middles of a line are from the straight line through them, in pixels."""
        changed = elastic(line)[:, 0, 8:33]  # (B, 25, 41) whose ends are not at the border
        middles = ((changed * torch.arange(41.0)).sum(2) / changed.sum(2)).double().T.numpy()  # (25, B)
        fitted = np.polynomial.polynomial.polyfit(rows[8:33].numpy(), middles, 1)
        return float(np.abs(middles - np.polynomial.polynomial.polyval(rows[8:33].numpy(), fitted).T).mean())

    assert bend() > 0.1
    monkeypatch.setattr("deepglass.data.augment.image.ELASTIC_BEND", 0.0)
    assert bend() < 0.05  # what interpolating does


def test_crop_shifts_whole_pixels_and_fills_with_black():
    images = torch.zeros(300, 1, 24, 12)
    images[:, :, 8, 8] = 1
    changed = crop(images)
    assert (changed.sum((1, 2, 3)) == 1).all()  # the pixel never leaves: shifts reach 2 of 24 and 1 of 12
    places = {tuple(place) for place in changed[:, 0].nonzero()[:, 1:].tolist()}
    assert places == {(y, x) for y in range(6, 11) for x in range(7, 10)}
    assert crop(torch.ones(50, 1, 24, 12)).min() == 0


def test_rotate_turns_about_the_centre_without_stretching():
    images = torch.zeros(100, 1, 33, 65)
    images[:, :, 16, 48] = 100  # 16 right of the centre
    changed = rotate(images)[:, 0]
    y, x = torch.meshgrid(torch.arange(33.0) - 16, torch.arange(65.0) - 32, indexing="ij")
    mass = changed.sum((1, 2))
    radius = (changed * (x**2 + y**2).sqrt()).sum((1, 2)) / mass
    torch.testing.assert_close(radius, torch.full_like(radius, 16), rtol=0, atol=0.5)
    angle = torch.rad2deg(torch.atan2((changed * y).sum((1, 2)), (changed * x).sum((1, 2))))
    assert angle.abs().max() < 13
    assert angle.min() < -6
    assert angle.max() > 6


def test_zoom_enlarges_and_never_shows_the_outside():
    images = torch.full((50, 1, 20, 20), 7.0)
    torch.testing.assert_close(zoom(images)[:, :, 1:-1, 1:-1], images[:, :, 1:-1, 1:-1])
    ramp = torch.arange(20.0).expand(50, 1, 20, 20)
    slope = zoom(ramp)[:, 0, 10, 10] - zoom(ramp)[:, 0, 10, 9]
    assert slope.abs().max() > 0
    steps = zoom(ramp)[:, 0, 10, 5:15].diff(dim=1)
    assert (steps < 1.001).all()
    assert (steps > 0.4**0.5 - 0.001).all()


def test_colour_leaves_grey_pictures_grey(images):
    grey = images[:, :1].expand(-1, 3, -1, -1)
    changed = colour(grey)
    torch.testing.assert_close(changed[:, 0], changed[:, 2])
    assert not torch.equal(changed, grey)


def test_erase_blots_out_one_rectangle_of_about_half_the_pictures():
    images = torch.rand(200, 1, 20, 20) * 255
    changed = (erase(images) != images)[:, 0]
    touched = changed.flatten(1).any(1)
    assert 60 < touched.sum() < 140
    for mask in changed[touched][:20]:
        rows, columns = mask.any(1), mask.any(0)
        assert mask.sum() == rows.sum() * columns.sum()  # a full rectangle
        assert mask.float().mean() < 0.3


def test_names_are_parsed_and_checked():
    assert parse("flip, Crop,color") == ["flip", "crop", "colour"]
    assert parse("none") == []
    with pytest.raises(OptionError, match="unknown augmentation 'flop'; did you mean 'flip'"):
        parse("flop")


def test_digits_are_not_to_be_flipped_but_symmetric_shapes_are():
    from sklearn.datasets import load_digits

    bundle = load_digits()
    digits = (bundle.images * 15).astype(np.uint8)[..., None]
    assert not mirror_test(digits, bundle.target, list("0123456789")).keeps_class
    symmetric = np.minimum(digits, digits[:, :, ::-1])
    assert mirror_test(symmetric, bundle.target, list("0123456789")).keeps_class


def test_where_pixels_tell_nothing_names_decide():
    rng = np.random.default_rng(0)
    noise, labels = rng.integers(0, 256, (200, 8, 8, 3), dtype=np.uint8), rng.integers(0, 4, 200)
    assert not mirror_test(noise, labels, list("abcd")).keeps_class
    assert mirror_test(noise, labels, ["cat", "dog", "fox", "owl"]).keeps_class
