"""What lesson 22 claims about augmentation (G09)."""

import numpy as np
import pytest
import torch

from deepglass.api import floors
from tests.lessons.opened import opened


@pytest.fixture(scope="module")
def lesson():
    return opened("22_augmentation").module


def test_shifts_and_small_turns_help_and_mirror_images_harm(lesson):
    plain = lesson.accuracy("").mean()
    assert lesson.accuracy("crop").mean() > plain + 0.005
    assert lesson.accuracy("crop,rotate").mean() > plain + 0.005
    assert lesson.accuracy("flip").mean() < plain - 0.005


def test_it_does_not_help_with_every_fifty_pictures(lesson):
    assert (lesson.accuracy("crop,rotate") <= lesson.accuracy("")).any()


def test_a_six_on_its_head_is_called_a_nine(lesson):
    upright, turned = lesson.called(0), lesson.called(180)
    assert upright[6] > 0.95
    assert turned[9] > 0.9
    assert turned[6] < 0.02


def test_a_half_turn_is_the_picture_read_backwards(lesson):
    images = lesson.IMAGES[:5]
    torch.testing.assert_close(lesson.turned(images, 180), images.flip(2, 3), atol=1e-3, rtol=0)
    torch.testing.assert_close(lesson.turned(images, 0), images, atol=1e-3, rtol=0)


def test_turned_by_any_angle_sixes_and_nines_are_taken_for_each_other(lesson):
    assert lesson.accuracy("", degrees=180).mean() < lesson.accuracy("").mean() - 0.02
    assert lesson.accuracy("", degrees=10).mean() > lesson.accuracy("").mean()
    assert lesson.confused(10) < 0.005 < 0.03 < lesson.confused(180)


def test_a_blend_asks_for_both_names_in_its_shares(lesson):
    logits = torch.randn(2, 10, generator=torch.Generator().manual_seed(0))
    loss_of = lambda names: torch.nn.functional.cross_entropy(logits, names)  # noqa: E731
    names, partner = torch.tensor([3, 8]), torch.tensor([1, 0])
    mixed = lesson.Mixed(logits, partner, 0.7).loss(loss_of, names)
    assert mixed.item() == pytest.approx(0.7 * loss_of(names).item() + 0.3 * loss_of(names[partner]).item(), rel=1e-6)


def test_the_fifty_known_pictures_are_five_of_each_and_none_of_the_new(lesson):
    known, new = lesson.parts(3)
    assert (np.bincount(lesson.LABELS[known]) == lesson.PER_CLASS).all()
    assert not set(known) & set(new)
    assert len(known) + len(new) == len(lesson.LABELS)


def test_the_recorded_gain_of_a_network_is_larger_and_above_nothing_and_the_mirrors_below(lesson):
    if not floors.RESULTS.is_dir():
        pytest.skip("bench/results belong to the checkout")
    assert floors.is_met("augmentation.json gains[way=crop and rotate].low > 0")
    assert floors.is_met("augmentation.json gains[way=crop and rotate].n >= 10")
    own = lesson.accuracy("crop,rotate").mean() - lesson.accuracy("").mean()
    assert floors.is_met(f"augmentation.json gains[way=crop and rotate].mean > {own:.6f}")
    assert floors.is_met("augmentation.json gains[way=flip].mean < 0")
