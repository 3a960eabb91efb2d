"""What lesson 69 claims of a net that enlarges, of bicubic, and of what is gone from a coarse picture (H12)."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("69_more_pixels").module


def test_on_what_was_held_out_the_net_is_nearer_than_bicubic_and_bicubic_than_copies(lesson):
    copies, bicubic, net = (lesson.whole(way) for way in lesson.WAYS)
    assert copies < bicubic
    assert net > bicubic + 0.1


def test_the_net_begins_as_bicubic_and_comes_nearer(lesson):
    said = [float(frame.caption.split(" dB")[0].split()[-1]) for frame in lesson.film()]
    bicubic = float(next(lesson.film()).caption.split("bicubic ")[1].split()[0])
    assert said[0] == bicubic
    assert said[-1] > bicubic + 0.1
    assert len(said) == len(lesson.MOMENTS)


def test_every_part_that_is_shown_was_held_out_and_gains(lesson):
    coarse, fine = lesson.photos()[1]
    net, bicubic = (lesson.enlarged(coarse, way) for way in (lesson.WAYS[2], lesson.WAYS[1]))
    for at in lesson.places():
        true = lesson.part_of(fine, at)
        assert lesson.decibels(lesson.part_of(net, at), true) > lesson.decibels(lesson.part_of(bicubic, at), true)
    assert fine.shape[1] == 640 - lesson.LEFT


def test_both_kinds_of_stripes_become_the_same_grey(lesson):
    (first, grey), (second, other) = lesson.striped()
    assert torch.equal(grey, other)
    assert grey.std() < 1e-6
    assert (first - second).abs().min() == 1


def test_what_comes_out_is_the_mean_of_what_it_could_have_been(lesson):
    (first, _), (second, _) = lesson.striped()
    inside = slice(lesson.BORDER, -lesson.BORDER)
    for share in lesson.SHARES:
        mean = (share * first + (1 - share) * second)[0, 0]
        assert (lesson.imagined(share) - mean)[inside, inside].abs().max() < 0.06, share
    assert lesson.contrast(0.5) < 0.02
    assert lesson.contrast(1.0) > 0.9


def test_a_place_sees_as_many_coarse_pixels_to_each_side_as_the_text_says(lesson):
    model = lesson.net()
    coarse = torch.rand(1, 1, 31, 31, requires_grad=True)
    model(coarse)[0, 0, 30, 30].backward()
    rows = coarse.grad[0, 0].abs().sum(dim=1).nonzero()[:, 0]
    assert (15 - int(rows.min()), int(rows.max()) - 15) == (4, 4)


def test_bicubic_weighs_sixteen_and_its_kernels_are_one_mirrored(lesson):
    kernels = lesson.kernels(2)[:, 0]
    assert [(kernel != 0).sum().item() for kernel in kernels] == [16] * 4
    assert torch.allclose(kernels[0], kernels[1].flip(1))
    assert torch.allclose(kernels[0], kernels[3].flip(0, 1))
    assert (kernels < 0).any()


def test_the_exercise_is_pytorchs_shuffle():
    from deepglass.lessons.exercises.as_pixels import as_pixels

    numbers = np.random.default_rng(0).normal(size=(9, 4, 5))
    assert np.array_equal(as_pixels(numbers, 3), F.pixel_shuffle(torch.from_numpy(numbers)[None], 3)[0, 0].numpy())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("numbers.reshape(numbers.shape[1] * r, numbers.shape[2] * r)", "square of its own"),
        ("numbers.reshape(r, r, *numbers.shape[1:]).transpose(2, 1, 3, 0).reshape(numbers.shape[1] * r, -1)", "swapp"),
    ],
)  # fmt: skip
def test_slips_are_told_apart(line, said):
    assert said in tried("as_pixels", f"def as_pixels(numbers, r):\n    return {line}").message
