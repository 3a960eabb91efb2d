"""Where a forecaster begins: at the best linear forecast, which has a closed form.

    future − last = (past − last)·W + static·V + b [+ last covariates·C]

Ridge regression: Hoerl & Kennard (1970), https://doi.org/10.1080/00401706.1970.10488634

What the calendar and the columns known in advance explain is regressed first and taken off past and future alike.
Several lengths of the past and strengths of the penalty are solved, and the validation part chooses: the usual length
stays unless another is better by more than chance explains. Nothing here is random, and all of it takes seconds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from deepglass.data.preprocess.windows import Steps, Windows

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0)  # in hundredths of the variance of a value
MIDDLE = 3  # the penalty that is tried first; others as long as they are better
MOST_ROWS = 20_000  # windows that are solved for
MOST_VALUES = 12_000_000  # of all their pasts together
ROUNDS = 2  # in which unknown values of a future take what the last solution said
NEEDS = 0.98  # of the error without the calendar must be left with it: what is known only from the past is safer
GAIN = 0.02  # of the error that another length of the past must save, and more than its own uncertainty
EFFECT_PENALTY = 1e-3  # on what is known in advance, relative to its variance

Loss = Callable[[Tensor, Tensor], Tensor]
Origins = Callable[[int], Tensor]


@dataclass(frozen=True)
class Solution:
    """future = last + (past − last)·weights + static·of_static + bias, after what `effect` explains.

    What the last covariates add, `of_covariates`, is learnt from what this leaves.

    Shape:
        - weights: (context, horizon), of_static: (static, horizon), bias: (horizon,)
        - effect: (known, series), of_covariates: (lags · covariates + 1, horizon · series), the last row a constant;
          zeros where they are of no use
    """

    context: int
    weights: Tensor
    of_static: Tensor
    bias: Tensor
    effect: Tensor
    error: float
    of_covariates: Tensor | None = None

    @property
    def uses_calendar(self) -> bool:
        """Whether anything known in advance counts."""
        return bool(self.effect.any())

    def forecast(self, past: Tensor, static: Tensor) -> Tensor:
        """(n, context', S), (n, F) → (n, horizon, S), of what the effect leaves."""
        past = past[:, -self.context :]
        last = past[:, -1:]
        change = torch.einsum("ncs,ch->nhs", past - last, self.weights)
        return last + change + (static @ self.of_static + self.bias)[:, :, None]


def solve(
    steps: Steps,
    train: Origins,
    val: Origins,
    val_truth: Tensor,
    contexts: list[int],
    horizon: int,
    loss: Loss,
    *,
    lags: int = 0,
    with_moments: bool = True,
) -> Solution:
    """The best linear forecast.

    Args:
        steps: The series.
        train: Origins whose futures may be learnt from, for a length of the past.
        val: Origins by whose futures the solutions are compared, likewise.
        val_truth: As `steps.truth`, NaN outside the validation part.
        contexts: Lengths of the past.
        horizon: Steps ahead.
        loss: Of forecasts and truths, value by value.
        lags: Steps of the covariates that may count.
        with_moments: Whether the calendar may count beside the columns that are known in advance.
    """
    known = torch.cat([steps.moments[steps.moment_of], steps.known], dim=1).double()
    num_moments, num_series = steps.moments.shape[1], steps.values.shape[1]
    end = int(train(min(contexts)).max()) + horizon
    best: Solution | None = None
    for is_used, needs in _uses(num_moments, known.shape[1] - num_moments, with_moments):
        effect = torch.zeros(known.shape[1], num_series, dtype=torch.float64)
        if is_used.any():
            effect[is_used] = _effect(known[:, is_used], steps, end)
        found = _best_of(steps, known @ effect, train, val, val_truth, contexts, horizon, loss)
        if best is None or found.error < needs * best.error:
            best = replace(found, effect=effect)
    assert best is not None
    if not lags:
        return best
    return _with_covariates(best, steps, known @ best.effect, train, val, val_truth, horizon, lags, loss)


def _uses(num_moments: int, num_known: int, with_moments: bool) -> Iterator[tuple[Tensor, float]]:
    """Which known columns are tried, and how much better they must be: none, those of the table, the calendar too."""
    is_moment = torch.arange(num_moments + num_known) < num_moments
    yield torch.zeros_like(is_moment), 1.0
    if num_known:
        yield ~is_moment, 1.0
    if num_moments and with_moments:
        yield torch.ones_like(is_moment), NEEDS


def _effect(known: Tensor, steps: Steps, end: int) -> Tensor:
    """What each known column (known,) adds to a series, beside its mean and a straight trend of each series."""
    truth = steps.truth[:end].double()
    series = steps.series_of[:end]
    columns = []
    for values in truth.T:
        there = values.isfinite()
        x, y, g = known[:end][there], values[there], series[there]
        x, y = _without_trend(torch.cat([x, y[:, None]], dim=1), g).split([x.shape[1], 1], dim=1)
        gram = x.T @ x
        gram += EFFECT_PENALTY * max(1.0, float(gram.diagonal().mean())) * torch.eye(len(gram), dtype=gram.dtype)
        columns.append(torch.linalg.solve(gram, x.T @ y)[:, 0])
    return torch.stack(columns, dim=1)


def _without_trend(values: Tensor, series: Tensor) -> Tensor:
    """Columns (n, k) less the mean and the straight trend of each series; rows of a series stand together."""
    place = torch.unique_consecutive(series, return_inverse=True)[1]
    count = torch.bincount(place).double()
    steps = torch.arange(len(place), dtype=torch.float64)

    def mean(x: Tensor) -> Tensor:
        return torch.zeros(len(count), x.shape[1], dtype=x.dtype).index_add(0, place, x) / count[:, None]

    time = steps[:, None] - mean(steps[:, None])[place]
    values = values - mean(values)[place]
    slope = mean(time * values) / mean(time * time).clamp(min=1e-12)
    return values - time * slope[place]


def _best_of(
    steps: Steps,
    effect: Tensor,
    train: Origins,
    val: Origins,
    val_truth: Tensor,
    contexts: list[int],
    horizon: int,
    loss: Loss,
) -> Solution:
    """The best penalty of the first length of the past, or of another that is clearly better."""
    judged, longest = replace(steps, truth=val_truth), max(contexts)
    best: tuple[Solution, Tensor] | None = None
    for context in contexts:
        learnt = _rows(*_gathered(steps, effect, _some(train(context), context, steps), context, horizon))
        seen = _gathered(judged, effect, _some(val(longest), longest, steps), context, horizon)
        found = _best_penalty(learnt, seen, context, loss)
        if best is None or _is_better(found[1], best[1], horizon):
            best = found
    assert best is not None
    return best[0]


def _best_penalty(
    learnt: tuple[Tensor, Tensor], seen: tuple[Tensor, ...], context: int, loss: Loss
) -> tuple[Solution, Tensor]:
    """Up or down from the middle, as long as it gets better; also the errors (n,) of each window, NaN where unknown."""
    ridge, found = _Ridge(*learnt), {}

    def at(i: int) -> float:
        if i not in found:
            weights, bias = ridge.solution(PENALTIES[i])
            split = weights.split([context, len(weights) - context])
            solution = Solution(context, *split, bias, weights.new_zeros(0), 0.0)
            errors = _errors(solution.forecast(*seen[:2]), seen[2], loss)
            found[i] = replace(solution, error=float(errors.nanmean())), errors
        return found[i][0].error

    place = MIDDLE
    for way in (-1, 1):
        while 0 <= place + way < len(PENALTIES) and at(place + way) < at(place):
            place += way
    at(place)
    return found[place]


def _is_better(errors: Tensor, others: Tensor, horizon: int) -> bool:
    """Whether errors (n,) of the same windows are smaller by two hundredths, and by more than their own uncertainty.

    Neighbouring windows err together: blocks of a horizon are what is counted.
    """
    saved = others - errors
    saved = saved[saved.isfinite()]
    blocks = torch.stack([part.mean() for part in saved.split(horizon)])
    uncertainty = float(blocks.std() / len(blocks) ** 0.5) if len(blocks) > 2 else 0.2 * float(others.nanmean())
    return float(saved.mean()) > max(uncertainty, GAIN * float(others.nanmean()))


def _with_covariates(
    solution: Solution,
    steps: Steps,
    effect: Tensor,
    train: Origins,
    val: Origins,
    val_truth: Tensor,
    horizon: int,
    lags: int,
    loss: Loss,
) -> Solution:
    """The solution with what the last covariates explain of its errors, where that helps on the validation part."""
    context = solution.context
    some = _some(train(context), context, steps)
    past, static, future = _gathered(steps, effect, some, context, horizon)
    left = (future - solution.forecast(past, static)).flatten(1)  # (n, horizon · S)
    seen = val(context)
    judged = _gathered(replace(steps, truth=val_truth), effect, seen, context, horizon)
    ridge, inputs = _Ridge(_last_covariates(steps, some, lags), left), _last_covariates(steps, seen, lags)
    errors = _errors(solution.forecast(*judged[:2]), judged[2], loss)
    best, gain = solution, errors
    for penalty in PENALTIES[MIDDLE:]:
        weights, bias = ridge.solution(penalty)
        forecast = solution.forecast(*judged[:2]) + (inputs @ weights + bias).unflatten(1, (horizon, -1))
        now = _errors(forecast, judged[2], loss)
        if _is_better(now, errors, horizon) and float(now.nanmean()) < float(gain.nanmean()):
            best, gain = replace(solution, of_covariates=torch.cat([weights, bias[None]])), now
    return replace(best, error=float(gain.nanmean()))


def _last_covariates(steps: Steps, origins: Tensor, lags: int) -> Tensor:
    """(n, lags · C) float64."""
    back = origins[:, None] + torch.arange(-lags, 0)
    return steps.covariates[back].flatten(1).double()


def _some(origins: Tensor, context: int, steps: Steps) -> Tensor:
    """At most so many origins as can be held, evenly spread."""
    most = min(MOST_ROWS, MOST_VALUES // context) // steps.values.shape[1]
    if len(origins) <= most:
        return origins
    return origins[torch.linspace(0, len(origins) - 1, max(2, most)).long()]


def _gathered(
    steps: Steps, effect: Tensor, origins: Tensor, context: int, horizon: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Pasts (n, context, S), statics (n, F) and futures (n, horizon, S) of windows, the effect taken off, float64."""
    bare = replace(steps, moments=steps.moments[:, :0], known=steps.known[:, :0], covariates=steps.covariates[:, :0])
    windows = Windows(bare, origins, context, horizon)
    past, _, _, static, future = windows.batch(torch.arange(len(origins)))
    around = effect[origins[:, None] + windows.around]  # (n, context + horizon, S)
    return past.double() - around[:, :context], static.double(), future.double() - around[:, context:]


def _rows(past: Tensor, static: Tensor, future: Tensor) -> tuple[Tensor, Tensor]:
    """Every series of every window as a row: (past − last, static) (n·S, context + F) and future − last (n·S, horizon)."""
    last = past[:, -1:]
    x = (past - last).transpose(1, 2)  # (n, S, context)
    x = torch.cat([x, static[:, None].expand(-1, x.shape[1], -1)], dim=2).flatten(0, 1)
    y = (future - last).transpose(1, 2).flatten(0, 1)
    there = y.isfinite().any(dim=1)
    return x[there], y[there]


class _Ridge:
    """Ridge regression of answers (n, horizon) on inputs (n, d), for any penalty."""

    def __init__(self, x: Tensor, y: Tensor):
        self.centre = x.mean(dim=0)
        self.x, self.y, self.known = x - self.centre, y, y.isfinite()
        self.gram = self.x.T @ self.x
        self.unit = 0.01 * max(1e-6 * len(x), float(self.gram.diagonal().mean()))
        self.filled = torch.where(self.known, y, y.nanmean(dim=0).nan_to_num())

    def solution(self, penalty: float) -> tuple[Tensor, Tensor]:
        """Weights (d, horizon) and bias (horizon,); what is unknown of the answers takes what the last solution said."""
        root = torch.linalg.cholesky(self.gram + penalty * self.unit * torch.eye(len(self.gram), dtype=self.gram.dtype))
        for _ in range(1 if self.known.all() else ROUNDS):
            mean = self.filled.mean(dim=0)
            weights = torch.cholesky_solve(self.x.T @ (self.filled - mean), root)
            self.filled = torch.where(self.known, self.y, self.x @ weights + mean)
        return weights, mean - self.centre @ weights


def _errors(forecast: Tensor, future: Tensor, loss: Loss) -> Tensor:
    """The mean loss (n,) of each window over what is known of its future."""
    known = future.isfinite()
    sums = loss(forecast, torch.where(known, future, forecast)).sum(dim=(1, 2))
    return sums / known.sum(dim=(1, 2))
