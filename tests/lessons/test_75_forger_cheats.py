"""What lesson 75 claims of a game out of balance, and of what brings it back (K06)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("75_forger_cheats").module


def test_a_weak_detective_lets_the_forger_collapse(lesson):
    assert lesson.game()[400]["found"] <= 3


@pytest.mark.parametrize("cure", ["his full rate", "penalty on his slope"])
def test_each_of_two_cures_brings_the_places_back(lesson, cure):
    assert lesson.game(cure)[400]["found"] >= 7


def test_and_a_spectral_norm_does_not(lesson):
    seen = lesson.game("spectral norm")
    assert seen[400]["found"] <= 3
    assert all(moment["slope"] <= 1.05 for moment in seen.values())


def test_the_two_parts_are_the_loss_and_an_even_verdict_costs_ln_2(lesson):
    first = lesson.game()[0]
    assert first["on_real"] + first["on_made"] == pytest.approx(2 * np.log(2), abs=0.15)


@pytest.mark.parametrize(
    ("line", "said"),
    [("np.exp(-np.logaddexp(0, -verdicts))", "sign"), ("-np.exp(-np.logaddexp(0, verdicts))", "non-saturating")],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("minimax_slope", f"def minimax_slope(verdicts):\n    return {line}").message
