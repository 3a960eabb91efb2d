"""What lesson 93 claims of comparisons, of a reward that is hacked, of what tames it, and of DPO."""

import numpy as np
import pytest

from deepglass.training import bradley_terry
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("93_what_you_wish_for").module


def test_the_reward_rises_all_the_way_while_the_use_rises_and_falls_below_its_beginning(lesson):
    far, paid, use = lesson.climb(lesson.TASTE)
    began = lesson.REFERENCE @ lesson.TRUTH
    assert (np.diff(far) > 0).all()
    assert (np.diff(paid) > 0).all()
    assert use.max() > began + 0.5
    assert 0 < int(use.argmax()) < len(use) - 1
    assert use[-1] < began - 5


def test_the_formula_is_the_best_policy_and_no_other_earns_more(lesson):
    reward, rng = lesson.GRID @ lesson.worths(lesson.TASTE), np.random.default_rng(0)
    for beta in (1.0, lesson.BETA):
        best = lesson.best_for(reward, beta)
        earned = best @ reward - beta * lesson.divergence(best)
        for _ in range(50):
            other = best * np.exp(rng.normal(0, 0.3, len(best)))
            other /= other.sum()
            assert other @ reward - beta * lesson.divergence(other) <= earned + 1e-9


def test_people_who_are_asked_again_mend_it_and_a_beta_tames_it(lesson):
    worst = lesson.climb(lesson.TASTE)[2]
    mended = lesson.climb(lesson.TASTE, 1)[2]
    assert mended[-1] > lesson.REFERENCE @ lesson.TRUTH
    assert mended[-1] > worst[-1] + 5
    assert lesson.worths(lesson.TASTE)[1] > 0 > lesson.worths(lesson.TASTE, 1)[1]


def test_a_taste_makes_a_filler_dearer(lesson):
    found = [lesson.worths(taste)[1] for taste in lesson.TASTES]
    assert (np.diff(found) > 0).all()
    assert found[0] < 0  # without it nothing is hacked
    assert lesson.climb(0.0)[2][-1] > 0.95 * lesson.climb(0.0)[2].max()


def test_the_first_state_shows_the_hack(lesson):
    policy = lesson.best_for(lesson.GRID @ lesson.worths(lesson.TASTE), lesson.BETA)
    _, fillers = lesson.GRID[policy.argmax()]
    assert fillers == 12
    assert policy @ lesson.TRUTH < lesson.REFERENCE @ lesson.TRUTH


def test_dpo_and_a_reward_model_end_in_the_same_policy(lesson):
    for beta in (1.0, 0.3):
        one, other = (
            lesson.directly(lesson.TASTE, beta),
            lesson.best_for(lesson.GRID @ lesson.worths(lesson.TASTE), beta),
        )
        assert np.abs(one - other).max() < 1e-5


def test_the_reward_model_agrees_with_most_comparisons(lesson):
    chosen, rejected = lesson.compared(lesson.REFERENCE, lesson.TASTE)
    scores = lesson.GRID @ lesson.worths(lesson.TASTE)
    differ = chosen != rejected
    assert (scores[chosen] > scores[rejected])[differ].mean() > 0.6
    assert bradley_terry.fit_linear(lesson.GRID[chosen], lesson.GRID[rejected], lesson.PENALTY) == pytest.approx(
        lesson.worths(lesson.TASTE)
    )


def test_the_film_gives_nothing_away(lesson):
    frames = list(lesson.film())
    assert len(frames) > 8
    assert not any("of use" in frame.caption for frame in frames)


def test_slips_are_told_apart():
    code = "def preference_loss(chosen, rejected):\n    return -np.log(1 / (1 + np.exp(chosen - rejected))).mean()"
    assert "wrong way round" in tried("preference_loss", code).message
