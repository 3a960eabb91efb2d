"""Cuts of a probability: the cheapest on validation by trying all, where theory says, and told on the test."""

import numpy as np
import pytest

from deepglass.evaluate.thresholds import RATIOS, best_cut, table


def honest(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are right."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(1, 3, count)
    return np.stack([1 - chance, chance], axis=1), (rng.random(count) < chance).astype(int)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("seed", range(3))
def test_no_other_cut_is_cheaper(ratio, seed):
    shares, truth = honest(60, seed)
    chances, is_it = np.round(shares[:, 1], 1 + seed), truth == 1  # with ties

    def cost(threshold):
        said = chances > threshold
        return ratio * (~said & is_it).sum() + (said & ~is_it).sum()

    cheapest = min(cost(threshold) for threshold in np.linspace(-0.001, 1.001, 1003))
    assert cost(best_cut(chances, is_it, ratio)) == pytest.approx(cheapest)


def test_right_probabilities_are_cut_where_theory_says():
    shares, truth = honest(200_000, 0)
    for ratio in (0.5, 1.0, 5.0):
        assert best_cut(shares[:, 1], truth == 1, ratio) == pytest.approx(1 / (1 + ratio), abs=0.05)


def test_the_rarer_class_is_sought_and_costs_are_those_of_the_test():
    found = table(honest(2_000, 1), honest(1_000, 2), ["well", "ill"])
    assert found["class"] == "ill"
    assert [row["ratio"] for row in found["rows"]] == list(RATIOS)
    dear = found["rows"][-1]
    assert dear["threshold"] < found["rows"][0]["threshold"]
    assert dear["cost"] == pytest.approx((20 * dear["missed"] + dear["false_alarms"]) / 10)
    assert dear["cost"] < 0.8 * dear["cost_at_half"]
    assert dear["found"] + dear["missed"] == int((honest(1_000, 2)[1] == 1).sum())


def test_few_examples_and_other_numbers_of_classes_have_none():
    assert table(honest(12, 0), honest(100, 1), ["well", "ill"]) == {}
    shares, truth = honest(100, 0)
    three = np.concatenate([shares, shares[:, :1]], axis=1)
    assert table((three, truth), (three, truth), ["a", "b", "c"]) == {}
