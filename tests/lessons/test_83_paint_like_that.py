"""What lesson 83 claims of styles, of their Gram matrices, and of pixels that are learnt (H11)."""

import numpy as np
import pytest
import torch

from deepglass.painting.pictures import as_tensor
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("83_paint_like_that").module


def test_a_shuffled_style_picture_has_nearly_the_same_style_and_another_content(lesson):
    shuffled, noise, photograph = (
        lesson.style_loss(name) for name in (lesson.PICTURES[1], "white noise", lesson.PICTURES[2])
    )
    assert shuffled < noise / 8
    assert shuffled < photograph / 8
    first, second = (lesson.picture_of(name) for name in lesson.PICTURES[:2])
    assert sorted(map(tuple, first.reshape(-1, 3))) == sorted(map(tuple, second.reshape(-1, 3)))
    assert (first != second).mean() > 0.5


def test_both_losses_fall_in_the_film(lesson):
    made = lesson.painted(lesson.MOMENTS[-1])
    first = lesson.painted(lesson.MOMENTS[0])
    for name in ("content", "style"):
        assert made.after[name] < first.after[name]
        assert made.falls[name] > 1.2
    assert made.falls["style"] > 3
    assert len([*lesson.film()]) == len(lesson.MOMENTS)


def test_without_content_the_temple_is_gone_and_without_style_the_strokes_are(lesson):
    both, style, content = (lesson.painted(asked=asked) for asked in lesson.ASKED)
    assert style.after["content"] > 1.2 * both.after["content"]
    assert content.after["style"] > 3 * both.after["style"]
    assert content.after["content"] < both.after["content"]


def test_one_layer_alone_misses_what_the_others_see(lesson):
    whole, *single = (lesson.painted(sees=sees) for sees in lesson.SEES)
    losses = [lesson.aim().losses(as_tensor(made.picture))[1] for made in (whole, *single)]
    assert all(losses[0] < one for one in losses[1:])


def test_the_numbers_beside_the_maps_are_those_of_the_gram_matrix(lesson):
    a, b = lesson.maps_of(lesson.PICTURES[0], 2, 4)
    assert float((a * b).mean()) == pytest.approx(float(lesson.aim().how.grams[lesson.LAYER][0, 2, 4]), rel=1e-4)


def test_swapping_halves_is_noticed_by_the_content_loss(lesson):
    picture = lesson.picture_of(lesson.PICTURES[2])
    middle = picture.shape[1] // 2
    swapped = np.concatenate([picture[:, middle:], picture[:, :middle]], axis=1)
    own = lesson.Aim(lesson.network(), as_tensor(picture), as_tensor(picture))
    with torch.no_grad():
        content, style = own.losses(as_tensor(swapped))
    assert content > 1
    assert style < 0.1


def test_the_exercise_is_what_the_losses_use():
    from deepglass.lessons.exercises.gram_matrix import gram_matrix
    from deepglass.painting.losses import gram

    maps = np.random.default_rng(0).normal(size=(3, 4, 5))
    assert np.allclose(gram_matrix(maps), gram(torch.from_numpy(maps)[None])[0].numpy())


@pytest.mark.parametrize(
    ("line", "said"),
    [("rows @ rows.T", "sum over the places"), ("np.outer(rows.mean(1), rows.mean(1))", "products of means")],
)
def test_slips_are_told_apart(line, said):
    code = f"def gram_matrix(maps):\n    rows = maps.reshape(len(maps), -1)\n    return {line}"
    assert said in tried("gram_matrix", code).message
