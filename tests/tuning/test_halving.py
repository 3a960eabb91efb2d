"""Who goes on, and until when."""

import pytest

from deepglass.tuning.halving import Rungs


@pytest.mark.parametrize(
    ("total", "epochs"), [(27, (3, 9, 27)), (100, (11, 33, 100)), (8, (3, 8)), (1, (1,)), (0.4, (1,)), (2.5, (1, 3))]
)
def test_rungs_grow_by_three_up_to_the_whole_training(total, epochs):
    assert Rungs.of(total).epochs == epochs


def test_the_best_third_goes_on_one_by_one():
    rungs = Rungs((1, 3, 9))
    costs = [{0: 0.5}, {0: 0.4}]
    assert rungs.goes_on(costs) is None  # nobody knows yet what is good
    costs.append({0: 0.6})
    assert rungs.goes_on(costs) == 1
    costs[1][1] = 0.3
    assert rungs.goes_on(costs) is None


def test_the_highest_rung_comes_first():
    rungs = Rungs((1, 3, 9))
    costs = [{0: i / 10, 1: i / 10} for i in range(3)] + [{0: 0.9}] * 6
    assert rungs.goes_on(costs) == 0


def test_who_diverged_stays_where_it_is():
    costs = [{0: float("inf")}, {0: float("inf")}, {0: float("inf")}]
    assert Rungs((1, 3)).goes_on(costs) is None


def test_no_trial_goes_beyond_the_last_rung():
    assert Rungs((1, 3)).goes_on([{0: 0.1, 1: 0.1}, {0: 0.2, 1: 0.3}, {0: 0.3, 1: 0.2}]) is None
