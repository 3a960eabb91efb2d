"""What lesson 77 claims of two hidden numbers, of new people, and of a list that makes its own winners (T01)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("77_what_you_may_like").module


def test_the_holes_are_filled_better_turn_by_turn_and_far_better_than_by_nothing(lesson):
    found = [lesson.off(P @ Q.T, False) for P, Q in lesson.factorised().history_]
    nothing = lesson.off(np.zeros(lesson.table()[0].shape), False)
    assert found[-1] < 0.3 * nothing
    assert found[-1] < 0.5 * found[4]
    said = [frame.caption for frame in lesson.film()]
    assert f"{found[-1]:.2f} in the holes" in said[-1]
    assert len(said) == len(lesson.MOMENTS)


def test_the_film_is_taught_by_known_cells_alone(lesson):
    whole, is_known = lesson.table()
    other = np.where(is_known, whole, 99.0)
    again = lesson.Factorisation(2, lesson.PENALTY, n_iter=10).fit(np.where(is_known, other, np.nan))
    assert np.array_equal(again.predict(), lesson.factorised().predict())


def test_a_new_person_is_known_better_with_every_liking_and_the_first_are_worth_most(lesson):
    off = lesson.newcomers()
    assert (np.diff(off) < 0).all()
    assert off[0] - off[2] > off[2] - off[-1]
    assert off[-1] < off[0] / 3


def test_luck_decides_where_the_list_shows_what_most_took(lesson):
    first = lesson.SHOWN / lesson.SHELF
    assert abs(lesson.wins(0.0) - first) < 0.1
    assert (lesson.bubble(0.0) > 0).sum(axis=1).max() == lesson.SHOWN  # what was not on the first list was never taken


def test_lists_by_lot_and_counting_what_was_shown_need_each_other(lesson):
    taken, of_seen = lesson.ORDERS
    assert lesson.wins(0.0, of_seen) < 0.35
    assert lesson.wins(0.2, taken) < 0.5
    assert lesson.wins(0.2, of_seen) > 0.9
    assert (lesson.bubble(0.2, of_seen) > 0).mean() > 0.9


def test_everybody_takes_one_film(lesson):
    for order in lesson.ORDERS:
        assert (lesson.bubble(0.1, order).sum(axis=1) == lesson.VISITORS).all()


def test_the_exercise_is_the_step_of_the_file_that_is_shown(lesson):
    from deepglass.lessons.exercises.fold_in import fold_in

    generator = np.random.default_rng(0)
    films, likings = generator.normal(size=(6, 3)), generator.normal(size=6)
    np.testing.assert_allclose(fold_in(films, likings, 0.4), lesson.solve(likings[None], films, 0.4)[0])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("films.T @ likings", "the right side alone"),
        ("np.linalg.lstsq(films, likings, rcond=None)[0] if len(films) else np.zeros(2)", "without the penalty"),
    ],
)  # fmt: skip
def test_slips_are_told_apart(line, said):
    assert said in tried("fold_in", f"def fold_in(films, likings, penalty):\n    return {line}").message
