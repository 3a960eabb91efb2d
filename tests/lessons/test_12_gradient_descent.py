"""What lesson 12 claims about gradient descent (F01, F02, F03)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("12_gradient_descent").module


def test_batch_descent_on_a_quadratic_follows_the_closed_form(lesson):
    for rate in (0.05, 0.2, 0.9):
        np.testing.assert_allclose(lesson.walk(lesson.ROWS, 24, rate), lesson.bowl_walk(rate), rtol=1e-9, atol=1e-9)


def test_beyond_two_over_the_curvature_it_flies_away(lesson):
    best, H, _ = lesson.valley()
    limit = 2 / np.linalg.eigvalsh(H).max()
    far = lambda path: np.linalg.norm(path - best, axis=1)  # noqa: E731
    assert far(lesson.bowl_walk(0.9 * limit, 200))[-1] < 1e-3
    assert far(lesson.bowl_walk(1.05 * limit, 200))[-1] > 1e3
    assert limit < 1.05  # the first state of the slider shows it


def test_twenty_stochastic_steps_equal_pytorchs(lesson):
    X, y = (torch.tensor(part) for part in lesson.points())
    w = torch.tensor(lesson.START, dtype=torch.float64, requires_grad=True)
    optimizer, path = torch.optim.SGD([w], lr=0.2), []
    for rows in lesson.batches(lesson.ROWS, 1, np.random.default_rng(0))[:20]:
        optimizer.zero_grad()
        ((X[rows] @ w - y[rows]) ** 2).mean().backward()
        optimizer.step()
        path.append(w.tolist())
    np.testing.assert_allclose(lesson.walk(1, 1)[1:21], path, rtol=0, atol=1e-12)


def test_the_variance_of_the_gradient_falls_as_one_over_the_batch(lesson):
    sizes = np.array([1, 4, 16, 64])
    measured, one = lesson.spread(sizes)
    np.testing.assert_allclose(measured * sizes, one, rtol=0.1)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_each_epoch_visits_every_row_once(lesson, size):
    rng = np.random.default_rng(0)
    first, second = (np.concatenate(lesson.batches(64, size, rng)) for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(64))
    assert list(first) != list(second)


def test_after_one_pass_small_batches_are_nearer_and_in_the_end_only_batch_descent_rests(lesson):
    best, _, floor = lesson.valley()
    far = {size: np.linalg.norm(lesson.walk(size, 1)[-1] - best) for size in lesson.NAMES}
    assert far[lesson.ROWS] > 2 * max(far[8], far[1])
    trembling = {
        size: lesson.loss_at(lesson.walk(size, 40)[-lesson.ROWS // size :]).mean() - floor for size in lesson.NAMES
    }
    assert trembling[64] < 1e-3 < trembling[8] < trembling[1]


def test_the_steepest_way_is_not_the_way_to_the_bottom(lesson):
    """What lesson 3 says: the batch walker's first step is against the gradient, and does not point at the cross."""
    best, H, _ = lesson.valley()
    step = lesson.walk(lesson.ROWS, epochs=1)[1] - np.array(lesson.START)
    assert step == pytest.approx(-0.2 * H @ (np.array(lesson.START) - best))
    goal = best - np.array(lesson.START)
    assert step @ goal / np.linalg.norm(step) / np.linalg.norm(goal) < 0.99


def test_without_replacement_the_variance_falls_a_little_faster(lesson):
    (X, y), rng = lesson.points(), np.random.default_rng(0)
    each = 2 * (X @ np.array(lesson.START) - y)[:, None] * X
    drawn = np.array([each[rng.permutation(64)[:32]].mean(0) for _ in range(2000)])
    assert drawn.var(0).sum() < 0.7 * each.var(0).sum() / 32


def test_the_film_stops_before_it_tells():
    from deepglass.course.widgets.film import Film

    film = next(widget for widget in opened("12_gradient_descent").widgets if isinstance(widget, Film))
    assert film.waits_for == "guess"
    assert "8 rows" in film.captions[film.held - 1]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("order = np.arange(rows)[::-1]", "order of the file"),
        ("order = np.arange(rows)", "order of the file"),
        ("order = rng.integers(0, rows, rows)", "never visited"),
    ],
)
def test_batches_that_are_not_an_epoch_are_told_why(code, said):
    cut = "\n    return [order[i : i + size] for i in range(0, rows, size)]"
    assert said in tried("batches", f"def batches(rows, size, rng):\n    {code}{cut}").message
