"""Samplers on functions whose lowest place is known."""

import numpy as np
import pytest

from deepglass.core.errors import OptionError
from deepglass.tuning import samplers
from deepglass.tuning.samplers import Told
from deepglass.tuning.space import Dimension, Space
from tests.tuning.functions import BRANIN, branin, cube, few_matter, searched

ALL = ["grid", "random", "gaussian", "tpe"]


@pytest.fixture(autouse=True)
def _with_optuna(request):
    if "tpe" in request.node.name:
        pytest.importorskip("optuna", reason="Optuna is not installed")


def test_a_grid_holds_every_combination_once_and_ends():
    space = Space((Dimension("a", choices=("x", "y")), Dimension("b"), Dimension("c", 1, 2, is_whole=True)))
    grid = samplers.load("grid", space)
    tried = [tuple(space.values(point).values()) for point in grid.points]
    assert len(set(tried)) == len(tried) == 2 * 3 * 2
    assert {c for *_, c in tried} == {1, 2}
    assert grid.propose(len(tried), []) is None


def test_a_grid_finds_the_known_optimum():
    space = Space((Dimension("x", 0.0, 1.0, is_whole=False), Dimension("y")))
    grid = samplers.load("grid", space)
    best = min(grid.points, key=lambda point: (point[0] - 0.5) ** 2 + (point[1] - 1 / 6) ** 2)
    assert np.allclose(best, [0.5, 1 / 6])  # a point of the grid
    lowest = searched(grid, branin, 10**6).min()
    assert lowest == min(
        branin(np.array(p)) for p in [(a, b) for a in (1 / 6, 0.5, 5 / 6) for b in (1 / 6, 0.5, 5 / 6)]
    )


def test_random_search_needs_fewer_trials_than_a_grid_where_few_settings_matter():
    """Five settings, of which two matter: a grid of 243 tries nine places of these two."""
    on_grid = searched(samplers.load("grid", cube(5)), few_matter, 10**6)
    needed = []
    for seed in range(40):
        costs = searched(samplers.load("random", cube(5), seed), few_matter, 243)
        hit = np.flatnonzero(costs <= on_grid.min() + 1e-12)
        needed.append(int(hit[0]) + 1 if len(hit) else 999)
    reached_by_grid = int(on_grid.argmin()) + 1
    assert np.median(needed) < reached_by_grid / 2


@pytest.mark.slow("fits a process after every trial")
def test_a_model_of_the_search_needs_fewer_trials_than_chance_for_the_same_regret():
    seeds, count = range(5), 24
    lowest = {
        name: np.array(
            [np.minimum.accumulate(searched(samplers.load(name, cube(2), seed), branin, count)) for seed in seeds]
        )
        for name in ("gaussian", "random")
    }
    regret = {name: np.median(costs - BRANIN, axis=0) for name, costs in lowest.items()}
    reached = int(np.flatnonzero(regret["gaussian"] <= regret["random"][-1])[0]) + 1
    assert reached <= 0.75 * count
    assert regret["gaussian"][-1] < 0.3 * regret["random"][-1]


@pytest.mark.parametrize("name", ALL)
def test_proposals_depend_on_seed_number_and_what_was_told_alone(name):
    draw = np.random.default_rng(0)
    told = [Told(point, float(branin(point))) for point in draw.random((12, 2))]
    one, same, other = (samplers.load(name, cube(2), seed).propose(4, told) for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert name == "grid" or not np.array_equal(one, other)
    assert ((one >= 0) & (one <= 1)).all()


@pytest.mark.parametrize("name", ALL)
def test_trials_whose_loss_was_no_number_are_bad_and_no_more(name):
    draw = np.random.default_rng(1)
    told = [Told(point, float("inf") if point[0] > 0.5 else float(point[1])) for point in draw.random((20, 2))]
    point = samplers.load(name, cube(2)).propose(7, told)
    assert np.isfinite(point).all()


def test_the_model_stays_away_from_where_the_loss_is_no_number():
    draw = np.random.default_rng(1)
    told = [Told(point, float("inf") if point[0] > 0.5 else float(point[1])) for point in draw.random((40, 2))]
    points = np.array([samplers.load("gaussian", cube(2), seed).propose(40, told) for seed in range(8)])
    assert (points[:, 0] <= 0.55).mean() > 0.8


def test_an_unknown_sampler_is_named_with_the_known_ones():
    with pytest.raises(OptionError, match="gaussian"):
        samplers.load("gausian", cube(1))
