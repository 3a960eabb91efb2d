"""What lesson 57 claims about critics, waiting and clipping (M04)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("57_actor_critic").module


def test_the_truth_of_the_corridor_solves_its_equation(lesson):
    worth = np.append(lesson.critic(1.0)[:-1], 0.0)  # nothing follows at the end
    for cell in range(1, lesson.CELLS - 1):
        paid = float(cell + 1 == lesson.CELLS - 1)
        assert 0.5 * (worth[cell - 1] + paid + worth[cell + 1]) == pytest.approx(worth[cell])
    assert worth[lesson.START + 1] - worth[lesson.START] == pytest.approx(lesson.TRUTH)


def test_waiting_for_the_end_is_right_on_average_whatever_the_critic_says(lesson):
    for knows in lesson.KNOWS:
        off, spread = lesson.judged(knows, 1)
        assert abs(off) < 4 * spread / np.sqrt(lesson.WALKS / lesson.BATCH)


def test_believing_the_critic_at_once_errs_as_far_as_the_critic_does(lesson):
    for knows in lesson.KNOWS:
        off, spread = lesson.judged(knows, 0)
        assert off == pytest.approx(-(1 - knows) * lesson.TRUTH)
        assert spread < 1e-9


def test_less_waiting_varies_less(lesson):
    spread = [lesson.judged(0.5, trust)[1] for trust in lesson.TRUSTS]
    assert spread == sorted(spread)


def test_a_mixture_is_nearest_and_the_more_the_critic_knows_the_less_it_pays_to_wait(lesson):
    best = [min(lesson.TRUSTS, key=lambda trust, knows=knows: lesson.error(knows, trust)) for knows in lesson.KNOWS]
    assert 0 < best[lesson.KNOWS.index(0.5)] < 1
    assert best == sorted(best, reverse=True)
    assert best[-1] == 0


def test_nearly_all_walks_have_ended(lesson):
    assert np.isin(lesson.walks()[-1], (0, lesson.CELLS - 1)).mean() > 0.999


def test_the_critic_expects_less_before_the_pole_falls(lesson):
    says = [lesson.expected(lesson.practised(), lesson.blind(seed).T) for seed in range(8)]
    assert np.mean([one[-1] < 0.9 * one[0] for one in says]) > 0.7
    assert says[6][-3:].mean() < 0.8 * says[6][0]  # the film
    assert max(one.max() for one in says) < 130  # the most there is, 1 / (1 − 0.99), and its error


def test_advantages_of_a_critic_vary_less_than_the_returns_of_reinforce(lesson):
    variance = lesson.variances()
    assert variance["λ = 1"] < 0.6 * variance["return"]
    assert variance["λ = 0.95"] < variance["λ = 1"]


def test_without_the_clip_many_passes_ruin_it(lesson):
    free, clipped = (np.mean([lesson.driven(clip, seed)[-3:] for seed in lesson.SEEDS]) for clip in (1e9, 0.2))
    assert free < 0.7 * clipped


def test_the_number_to_work_out():
    keep = 0.99 * 0.95
    assert keep**11 > 0.5 > keep**12


def test_a_clip_alone_is_told():
    code = "return np.clip(ratio, 1 - clip, 1 + clip) * advantage"
    found = tried("clipped", f"def clipped(ratio, advantage, clip):\n    {code}")
    assert not found.passed
    assert "count in full" in found.message
