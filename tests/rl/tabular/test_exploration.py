"""Choices from values that are not yet right."""

import numpy as np
import pytest

from deepglass.rl.tabular.exploration import epsilon_greedy, softmax, with_bonus

PROVES = {"test_shares_of_choices_are_what_the_formulas_say": ("rl/tabular/exploration.py",)}  # for `deepglass read`


def test_shares_of_choices_are_what_the_formulas_say():
    rng, values = np.random.default_rng(0), np.array([0.0, 1.0, 1.0])
    chosen = [epsilon_greedy(values, 0.3, rng) for _ in range(4_000)]
    assert np.bincount(chosen)[0] / 4_000 == pytest.approx(0.1, abs=0.02)  # ties share the rest
    assert np.bincount(chosen)[1] / 4_000 == pytest.approx(0.45, abs=0.03)
    chosen = [softmax(np.array([0.0, np.log(3)]), 1.0, rng) for _ in range(4_000)]
    assert np.mean(chosen) == pytest.approx(0.75, abs=0.03)
    assert softmax(np.array([1e6, 0.0]), 1e-3, rng) == 0  # no overflow


def test_a_bonus_prefers_what_was_seldom_tried():
    assert with_bonus(np.array([1.0, 0.9]), np.array([100, 1]), 0.5) == 1
    assert with_bonus(np.array([1.0, 0.9]), np.array([100, 100]), 0.5) == 0
    assert with_bonus(np.array([1.0, -9.0]), np.array([1, 0]), 0.1) == 1
