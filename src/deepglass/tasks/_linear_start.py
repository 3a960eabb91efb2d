"""How far a linear forecast looks back, and whether calendar and covariates count: the validation part chooses.

    future − last = (past − last)·W + static·V + b [+ last covariates·C]

What the calendar and the columns known in advance explain is regressed first and taken off past and future alike.
Several lengths of the past and strengths of the penalty are solved, and the validation part chooses: the usual length
stays, calendar and covariates are left out, unless another choice is better by more than chance explains. That a series
repeats is no reason for the calendar: its past repeats as well, and what the calendar gained there by a hair it lost in
the test. Nothing here is random, and all of it takes seconds. What was chosen can be learnt again from more of the
series.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from deepglass.data.preprocess.windows import Steps
from deepglass.tasks._linear_kinds import RidgeRegression, Rows, of_ridge
from deepglass.tasks._linear_problem import Problem
from deepglass.tasks._linear_solution import Solution
from deepglass.tasks._ridge import Ridge

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0)
MIDDLE = 3  # the penalty that is tried first; others as long as they are better
EFFECT_PENALTY = 1e-3  # on what is known in advance, relative to its variance
BACKFITS = 6  # in which the weights of the past and of the covariates take turns


@dataclass(frozen=True)
class Choice:
    """What the validation part chose.

    solution: Learnt from the training part.
    errors: (n,) of the windows of the validation part.
    used: (known,) which of what is known in advance counts.
    penalty: On the weights of the past.
    strength: Of the penalty on the weights of the covariates; None where they do not count.
    lags: Steps of the covariates that count then.
    """

    solution: Solution
    errors: Tensor
    used: Tensor
    penalty: float
    strength: float | None = None
    lags: int = 0


def solve(problem: Problem, contexts: list[int], *, lags: int = 0, with_moments: bool = True) -> Choice:
    """The best ridge regression.

    Args:
        problem: What is to be forecast.
        contexts: Lengths of the past, the usual one first.
        lags: Steps of the covariates that may count.
        with_moments: Whether the calendar may count beside the columns that are known in advance.
    """
    steps, best = problem.steps, None
    for used in _uses(steps.moments.shape[1], steps.known.shape[1], with_moments):
        effect = effect_of(problem, used, min(contexts))
        solution, errors, penalty = _best_length(problem, known_of(steps) @ effect, contexts)
        if best is None or problem.is_better(errors, best.errors):
            best = Choice(replace(solution, effect=effect), errors, used, penalty)
    assert best is not None
    return _with_covariates(problem, best, lags) if lags else best


def learnt_again(problem: Problem, choice: Choice) -> Solution:
    """What was chosen, from whatever a problem may learn from."""
    context = choice.solution.context
    effect = effect_of(problem, choice.used, context)
    _, windows = problem.learnt(known_of(problem.steps) @ effect, context)
    solution = RidgeRegression(context, choice.penalty, reads_level=False).fit(Rows.of(*windows))
    solution = replace(solution, effect=effect)
    if choice.strength is None:
        return solution
    return _Backfit(problem, solution, choice.penalty, choice.lags).solution(choice.strength)


def _uses(num_moments: int, num_known: int, with_moments: bool) -> Iterator[Tensor]:
    """Which known columns are tried: none, those of the table, the calendar too."""
    is_moment = torch.arange(num_moments + num_known) < num_moments
    yield torch.zeros_like(is_moment)
    if num_known:
        yield ~is_moment
    if num_moments and with_moments:
        yield torch.ones_like(is_moment)


# -- what is known in advance ---------------------------------------------------------------------------------------


def known_of(steps: Steps) -> Tensor:
    """(T, known) the calendar, then the columns that are known in advance, float64."""
    return torch.cat([steps.moments[steps.moment_of], steps.known], dim=1).double()


def effect_of(problem: Problem, used: Tensor, context: int) -> Tensor:
    """What each known column adds to each target (known, S), beside the mean and a straight trend of each series.

    Args:
        problem: Nothing is looked at behind what it may learn from.
        used: (known,) the columns that count; the others add nothing.
        context: Of the windows that are learnt from.
    """
    steps, known = problem.steps, known_of(problem.steps)
    effect = torch.zeros(known.shape[1], steps.values.shape[1], dtype=torch.float64)
    if used.any():
        effect[used] = _regressed(known[:, used], steps, problem.end(context))
    return effect


def _regressed(known: Tensor, steps: Steps, end: int) -> Tensor:
    truth, series, columns = steps.truth[:end].double(), steps.series_of[:end], []
    for values in truth.T:
        there = values.isfinite()
        both = torch.cat([known[:end], values[:, None]], dim=1)[there]
        x, y = _without_trend(both, series[there]).split([known.shape[1], 1], dim=1)
        gram = x.T @ x
        gram += EFFECT_PENALTY * max(1.0, float(gram.diagonal().mean())) * torch.eye(len(gram), dtype=gram.dtype)
        columns.append(torch.linalg.solve(gram, x.T @ y)[:, 0])
    return torch.stack(columns, dim=1)


def _without_trend(values: Tensor, series: Tensor) -> Tensor:
    """Columns (n, k) less the mean and the straight trend of each series; rows of a series stand together."""
    place = torch.unique_consecutive(series, return_inverse=True)[1]
    count = torch.bincount(place).double()

    def mean(x: Tensor) -> Tensor:
        return torch.zeros(len(count), x.shape[1], dtype=x.dtype).index_add(0, place, x) / count[:, None]

    time = torch.arange(len(place), dtype=torch.float64)[:, None]
    time = time - mean(time)[place]
    values = values - mean(values)[place]
    slope = mean(time * values) / mean(time * time).clamp(min=1e-12)
    return values - time * slope[place]


# -- how far back ---------------------------------------------------------------------------------------------------


def _best_length(problem: Problem, effect: Tensor, contexts: list[int]) -> tuple[Solution, Tensor, float]:
    """The best penalty of the first length of the past, or of another that is clearly better."""
    best: tuple[Solution, Tensor, float] | None = None
    for context in contexts:
        found = _best_penalty(problem, effect, context)
        if best is None or problem.is_better(found[1], best[1]):
            best = found
    assert best is not None
    return best


def _best_penalty(problem: Problem, effect: Tensor, context: int) -> tuple[Solution, Tensor, float]:
    """Up or down from the middle, as long as it gets better; with the errors (n,) of each window."""
    rows = Rows.of(*problem.learnt(effect, context)[1])
    past, static, future = problem.seen(effect, context)
    found: dict[int, tuple[Solution, Tensor, float]] = {}

    def error(i: int) -> float:
        if i not in found:
            solution = RidgeRegression(context, PENALTIES[i], reads_level=False).fit(rows)
            found[i] = solution, problem.errors(solution.forecast(past, static), future), PENALTIES[i]
        return float(found[i][1].nanmean())

    place = MIDDLE
    for way in (-1, 1):
        while 0 <= place + way < len(PENALTIES) and error(place + way) < error(place):
            place += way
    error(place)
    return found[place]


# -- covariates -----------------------------------------------------------------------------------------------------


def _with_covariates(problem: Problem, choice: Choice, lags: int) -> Choice:
    """The solution with the last covariates, where they clearly help."""
    solution = choice.solution
    backfit = _Backfit(problem, solution, choice.penalty, lags)
    past, static, future = problem.seen(known_of(problem.steps) @ solution.effect, solution.context)
    covariates = _last_covariates(problem.steps, problem.val, lags)
    best = choice
    for strength in PENALTIES[MIDDLE:]:
        found = backfit.solution(strength)
        assert found.of_covariates is not None
        said = covariates @ found.of_covariates[:-1] + found.of_covariates[-1]
        now = problem.errors(found.forecast(past, static) + said.unflatten(1, (problem.horizon, -1)), future)
        if problem.is_better(now, best.errors):
            best = replace(choice, solution=found, errors=now, strength=strength, lags=lags)
    return best


class _Backfit:
    """Weights of the past and of the last covariates for the same futures, each for what the other leaves.

    Args:
        problem: What is learnt from.
        solution: Without covariates.
        penalty: Of its weights.
        lags: Steps of the covariates.
    """

    def __init__(self, problem: Problem, solution: Solution, penalty: float, lags: int):
        effect = known_of(problem.steps) @ solution.effect
        origins, (past, static, future) = problem.learnt(effect, solution.context)
        is_whole = future.isfinite().any(dim=(1, 2))
        past, static, future = (part[is_whole] for part in (past, static, future))
        future = torch.where(future.isfinite(), future, solution.forecast(past, static))
        self.begun, self.past, self.static, self.future = solution, past, static, future
        self.own = Rows.of(past, static, future).ridge_of_changes
        self.root = self.own.factor(penalty)
        covariates = _last_covariates(problem.steps, origins[is_whole], lags)
        self.more = Ridge(covariates, (future - past[:, -1:]).flatten(1))

    def solution(self, strength: float) -> Solution:
        """Both sets of weights take turns, under a penalty on those of the covariates."""
        solution, root = self.begun, self.more.factor(strength)
        for _ in range(BACKFITS):
            left = (self.future - solution.forecast(self.past, self.static)).flatten(1)
            weights, constant = self.more.of(left, root)
            rest = self.future - self.more.said(weights, constant).reshape(self.future.shape)
            again = self.own.of((rest - self.past[:, -1:]).transpose(1, 2).flatten(0, 1), self.root)
            fitted = of_ridge(*again, solution.context)
            solution = replace(fitted, effect=solution.effect, of_covariates=torch.cat([weights, constant[None]]))
        return solution


def _last_covariates(steps: Steps, origins: Tensor, lags: int) -> Tensor:
    """(n, lags · C) float64."""
    back = origins[:, None] + torch.arange(-lags, 0)
    return steps.covariates[back].flatten(1).double()
