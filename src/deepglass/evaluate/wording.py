"""Sentences that the report and the model card share: the result in one line, times, what a run is called."""

from typing import Any

from deepglass.evaluate.scores import show, show_interval


def lead(metrics: dict[str, Any]) -> str:
    """The result in one sentence, beside the baseline; empty where nothing was measured."""
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    if test.get("kind") == "forecasting":
        return forecast_lead(test, baseline)
    if test.get("kind") not in _LEADS:
        return ""
    name, sentence = _LEADS[test["kind"]]
    if (test.get(name) or {}).get("value") is None:
        return ""
    interval = show_interval(name, test[name])
    within = f" (95 % interval {interval})" if interval else ""
    text = sentence.format(value=show(name, test[name]["value"]), count=f"{test['count']:,}", within=within)
    return text + _beside(name, baseline)


def forecast_lead(test: dict[str, Any], baseline: dict[str, Any]) -> str:
    """How far forecasts are off, and how far the baseline is on the very same steps.

    Several series in units of their own have no mean error in common; then the scaled errors are compared.
    """
    several = len((test.get("details") or {}).get("per_series") or []) > 1 and "mse_standardized" in test
    name = "mase" if several and (test.get("mase") or {}).get("value") is not None else "mae"
    value = (test.get(name) or {}).get("value")
    if value is None:
        return ""
    interval = show_interval(name, test[name])
    within = f" (95 % interval {interval})" if interval else ""
    steps = (test.get("details") or {}).get("horizon")
    ahead = f", each {steps} steps ahead" if steps else ""
    size = "times the seasonal errors of training" if name == "mase" else "on average"
    text = f"It is off by {show(name, value)} {size}, over {test['count']:,} forecasts{ahead}{within}"
    other = (baseline.get(name) or {}).get("value")
    if not other:
        return f"{text}."
    change = 100 * (value / other - 1)
    than = f"{abs(change):.0f} % {'less' if change < 0 else 'more'} than" if abs(change) >= 0.5 else "as much as"
    simple = baseline.get("name", "a trivial forecast")
    return f"{text}: {than} the baseline, {simple}, on the same steps ({show(name, other)})."


def notes(metrics: dict[str, Any]) -> list[str]:
    """Sentences beside the lead: of forecasts, what their interval is worth."""
    test = metrics.get("test") or {}
    details = test.get("details") or {}
    if (test.get("coverage") or {}).get("value") is None:
        return []
    interval = show_interval("coverage", test["coverage"])
    within = f" (95 % interval {interval})" if interval else ""
    held, width = show("coverage", test["coverage"]["value"]), show("interval_width", test["interval_width"]["value"])
    asked = f"{100 * details['asked_coverage']:g} %"
    return [f"The {asked} interval held {held} of what came{within}; it is {width} wide on average."]


def duration(seconds: float | None) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def plain(value: Any) -> str:
    """A setting as the user reads it; long lists are cut."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        shown = ", ".join(plain(item) for item in value[:12])
        return shown + (f", … ({len(value)} in all)" if len(value) > 12 else "")
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(item)}" for key, item in list(value.items())[:12])
    return str(value)


_LEADS = {
    "classification": ("accuracy", "It is right on {value} of {count} examples it had never seen{within}"),
    "regression": ("mae", "It is off by {value} on average on {count} examples it had never seen{within}"),
    "language": ("perplexity", "It guesses as if among {value} equally likely tokens{within}"),
}


def _beside(name: str, baseline: dict[str, Any]) -> str:
    if (baseline.get(name) or {}).get("value") is None:
        return "."
    return f"; the baseline, {baseline.get('name', 'a trivial answer')}, reaches {show(name, baseline[name]['value'])}."
