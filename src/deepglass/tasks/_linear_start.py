"""Where a forecaster begins: at the best linear forecast, which has a closed form.

    future − last = (past − last)·W + static·V + b [+ last covariates·C]

What the calendar and the columns known in advance explain is regressed first and taken off past and future alike.
Several lengths of the past and strengths of the penalty are solved, and the validation part chooses: the usual length
stays, and calendar and covariates are left out, unless another choice is better by more than chance explains. Nothing
here is random, and all of it takes seconds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from deepglass.data.preprocess.windows import Steps, Windows
from deepglass.tasks._ridge import Ridge

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0)
MIDDLE = 3  # the penalty that is tried first; others as long as they are better
MOST_ROWS = 20_000  # windows that are solved for
MOST_VALUES = 12_000_000  # of all their pasts together
GAIN = 0.02  # of the error that another choice must save, and more than its own uncertainty
FEWEST_BLOCKS = 4  # of windows by which an uncertainty is told
UNCERTAIN = 0.2  # of the error, where there are fewer
EFFECT_PENALTY = 1e-3  # on what is known in advance, relative to its variance
BACKFITS = 6  # in which the weights of the past and of the covariates take turns


@dataclass(frozen=True)
class Problem:
    """What is to be forecast.

    Args:
        steps: The series.
        train: Origins whose futures may be learnt from, for a length of the past.
        val: Origins by whose futures choices are compared.
        val_truth: As `steps.truth`, NaN outside the validation part.
        horizon: Steps ahead.
        loss: Of forecasts and truths, value by value.
    """

    steps: Steps
    train: Callable[[int], Tensor]
    val: Tensor
    val_truth: Tensor
    horizon: int
    loss: Callable[[Tensor, Tensor], Tensor]

    def learnt(self, effect: Tensor, context: int) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
        """Origins (n,) and what `gathered` gives of them."""
        origins = some_of(self.train(context), context, self.steps)
        return origins, gathered(self.steps, effect, origins, context, self.horizon)

    def seen(self, effect: Tensor, context: int) -> tuple[Tensor, Tensor, Tensor]:
        """Likewise of the validation part."""
        return gathered(replace(self.steps, truth=self.val_truth), effect, self.val, context, self.horizon)

    def errors(self, forecast: Tensor, future: Tensor) -> Tensor:
        """The mean loss (n,) of each window over what is known of its future, NaN where nothing is."""
        known = future.isfinite()
        return self.loss(forecast, torch.where(known, future, forecast)).sum(dim=(1, 2)) / known.sum(dim=(1, 2))

    def is_better(self, errors: Tensor, others: Tensor) -> bool:
        """Whether errors (n,) of the same windows are smaller by two hundredths and by more than their uncertainty.

        Neighbouring windows err together: blocks of a horizon are what is counted.
        """
        there, level = (others - errors).isfinite(), float(others.nanmean())
        saved = (others - errors)[there]
        blocks = torch.stack([part.mean() for part in saved.split(self.horizon)])
        is_told = len(blocks) >= FEWEST_BLOCKS
        uncertainty = float(blocks.std()) / len(blocks) ** 0.5 if is_told else UNCERTAIN * level
        return float(saved.mean()) > max(uncertainty, GAIN * level)


@dataclass(frozen=True)
class Solution:
    """future = last + (past − last)·weights + static·of_static + bias, after what `effect` explains.

    Shape:
        - weights: (context, horizon), of_static: (static, horizon), bias: (horizon,)
        - effect: (known, series); zeros where it is of no use
        - of_covariates: (lags · covariates + 1, horizon · series), the last row a constant; None where of no use
    """

    context: int
    weights: Tensor
    of_static: Tensor
    bias: Tensor
    effect: Tensor
    of_covariates: Tensor | None = None

    def forecast(self, past: Tensor, static: Tensor) -> Tensor:
        """(n, context', S), (n, F) → (n, horizon, S), of what effect and covariates leave."""
        past = past[:, -self.context :]
        last = past[:, -1:]
        change = torch.einsum("ncs,ch->nhs", past - last, self.weights)
        return last + change + (static @ self.of_static + self.bias)[:, :, None]


def solve(problem: Problem, contexts: list[int], *, lags: int = 0, with_moments: bool = True) -> Solution:
    """The best linear forecast.

    Args:
        problem: What is to be forecast.
        contexts: Lengths of the past, the usual one first.
        lags: Steps of the covariates that may count.
        with_moments: Whether the calendar may count beside the columns that are known in advance.
    """
    steps = problem.steps
    known = torch.cat([steps.moments[steps.moment_of], steps.known], dim=1).double()
    end = int(problem.train(min(contexts)).max()) + problem.horizon
    best: tuple[Solution, Tensor, float] | None = None
    for is_used in _uses(steps.moments.shape[1], steps.known.shape[1], with_moments):
        effect = torch.zeros(known.shape[1], steps.values.shape[1], dtype=torch.float64)
        if is_used.any():
            effect[is_used] = effect_of(known[:, is_used], steps, end)
        solution, errors, penalty = _best_length(problem, known @ effect, contexts)
        if best is None or problem.is_better(errors, best[1]):
            best = replace(solution, effect=effect), errors, penalty
    assert best is not None
    return _with_covariates(problem, *best, known @ best[0].effect, lags) if lags else best[0]


def _uses(num_moments: int, num_known: int, with_moments: bool) -> Iterator[Tensor]:
    """Which known columns are tried: none, those of the table, the calendar too."""
    is_moment = torch.arange(num_moments + num_known) < num_moments
    yield torch.zeros_like(is_moment)
    if num_known:
        yield ~is_moment
    if num_moments and with_moments:
        yield torch.ones_like(is_moment)


def effect_of(known: Tensor, steps: Steps, end: int) -> Tensor:
    """What each known column adds to each target (known, S), beside the mean and a straight trend of each series.

    Args:
        known: (T, known) of every step.
        steps: The series; nothing from step `end` on is looked at.
    """
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
    ridge = Ridge(*_rows(*problem.learnt(effect, context)[1]))
    past, static, future = problem.seen(effect, context)
    found: dict[int, tuple[Solution, Tensor, float]] = {}

    def error(i: int) -> float:
        if i not in found:
            solution = _solution(context, *ridge.solution(PENALTIES[i]))
            found[i] = solution, problem.errors(solution.forecast(past, static), future), PENALTIES[i]
        return float(found[i][1].nanmean())

    place = MIDDLE
    for way in (-1, 1):
        while 0 <= place + way < len(PENALTIES) and error(place + way) < error(place):
            place += way
    error(place)
    return found[place]


def _solution(context: int, weights: Tensor, bias: Tensor) -> Solution:
    return Solution(context, *weights.split([context, len(weights) - context]), bias, weights.new_zeros(0, 0))


def _with_covariates(
    problem: Problem, solution: Solution, errors: Tensor, penalty: float, effect: Tensor, lags: int
) -> Solution:
    """The solution with the last covariates, where they clearly help: both sets of weights take turns."""
    context = solution.context
    origins, (past, static, future) = problem.learnt(effect, context)
    is_whole = future.isfinite().any(dim=(1, 2))
    past, static, future = (part[is_whole] for part in (past, static, future))
    seen, covariates = problem.seen(effect, context), _last_covariates(problem.steps, problem.val, lags)
    future = torch.where(future.isfinite(), future, solution.forecast(past, static))
    last = past[:, -1:]
    own = Ridge(*_rows(past, static, future))
    more = Ridge(_last_covariates(problem.steps, origins[is_whole], lags), (future - last).flatten(1))
    best = solution
    for strength in PENALTIES[MIDDLE:]:
        found = _backfit(solution, own, more, own.factor(penalty), more.factor(strength), past, static, future)
        assert found.of_covariates is not None
        said = covariates @ found.of_covariates[:-1] + found.of_covariates[-1]
        now = problem.errors(found.forecast(*seen[:2]) + said.unflatten(1, (problem.horizon, -1)), seen[2])
        if problem.is_better(now, errors):
            best, errors = found, now
    return best


def _backfit(
    solution: Solution,
    own: Ridge,
    more: Ridge,
    root: Tensor,
    root_of_more: Tensor,
    past: Tensor,
    static: Tensor,
    future: Tensor,
) -> Solution:
    """Both sets of weights for the same futures, each for what the other leaves."""
    shape = future.shape  # (n, horizon, S)
    for _ in range(BACKFITS):
        left = (future - solution.forecast(past, static)).flatten(1)
        weights, constant = more.of(left, root_of_more)
        rest = future - more.said(weights, constant).reshape(shape)
        again = own.of((rest - past[:, -1:]).transpose(1, 2).flatten(0, 1), root)
        fitted = _solution(solution.context, *again)
        solution = replace(fitted, effect=solution.effect, of_covariates=torch.cat([weights, constant[None]]))
    return solution


def _last_covariates(steps: Steps, origins: Tensor, lags: int) -> Tensor:
    """(n, lags · C) float64."""
    back = origins[:, None] + torch.arange(-lags, 0)
    return steps.covariates[back].flatten(1).double()


def some_of(origins: Tensor, context: int, steps: Steps) -> Tensor:
    """At most so many origins as can be held, evenly spread."""
    most = min(MOST_ROWS, MOST_VALUES // context) // steps.values.shape[1]
    if len(origins) <= most:
        return origins
    return origins[torch.linspace(0, len(origins) - 1, max(2, most)).long()]


def gathered(
    steps: Steps, effect: Tensor, origins: Tensor, context: int, horizon: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Pasts (n, context, S), statics (n, F) and futures (n, horizon, S) of windows, the effect taken off, float64."""
    bare = replace(steps, moments=steps.moments[:, :0], known=steps.known[:, :0], covariates=steps.covariates[:, :0])
    windows = Windows(bare, origins, context, horizon)
    past, _, _, static, future = windows.batch(torch.arange(len(origins)))
    around = effect[origins[:, None] + windows.around]  # (n, context + horizon, S)
    return past.double() - around[:, :context], static.double(), future.double() - around[:, context:]


def _rows(past: Tensor, static: Tensor, future: Tensor) -> tuple[Tensor, Tensor]:
    """A row for each target of each window: past − last and static (n·S, context + F), future − last (n·S, horizon)."""
    last = past[:, -1:]
    x = (past - last).transpose(1, 2)  # (n, S, context)
    x = torch.cat([x, static[:, None].expand(-1, x.shape[1], -1)], dim=2).flatten(0, 1)
    y = (future - last).transpose(1, 2).flatten(0, 1)
    there = y.isfinite().any(dim=1)
    return x[there], y[there]
