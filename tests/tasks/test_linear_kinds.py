"""Kinds of linear forecasts: each is one matrix, and says what its equations say step by step."""

import numpy as np
import pytest
import torch

from deepglass.rivals.smoothing import Smoothing as Rival
from deepglass.tasks import _linear_smoothing
from deepglass.tasks._linear_kinds import Autoregression, Repetition, RidgeRegression, Rows, kinds
from deepglass.tasks._linear_solution import Solution, mixed

HORIZON = 5


def rows_of(values: np.ndarray, context: int, horizon: int = HORIZON) -> Rows:
    windows = np.lib.stride_tricks.sliding_window_view(values, context + horizon)
    both = torch.from_numpy(windows.copy())
    return Rows(both[:, :context], torch.zeros(len(both), 0, dtype=torch.float64), both[:, context:])


def remembering(count: int = 800, level: float = 7.0) -> np.ndarray:
    rng, values = np.random.default_rng(0), np.zeros(count)
    for i in range(2, count):
        values[i] = 1.2 * values[i - 1] - 0.5 * values[i - 2] + rng.normal()
    return values + level


@pytest.mark.parametrize("of_changes", [False, True])
@pytest.mark.parametrize("lags", [(1, 2), (1, 4, 5)])
def test_an_autoregression_is_its_own_step_made_again_and_again(lags, of_changes):
    values = remembering()
    kind = Autoregression(lags, of_changes)
    solution = kind.fit(rows_of(values, kind.context))
    past = torch.from_numpy(values[-kind.context :].copy())
    said = list(past)
    for _ in range(HORIZON):  # by the first column alone, which is one step ahead
        said.append(torch.stack(said[-kind.context :]) @ solution.weights[:, 0] + solution.bias[0])
    expected = torch.stack(said[kind.context :])
    torch.testing.assert_close(past @ solution.weights + solution.bias, expected)
    assert solution.keeps_levels is of_changes


def test_an_autoregression_finds_the_coefficients():
    solution = Autoregression((1, 2), of_changes=False).fit(rows_of(remembering(5000), 3))
    np.testing.assert_allclose(solution.weights[:, 0].numpy(), [0.0, -0.5, 1.2], atol=0.05)


def test_what_reads_the_level_returns_to_it_and_what_keeps_it_does_not():
    rows = rows_of(remembering(), 12)
    found = {reads: RidgeRegression(12, 1.0, reads).fit(rows) for reads in (False, True)}
    assert found[False].keeps_levels
    assert not found[True].keeps_levels
    lifted = torch.full((1, 12, 1), 20.0, dtype=torch.float64)  # 13 above the mean
    last = {reads: float(s.forecast(lifted, torch.zeros(1, 0).double())[0, -1, 0]) for reads, s in found.items()}
    assert last[True] < last[False] - 5


def test_repetition_repeats():
    solution = Repetition(3).fit(rows_of(np.arange(30.0), 3))
    past = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    assert (past @ solution.weights).tolist() == [1.0, 2.0, 3.0, 1.0, 2.0]


@pytest.mark.parametrize("season", [1, 4])
@pytest.mark.parametrize("has_slope", [False, True])
def test_smoothing_as_a_matrix_is_smoothing(season, has_slope):
    values = remembering(40) + np.tile([0.0, 3.0, -1.0, 2.0], 10) + 0.1 * np.arange(40)
    phi = _linear_smoothing.DAMPED if has_slope else 0.0
    gamma = 0.2 if season > 1 else 0.0
    rates = torch.tensor([[0.3, 0.1, gamma, phi]], dtype=torch.float64)
    said = values @ _linear_smoothing.matrices(40, HORIZON, season, rates)[0].numpy()
    slope = {"beta": 0.1, "phi": phi} if has_slope else {}
    rival = Rival(season, has_slope, alpha=0.3, gamma=gamma, **slope)
    expected = rival.states(values).forecast(np.array([40]), HORIZON)[0]
    # both read the beginning from the first seasons, in slightly other ways, and have mostly forgotten it
    np.testing.assert_allclose(said, expected, atol=0.02 if season == 1 else 0.2)


def test_kinds_of_one_context_stand_beside_each_other_and_none_looks_too_far():
    found = kinds([24, 48], 12, 60)
    contexts = [kind.context for kind in found]
    assert contexts == sorted(contexts)
    assert max(contexts) <= 60
    assert {kind.name for kind in found} == {
        "ridge regression", "autoregression", "exponential smoothing", "seasonal naive",
    }  # fmt: skip


def test_a_mixture_says_the_mean_of_what_its_parts_say():
    rng = np.random.default_rng(0)

    def solution(context: int) -> Solution:
        parts = (rng.normal(size=shape) for shape in ((context, HORIZON), (2, HORIZON), (HORIZON,)))
        return Solution(*(torch.from_numpy(part) for part in parts))

    both = [solution(4), solution(7)]
    past, static = torch.randn(3, 9, 2, dtype=torch.float64), torch.randn(3, 2, dtype=torch.float64)
    expected = 0.3 * both[0].forecast(past, static) + 0.7 * both[1].forecast(past, static)
    torch.testing.assert_close(mixed(both, [0.3, 0.7]).forecast(past, static), expected)
