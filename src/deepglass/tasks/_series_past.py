"""How far to look back, and whether what is known in advance counts: the validation part decides.

The best linear forecast has a closed form, so several lengths of the past can be compared in seconds; the model that
is trained afterwards begins there.
"""

from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.core.guesses import Guess
from deepglass.data.preprocess import moments
from deepglass.data.preprocess.series import Series
from deepglass.tasks import _linear_start, _spans
from deepglass.tasks._forecast_windows import calibration_windows, rows_of, steps_of
from deepglass.tasks._linear_start import Solution
from deepglass.tasks._series_choice import Parts, largest_context
from deepglass.tasks._series_plan import NEVER, SeriesPlan

MOST_COMPARED = 4_000  # windows of the validation part by which choices are compared
LEAST_LAGS, MOST_LAGS = 12, 24  # steps of the covariates that may be mapped to the future directly
NAMES = {1.0: "hour of the day", 7.0: "day of the week"}
LOSSES = {"mse": F.mse_loss, "mae": F.l1_loss, "huber": F.huber_loss}


def choose_past(
    plan: SeriesPlan, series: Series, parts: Parts, options: Any
) -> tuple[SeriesPlan, Solution | None, list[Guess]]:
    """The plan with its length of the past and its use of the calendar, and the linear forecast that was best.

    Args:
        plan: With everything else decided.
        series: Its series; parts: where training and validation end.
        options: The `Config` of the task.
    """
    largest = largest_context(parts, plan.horizon, series)
    contexts = _spans.contexts_to_try(plan.horizon, plan.season, parts.steps[0], largest)
    contexts = [options.context] if options.context else contexts
    lags = min(max(plan.horizon, LEAST_LAGS), min(contexts), MOST_LAGS) if plan.covariates else 0
    solution = _solve(replace(plan, context=max(contexts)), series, parts, contexts, lags, options)
    if solution is None:
        return plan, None, []
    is_seen = bool(solution.effect[: moments.count(plan.periods)].any())
    context = options.context or solution.context
    if not is_seen:
        solution = replace(solution, effect=solution.effect[moments.count(plan.periods) :])
    chosen = replace(plan, context=context, periods=plan.periods if is_seen else ())
    chosen = replace(chosen, covariate_lags=0 if solution.of_covariates is None else lags)
    guesses = []
    if not options.context and len(contexts) > 1:
        why = "the best of " + ", ".join(f"{length:,}" for length in sorted(contexts)) + " on the validation part"
        guesses.append(Guess("context", f"{context:,} steps", why, "--context"))
    if is_seen:
        seen = ", ".join(NAMES.get(days, "time of the year") for days, _ in reversed(plan.periods))
        guesses.append(Guess("calendar columns", seen, "better on the validation part", "--calendar none"))
    return chosen, solution, guesses


def _solve(
    plan: SeriesPlan, series: Series, parts: Parts, contexts: list[int], lags: int, options: Any
) -> Solution | None:
    steps, first = plan.steps(series)
    val = calibration_windows(plan, series, parts, steps, first)

    def train(context: int) -> Tensor:
        rows = rows_of(replace(plan, context=context), series, parts, 0)
        return plan.windows(steps, steps_of(series, first, rows)).with_known_future(NEVER).origins

    def values(forecast: Tensor, truth: Tensor) -> Tensor:
        return LOSSES[options.loss](forecast, truth, reduction="none")

    contexts = [context for context in contexts if len(train(context)) >= 2]
    if not contexts or len(val) == 0:
        return None
    some = (
        val.origins if len(val) <= MOST_COMPARED else val.origins[torch.linspace(0, len(val) - 1, MOST_COMPARED).long()]
    )
    problem = _linear_start.Problem(steps, train, some, val.truth, plan.horizon, values)
    return _linear_start.solve(problem, contexts, lags=lags, with_moments=options.calendar == "auto")
