"""Where a forecaster begins: how far it looks back, whether what is known in advance counts, and with which weights.

    choose (training, validation) ── weigh kinds of linear forecasts ── begin ── train ── learn again from both parts

The best linear forecasts have closed forms, so lengths of the past and kinds can be compared in seconds. The network is
trained, chosen and given its intervals with the validation part set aside; whatever linear it began with is then learnt
once more from training and validation together, since the last steps say most of those that follow.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.core.guesses import Guess
from deepglass.data.preprocess import moments
from deepglass.data.preprocess.series import Series
from deepglass.data.series import spans
from deepglass.data.series.choice import Parts, largest_context
from deepglass.data.series.origins import calibration_windows, rows_of, steps_of
from deepglass.data.series.plan import NEVER, SeriesPlan
from deepglass.tasks import _linear_blend, _linear_start
from deepglass.tasks._linear_blend import Blend
from deepglass.tasks._linear_kinds import kinds
from deepglass.tasks._linear_problem import Problem
from deepglass.tasks._linear_solution import Solution
from deepglass.tasks._linear_start import Choice

MOST_COMPARED = 4_000  # windows of the validation part by which choices are compared
LEAST_LAGS, MOST_LAGS = 12, 24  # steps of the covariates that may be mapped to the future directly
MOST_FOLDS, ENOUGH = 3, 20  # parts that weigh: as many as it takes for so many futures that do not overlap
LEAST_SHARE = 0.5  # of training and validation is always learnt from
BEGINS_WITH = "begins with"  # what is said of the mixture; a model that begins otherwise says nothing of it
NAMES = {1.0: "hour of the day", 7.0: "day of the week"}
LOSSES = {"mse": F.mse_loss, "mae": F.l1_loss, "huber": F.huber_loss}


@dataclass(frozen=True)
class Start:
    """The linear forecast that a model begins with.

    solution: Learnt from the training part.
    whole: The same, learnt from training and validation together.
    simple: The name of the best kind alone, and both of its solutions.
    """

    solution: Solution
    whole: Solution
    simple: tuple[str, Solution, Solution]

    def under(self, plan: SeriesPlan, num_unseen: int) -> "Start":
        """As long as the past of a plan, without the first rows of the effect, which are zeros."""

        def of(solution: Solution) -> Solution:
            weights, effect = solution.of_length(plan.context), solution.effect[num_unseen:]
            return replace(solution, weights=weights, effect=effect)

        name, *simple = self.simple
        return Start(of(self.solution), of(self.whole), (name, *map(of, simple)))  # type: ignore[arg-type]


def choose_past(
    plan: SeriesPlan, series: Series, parts: Parts, options: Any
) -> tuple[SeriesPlan, Start | None, list[Guess]]:
    """The plan with its length of the past and its use of the calendar, and the linear forecast that was best.

    Args:
        plan: With everything else decided.
        series: Its series; parts: where training and validation end.
        options: The `Config` of the task.
    """
    largest = largest_context(parts, plan.horizon, series)
    contexts = spans.contexts_to_try(plan.horizon, plan.season, parts.steps[0], largest)
    contexts = [options.context] if options.context else contexts
    lags = min(max(plan.horizon, LEAST_LAGS), min(contexts), MOST_LAGS) if plan.covariates else 0
    looking = _Looking(replace(plan, context=max(contexts)), series, options)
    problem = looking.problem(parts, max(contexts))
    contexts = [context for context in contexts if len(problem.train(context)) >= 2]
    if not contexts or len(problem.val) == 0:
        return plan, None, []
    choice = looking.choice(problem, contexts, lags)
    blend = looking.blend(choice, parts, contexts, options.context or largest) if looking.may_blend(choice) else None
    start = _start_of(choice, blend, looking.problem(_without_val(parts), 1))
    chosen = replace(plan, context=options.context or start.solution.context, covariate_lags=choice.lags)
    num_unseen = 0 if choice.used[: moments.count(plan.periods)].any() else moments.count(plan.periods)
    chosen = replace(chosen, periods=() if num_unseen else plan.periods)
    return chosen, start.under(chosen, num_unseen), _guesses(chosen, contexts, blend, options)


class _Looking:
    """A series under a plan, whose parts become problems.

    Args:
        plan: With the longest past that is tried.
    """

    def __init__(self, plan: SeriesPlan, series: Series, options: Any):
        self.plan, self.series, self.options = plan, series, options
        self.steps, self.first = plan.steps(series)

    def problem(self, parts: Parts, context: int) -> Problem:
        """To be learnt from the training part and judged by the validation part, from pasts of up to `context`."""
        plan, series, steps, first = replace(self.plan, context=context), self.series, self.steps, self.first
        val = calibration_windows(plan, series, parts, steps, first)
        some = val.origins[torch.linspace(0, len(val) - 1, min(len(val), MOST_COMPARED)).long()]

        def train(length: int) -> Tensor:
            rows = rows_of(replace(plan, context=length), series, parts, 0)
            return plan.windows(steps, steps_of(series, first, rows)).with_known_future(NEVER).origins

        def values(forecast: Tensor, truth: Tensor) -> Tensor:
            return LOSSES[self.options.loss](forecast, truth, reduction="none")

        return Problem(steps, train, some, val.truth, plan.horizon, values)

    def choice(self, problem: Problem, contexts: list[int], lags: int) -> Choice:
        """Use of calendar and covariates, and the length of the past where no blend weighs all lengths."""
        is_weighed = self.options.blend is not False and not lags and not self.plan.is_long
        some = contexts[:1] if is_weighed else contexts
        return _linear_start.solve(problem, some, lags=lags, with_moments=self.options.calendar == "auto")

    def may_blend(self, choice: Choice) -> bool:
        """Whether several kinds may be mixed: those with covariates are solved together, and stay alone."""
        return self.options.blend is not False and choice.strength is None

    def blend(self, choice: Choice, parts: Parts, contexts: list[int], longest: int) -> Blend | None:
        """Kinds of linear forecasts, weighed by the last parts before the test."""
        folds = _folds(parts, self.plan)
        if self.plan.is_long:  # windows are measured by their own past: all kinds must look at the same
            longest = choice.solution.context
            contexts, span = [longest], longest
        else:
            longest, span = max(1, min(longest, (folds[0].steps[0] - self.plan.horizon) // 2)), None
        found = kinds([context for context in contexts if context <= longest], self.plan.season, longest)
        problems = [self.problem(fold, span or longest) for fold in folds]
        return _linear_blend.weighed(problems, choice.used, found, span)


def _folds(parts: Parts, plan: SeriesPlan) -> list[Parts]:
    """The parts, and the same again some validation parts earlier: a short one alone says little."""
    train, val, _ = parts.steps
    count = 1 if plan.is_long else int(np.clip(np.ceil(ENOUGH * plan.horizon / val), 1, MOST_FOLDS))
    begins = [train - i * val for i in range(count - 1, 0, -1)]
    place = np.arange(len(parts.part))
    earlier = [
        Parts(np.select([place < begin, place < begin + val], [0, 1], 3), (begin, val, train - begin))
        for begin in begins
        if begin >= LEAST_SHARE * (train + val)
    ]
    return [*earlier, parts]


def _without_val(parts: Parts) -> Parts:
    """Training and validation as one part to learn from."""
    train, val, test = parts.steps
    return Parts(np.where(parts.part == 1, 0, parts.part), (train + val, 0, test))


def _start_of(choice: Choice, blend: Blend | None, whole: Problem) -> Start:
    """Of a blend, or of the ridge regression that was chosen."""
    if blend is None:
        again = _linear_start.learnt_again(whole, choice)
        return Start(choice.solution, again, ("ridge regression", choice.solution, again))
    again = blend.learnt_again(whole, choice.used)
    return Start(blend.solution, again.solution, (blend.best.kinds[0].name, blend.best.solution, again.best.solution))


def _guesses(plan: SeriesPlan, contexts: list[int], blend: Blend | None, options: Any) -> list[Guess]:
    """What was chosen, and what says otherwise."""
    guesses = []
    if not options.context and (blend or len(contexts) > 1):
        why = "the best of " + ", ".join(f"{length:,}" for length in sorted(contexts)) + " on the validation part"
        why = "as far as the linear forecasts look that it begins with" if blend else why
        guesses.append(Guess("context", f"{plan.context:,} steps", why, "--context"))
    if blend:
        said = ", ".join(f"{100 * share:.0f} % {name}" for name, share in blend.shares.items())
        guesses.append(Guess(BEGINS_WITH, said, "weighed on a future that they had not seen", "--no-blend"))
    if plan.periods:
        seen = ", ".join(NAMES.get(days, "time of the year") for days, _ in reversed(plan.periods))
        guesses.append(Guess("calendar columns", seen, "clearly better on the validation part", "--calendar none"))
    return guesses
