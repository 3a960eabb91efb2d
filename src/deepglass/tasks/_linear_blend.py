"""Several kinds of linear forecasts, weighed by what they would have said of a future that they had not seen.

    learn before a moment ── forecast what follows ── errors of every kind ── weights ── one matrix

    minimise  wᵀ·E·w + λ·‖w‖²,  Σw = 1, w ≥ 0          E: mean products of errors,  λ = mean of its diagonal / n

n counts futures that do not overlap: few of them say little of which kind is best, and the weights stay even. The same
kinds are then learnt again from any part of the series, and mixed alike.

Bates & Granger (1969), The Combination of Forecasts, https://doi.org/10.1057/jors.1969.103; Wolpert (1992), Stacked
Generalization, https://doi.org/10.1016/S0893-6080(05)80023-1
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from deepglass.tasks._linear_kinds import Kind, Rows
from deepglass.tasks._linear_problem import Problem, gathered
from deepglass.tasks._linear_solution import Solution, mixed
from deepglass.tasks._linear_start import effect_of, known_of

MOST_ERRORS = 30_000  # forecast values of a part by which kinds are weighed
LEAST_WEIGHT = 0.02  # of a kind; what is less is left out


@dataclass(frozen=True)
class Blend:
    """Kinds of linear forecasts.

    weights: Of each; they sum to 1.
    errors: Mean squares on what they had not seen.
    learnt: What each of them learnt from the last of the parts that weighed.
    effect: (known, S) that was taken off there.
    span: Steps by which windows are measured where they are relative; None where each kind takes its own.
    """

    kinds: list[Kind]
    weights: list[float]
    errors: list[float]
    learnt: list[Solution]
    effect: Tensor
    span: int | None = None

    @property
    def context(self) -> int:
        """Steps of the past that the longest of them looks at."""
        return self.span or max(kind.context for kind in self.kinds)

    @property
    def shares(self) -> dict[str, float]:
        """The weights by name, the largest first."""
        found: dict[str, float] = defaultdict(float)
        for kind, weight in zip(self.kinds, self.weights, strict=True):
            found[kind.name] += weight
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @property
    def best(self) -> "Blend":
        """The kind alone that erred least."""
        i = min(range(len(self.kinds)), key=self.errors.__getitem__)
        return Blend([self.kinds[i]], [1.0], [self.errors[i]], [self.learnt[i]], self.effect, self.span)

    @property
    def solution(self) -> Solution:
        """Mixed as they were learnt from the last of the parts that weighed."""
        found = mixed(self.learnt, self.weights)
        return replace(found, weights=found.of_length(self.context), effect=self.effect)

    def learnt_again(self, problem: Problem, used: Tensor) -> "Blend":
        """All kinds learnt from whatever a problem may learn from; of a kind that fails the old solution stays.

        Args:
            used: (known,) which of what is known in advance is taken off beforehand.
        """
        effect = effect_of(problem, used, 1)
        found = fitted(self.kinds, problem, known_of(problem.steps) @ effect, self.span)
        learnt = [new or old for new, old in zip(found, self.learnt, strict=True)]
        return replace(self, learnt=learnt, effect=effect)


def weighed(folds: list[Problem], used: Tensor, kinds: list[Kind], span: int | None) -> Blend | None:
    """The blend that would have been best in all folds together; None where no kind can be learnt in all of them.

    Args:
        folds: Each with a part to learn from and a part that judges.
        used: (known,) which of what is known in advance is taken off beforehand.
        kinds: That are tried.
        span: As in `Blend`.
    """
    each = [effect_of(fold, used, 1) for fold in folds]
    effects = [known_of(fold.steps) @ effect for fold, effect in zip(folds, each, strict=True)]
    found = [fitted(kinds, fold, effect, span) for fold, effect in zip(folds, effects, strict=True)]
    is_there = [all(solutions[i] is not None for solutions in found) for i in range(len(kinds))]
    kinds = [kind for kind, there in zip(kinds, is_there, strict=True) if there]
    if not kinds:
        return None
    length = span or max(kind.context for kind in kinds)
    kept = [[s for s, there in zip(solutions, is_there, strict=True) if there] for solutions in found]
    parts = [_errors(*part, length) for part in zip(kept, folds, effects, strict=True)]  # type: ignore[arg-type]
    errors = torch.cat(parts, dim=1).numpy()  # (kinds, n)
    count = sum(float(fold.val_truth.isfinite().sum()) for fold in folds) / folds[0].horizon
    weights = weights_of(errors, count)
    chosen = np.flatnonzero(weights >= min(LEAST_WEIGHT, weights.max()))
    shares, squares = weights[chosen] / weights[chosen].sum(), np.mean(errors[chosen] ** 2, axis=1)
    learnt = [kept[-1][i] for i in chosen]
    return Blend([kinds[i] for i in chosen], shares.tolist(), squares.tolist(), learnt, each[-1], span)


def fitted(kinds: list[Kind], problem: Problem, effect: Tensor, span: int | None) -> list[Solution | None]:
    """Each kind learnt from what a problem may learn from; None where there is too little, or its equations fail."""

    @lru_cache(maxsize=1)  # kinds of one context stand beside each other
    def windows(context: int) -> tuple[Tensor, Tensor, Tensor]:
        return problem.learnt(effect, context)[1]

    @lru_cache(maxsize=1)
    def rows(context: int) -> Rows:
        past, static, future = windows(span or context)
        return Rows.of(past[:, -context:], static, future)

    return [_fitted(kind, rows) for kind in kinds]


def _fitted(kind: Kind, rows: Callable[[int], Rows]) -> Solution | None:
    try:
        solution = kind.fit(rows(kind.context))
    except torch.linalg.LinAlgError:  # pyright: ignore[reportPrivateImportUsage]
        return None
    parts = (solution.weights, solution.of_static, solution.bias)
    return solution if all(part.isfinite().all() for part in parts) else None


def weights_of(errors: np.ndarray, count: float) -> np.ndarray:
    """(k,) weights of forecasts by their errors (k, n) on the same values, as `count` futures that do not overlap."""
    from scipy.optimize import nnls

    products = errors @ errors.T / errors.shape[1]
    size = np.trace(products) / len(products) + 1e-12
    products = products / size + np.eye(len(products)) / max(1.0, count)
    is_one = 1e3 * np.ones((1, len(products)))  # a strong wish that the sum be 1
    weights = nnls(np.concatenate([np.linalg.cholesky(products).T, is_one]), np.append(np.zeros(len(products)), 1e3))[0]
    return weights / weights.sum()


def _errors(solutions: list[Solution], fold: Problem, effect: Tensor, context: int) -> Tensor:
    """(kinds, n) on what is known of the part that judges."""
    val = fold.val[fold.val >= context]
    most = max(1, MOST_ERRORS // (fold.horizon * effect.shape[1]))
    chosen = val if len(val) <= most else val[torch.linspace(0, len(val) - 1, most).long()]
    past, static, future = gathered(fold.judging, effect, chosen, context, fold.horizon)
    known = future.isfinite()
    return torch.stack([(solution.forecast(past, static) - future)[known] for solution in solutions])
