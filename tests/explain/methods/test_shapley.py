"""Shapley values: those of every order of arrival, those of the package shap, and sums that hold."""

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from deepglass.explain.coalitions import drawn, every
from deepglass.explain.methods import kernel_shapley
from deepglass.explain.methods.shapley import exact

PROVES = {"test_exact_values_are_the_mean_over_every_order_of_arrival": ("explain",)}  # read by `deepglass read`


def game_of(count: int, seed: int):
    """Any game: a table of random scores, found by the digits of the coalition."""
    scores = np.random.default_rng(seed).normal(size=1 << count)
    return lambda present: scores[present.astype(int) @ (1 << np.arange(count))]


def by_orders(game, count: int) -> np.ndarray:
    """The definition itself: what each adds when it arrives, over all orders."""
    values = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        present = np.zeros((1, count), bool)
        before = game(present)[0]
        for player in order:
            present[0, player] = True
            after = game(present)[0]
            values[player] += after - before
            before = after
    return values / len(orders)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_exact_values_are_the_mean_over_every_order_of_arrival(count):
    assert_allclose(exact(game_of(count, count), count), by_orders(game_of(count, count), count), atol=1e-10)


@pytest.mark.parametrize("count", [1, 4, 12])
def test_exact_values_add_up_and_idle_players_get_nothing(count):
    game = game_of(count, 7)
    idle = lambda present: game(np.where(np.arange(count) == 0, False, present))  # noqa: E731
    values = exact(idle, count)
    none, whole = idle(np.zeros((1, count), bool))[0], idle(np.ones((1, count), bool))[0]
    assert abs(values.sum() - (whole - none)) <= 1e-10
    assert abs(values[0]) <= 1e-12


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_kernel_values_of_all_coalitions_are_the_exact_ones(count):
    values, low, high = kernel_shapley.estimate(game_of(count, 3), count)
    assert_allclose(values, exact(game_of(count, 3), count), atol=1e-10)
    assert low is None
    assert high is None


def test_drawn_coalitions_estimate_and_the_interval_holds_the_truth():
    count, rng = 14, np.random.default_rng(0)
    weights, pairs = rng.normal(size=count), rng.normal(size=(count, count)) / 5

    def game(present):
        x = present.astype(float)
        return x @ weights + np.einsum("ni,ij,nj->n", x, np.triu(pairs, 1), x)

    truth = weights + (np.triu(pairs, 1).sum(0) + np.triu(pairs, 1).sum(1)) / 2
    values, low, high = kernel_shapley.estimate(game, count, samples=1_000)
    assert_allclose(values, truth, atol=1e-8)  # games of pairs are exact with complements (Covert & Lee 2021)
    assert abs(values.sum() - game(np.ones((1, count), bool))[0]) <= 1e-10
    assert low is not None
    assert high is not None
    assert ((low <= truth + 1e-8) & (truth <= high + 1e-8)).all()


def test_an_estimate_that_is_not_exact_adds_up_too_and_repeats():
    count = 14
    game = lambda present: np.prod(np.where(present, 1.2, 0.7), axis=1)  # noqa: E731
    first, second, other = (kernel_shapley.estimate(game, count, 400, seed) for seed in (0, 0, 1))
    assert first[0].tobytes() == second[0].tobytes()
    assert first[0].tobytes() != other[0].tobytes()
    ends = game(every(1).repeat(count, axis=1))
    assert abs(first[0].sum() - (ends[1] - ends[0])) <= 1e-10
    assert (np.array(first[1]) < np.array(first[2])).all()


def test_drawn_coalitions_come_in_complements_of_sizes_by_the_kernel():
    count = 6
    coalitions = drawn(count, 40_000, np.random.default_rng(0))
    assert (coalitions[::2] == ~coalitions[1::2]).all()
    sizes = np.bincount(coalitions.sum(axis=1), minlength=count + 1)[1:-1] / len(coalitions)
    wanted = 1 / (np.arange(1, count) * (count - np.arange(1, count)))
    assert_allclose(sizes, wanted / wanted.sum(), atol=0.01)


def test_both_agree_with_the_package_shap():
    shap = pytest.importorskip("shap", reason="the package shap is not installed: pip install shap")
    rng = np.random.default_rng(0)
    x, base = rng.normal(size=6), rng.normal(size=6)

    def model(rows):
        return np.tanh(rows[:, 0] * rows[:, 1]) + rows[:, 2] ** 2 - rows[:, 3] * rows[:, 4] + 0.1 * rows[:, 5]

    def game(present):
        return model(np.where(present, x, base))

    theirs = shap.explainers.Exact(model, shap.maskers.Independent(base[None], max_samples=1))(x[None]).values[0]
    assert_allclose(exact(game, 6), theirs, atol=1e-10)
    assert_allclose(kernel_shapley.estimate(game, 6)[0], theirs, atol=1e-10)
