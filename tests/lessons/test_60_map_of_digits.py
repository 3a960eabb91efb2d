"""What lesson 60 claims of a map of digits, of both parts of the loss, and of codes that are too dear or free (K03)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("60_map_of_digits").module


def test_saying_a_digit_by_a_code_costs_less_than_saying_every_pixel_by_itself(lesson):
    assert sum(lesson.cost(1.0)) < 0.87 * lesson.alone()


def test_the_dearer_the_code_the_less_it_tells_and_the_worse_is_drawn(lesson):
    drawing, told = np.transpose([lesson.cost(beta) for beta in lesson.BETAS])
    assert np.all(np.diff(told) < 0)
    assert np.all(np.diff(drawing) > 0)


def test_a_code_that_is_free_makes_the_sum_the_worst_of_all(lesson):
    sums = [sum(lesson.cost(beta)) for beta in lesson.BETAS]
    assert int(np.argmax(sums)) == lesson.BETAS.index(0.0)
    assert min(sums) in (sums[lesson.BETAS.index(0.5)], sums[lesson.BETAS.index(1.0)])


def test_at_four_times_the_price_the_code_collapses_to_independent_pixels(lesson):
    drawing, told = lesson.cost(4.0)
    assert told < 0.1
    assert drawing == pytest.approx(lesson.alone(), rel=0.02)
    sheet = lesson.drawn(lesson.net(4.0), lesson.places())
    assert sheet.std(axis=0).max() < 0.1  # the same everywhere
    assert lesson.drawn(lesson.net(1.0), lesson.places()).std(axis=0).max() > 0.35


def test_free_clouds_shrink_and_lie_far_out(lesson):
    rows = lesson.digits()[0][lesson.LEARNT :]
    (free, thin), (usual, wide) = (lesson.clouds(lesson.net(beta), rows) for beta in (0.0, 1.0))
    assert thin.mean() < 0.2 * wide.mean()
    assert free.std() > 2 * usual.std()
    assert usual.std() == pytest.approx(1, abs=0.3)


def test_digits_that_are_alike_are_neighbours_on_the_map(lesson):
    rows, labels = (part[lesson.LEARNT :] for part in lesson.digits())
    means = lesson.clouds(lesson.net(), rows)[0]
    distances = np.linalg.norm(means[:, None] - means[None], axis=2) + 1e9 * np.eye(len(means))
    assert (labels[distances.argmin(1)] == labels).mean() > 0.4  # one in ten by chance


def test_the_film_ends_on_the_map_of_the_lesson(lesson):
    frames = list(lesson.film())
    assert len(frames) == len(lesson.MOMENTS)
    last = list(lesson.learning(1.0, lesson.MOMENTS))[-1][1].eval()
    np.testing.assert_array_equal(lesson.drawn(last, lesson.places()), lesson.drawn(lesson.net(), lesson.places()))


def test_the_bound_is_never_below_what_the_model_needs(lesson):
    """−log p(x), the mean of p(x|z) over many places, by which any picture can be judged without the encoder."""
    rows = torch.from_numpy(lesson.digits()[0][lesson.LEARNT : lesson.LEARNT + 50])
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        inked = lesson.net().decode(torch.randn(20_000, 2, generator=generator)).clamp(1e-6, 1 - 1e-6)
        logs = rows @ inked.log().T + (1 - rows) @ (1 - inked).log().T  # (50, 20000)
        exact = -(logs.logsumexp(dim=1) - np.log(20_000))
        bound = torch.stack([lesson.net()(torch.randn(50, 2, generator=generator), rows)[:, 0] for _ in range(50)])
    assert exact.mean() < bound.mean() < exact.mean() + 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("((mean**2 + deviation**2 - 1) / 2 - np.log(deviation)).mean()", "sum over the numbers"),
        ("((mean**2 + deviation**2 - 1) / 2 + np.log(deviation)).sum()", "taken away"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("kl_of_cloud", f"def kl_of_cloud(mean, deviation):\n    return {line}").message
