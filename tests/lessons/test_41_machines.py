"""What lesson 41 claims about many machines (S01, S04)."""

import numpy as np
import pytest

from deepglass.glass.foundations.all_reduce import mean_of_parts, ring, speed_up
from tests.lessons.opened import opened
from tests.lessons.test_guesses import words_of
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("41_machines").module


@pytest.mark.parametrize("machines", [2, 3, 7, 16])
def test_parts_of_a_batch_give_the_gradient_of_the_whole(lesson, machines):
    _, mean, whole = lesson.compared(machines)
    np.testing.assert_allclose(mean, whole, rtol=0, atol=1e-12)


def test_two_machines_take_the_path_of_one(lesson):
    np.testing.assert_allclose(lesson.descent(2), lesson.descent(1), rtol=0, atol=1e-12)
    assert lesson.loss_at(lesson.descent(2)[-1])[0] < 0.5 * lesson.loss_at(np.array(lesson.START))[0]


def test_the_plain_mean_of_unequal_parts_is_another_gradient_and_of_equal_ones_the_same(lesson):
    for machines, is_off in ((7, True), (3, True), (4, False), (8, False)):
        _, mean, whole = lesson.compared(machines, weighted=False)
        assert (np.abs(mean - whole).max() > 1e-4) == is_off


@pytest.mark.parametrize("machines", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("size", [2, 24, 25])
def test_the_ring_gives_everybody_the_sum_and_sends_no_more_than_two_gradients(machines, size):
    gradients = list(np.random.default_rng(machines).normal(size=(machines, size)))
    totals, sent = ring(gradients)
    for total in totals:
        np.testing.assert_allclose(total, np.sum(gradients, axis=0), rtol=0, atol=1e-12)
    assert sum(sent) == 2 * (machines - 1) * size
    if size % machines == 0:
        assert set(sent) == {2 * (machines - 1) * size // machines}


def test_what_is_not_shared_is_the_end_of_it():
    assert speed_up(1000, 0.95) == pytest.approx(19.6, abs=0.1)
    assert speed_up(1e9, 0.95) == pytest.approx(20, rel=1e-3)
    assert speed_up(8, 1.0) == pytest.approx(8)
    assert speed_up(1, 0.7, talk=0.1) == pytest.approx(1)


def test_who_talks_is_not_faster_with_more_machines_for_ever():
    assert speed_up(1e6, 1.0, talk=0.01) == pytest.approx(50, rel=0.01)
    assert speed_up(1000, 1.0, talk=0.1) < 1 / (2 * 0.1) + 1


def test_weights_of_a_mean_are_rows():
    assert mean_of_parts([[1.0], [4.0]], [3, 1]).tolist() == [1.75]


def test_what_answers_the_guess_is_covered():
    seen, covered = words_of("41_machines")
    assert "Why a thousand are not a thousand" in covered
    assert "Why a thousand are not a thousand" not in seen


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("joint_gradient", "def joint_gradient(g, n):\n    return np.mean(g, axis=0)", "equal shares only"),
        ("amdahl", "def amdahl(share, machines):\n    return machines", "all of the work"),
    ],
)
def test_slips_are_told(name, code, said):
    assert said in tried(name, code).message
