"""Forecasts: errors beside those of a simple forecast on the same steps, and what the interval around them is worth."""

import numpy as np

from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result, figures, within
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show


def no_interval(test: Result, chosen: Result) -> str | None:
    """Forecasts come without an interval."""
    why = test["details"].get("no_interval")
    return (
        f"No interval is given around the forecasts: {why}. Give a longer past, or a larger --val-fraction."
        if why
        else None
    )


class Judge(BaseJudge):
    """Judges windows of forecasts."""

    checks = (no_interval,)
    if_in_vain = (
        "Where chance moves the values nothing forecasts better; else try a longer --context, columns that are known "
        "in advance (--known), or another --model."
    )
    if_splits_differ = (
        "the last part of the time is not as the part before. Look for a new level or season in the pictures."
    )
    intended_use = "Forecasts the series it was trained on, the horizon it was trained for, from their recent past."
    if_memorised = ""  # a larger loss in validation may just be a harder season

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of absolute and of squared errors, windows that overlap in whole blocks."""
        errors = [run["predictions"].astype(np.float64) - run["targets"] for run in (a, b)]  # (N, H, S)
        num_windows, horizon, _ = errors[0].shape
        block = min(horizon, num_windows)
        absolute = bootstrapped(
            "mae", *(np.nanmean(np.abs(error), axis=(1, 2)) for error in errors), seed=seed, block=block
        )
        return [
            absolute,
            bootstrapped("mse", *(np.nanmean(error**2, axis=(1, 2)) for error in errors), seed=seed, block=block),
        ]

    def lead(self, test: Result, baseline: Result) -> str:
        """How far forecasts are off, and how far the baseline is on the very same steps.

        Several series in units of their own have no mean error in common; then the scaled errors are compared.
        """
        several = len((test.get("details") or {}).get("per_series") or []) > 1 and "mse_standardized" in test
        name = "mase" if several and (test.get("mase") or {}).get("value") is not None else "mae"
        value = (test.get(name) or {}).get("value")
        if value is None:
            return ""
        steps = (test.get("details") or {}).get("horizon")
        ahead = f", each {steps} steps ahead" if steps else ""
        size = "times the seasonal errors of training" if name == "mase" else "on average"
        chance = within(name, test[name])
        text = f"It is off by {show(name, value)} {size}, over {test['count']:,} forecasts{ahead}{chance}"
        other = (baseline.get(name) or {}).get("value")
        if not other:
            return f"{text}."
        change = 100 * (value / other - 1)
        than = f"{abs(change):.0f} % {'less' if change < 0 else 'more'} than" if abs(change) >= 0.5 else "as much as"
        simple = baseline.get("name", "a trivial forecast")
        return f"{text}: {than} the baseline, {simple}, on the same steps ({show(name, other)})."

    def notes(self, test: Result) -> list[str]:
        """What the interval around the forecasts is worth."""
        details = test.get("details") or {}
        if (test.get("coverage") or {}).get("value") is None:
            return []
        chance = within("coverage", test["coverage"])
        held, width = (show(name, test[name]["value"]) for name in ("coverage", "interval_width"))
        asked = f"{100 * details['asked_coverage']:g} %"
        return [f"The {asked} interval held {held} of what came{chance}; it is {width} wide on average."]

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Forecasts beside what came, errors by step ahead, series one by one."""
        from deepglass.evaluate import forecast_plots  # matplotlib takes its time

        details = metrics["test"].get("details") or {}
        baseline = (metrics.get("baseline") or {}).get("details") or {}
        rows = details.get("per_series") or []
        names, wide = [row["name"] for row in rows], []
        if "predictions" in outputs and names and outputs["predictions"].ndim == 3:
            ranked = [row["name"] for row in rows if row.get("mase") is not None]
            wide = forecast_plots.forecasts(outputs, names, ranked if "series" in outputs else None)
        steps = details.get("per_horizon") or []
        drawn = [
            ("Error by step ahead", forecast_plots.horizon(steps, baseline.get("per_horizon"))),
            ("How often the interval held", forecast_plots.coverage(steps, details.get("asked_coverage") or 0.0)),
        ]
        return {"figures": figures(drawn), "wide": wide, **_best_and_worst(rows)}


def _best_and_worst(rows: list[Result]) -> Result:
    """Of many series the best and the worst; they come in the order of their scores."""
    if len(rows) <= MAX_ROWS:
        return {"per_series": rows}
    half = MAX_ROWS // 2
    return {"per_series": rows[:half] + rows[-half:], "series_left_out": len(rows) - MAX_ROWS}
