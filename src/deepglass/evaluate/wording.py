"""Sentences that the report and the model card share: the result in one line, times, what a run is called."""

from typing import Any

from deepglass.evaluate.scores import show, show_interval


def lead(metrics: dict[str, Any]) -> str:
    """The result in one sentence, beside the baseline; empty where nothing was measured."""
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    if test.get("kind") not in _LEADS:
        return ""
    name, sentence = _LEADS[test["kind"]]
    if (test.get(name) or {}).get("value") is None:
        return ""
    interval = show_interval(name, test[name])
    within = f" (95 % interval {interval})" if interval else ""
    text = sentence.format(value=show(name, test[name]["value"]), count=f"{test['count']:,}", within=within)
    return text + _beside(name, baseline)


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
    """A setting as a person reads it; long lists are cut."""
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
    "forecasting": ("mase", "Its errors are {value} times those of the seasonal naive in training{within}"),
    "language": ("perplexity", "It guesses as if among {value} equally likely tokens{within}"),
}


def _beside(name: str, baseline: dict[str, Any]) -> str:
    if (baseline.get(name) or {}).get("value") is None:
        return "."
    return f"; the baseline, {baseline.get('name', 'a trivial answer')}, reaches {show(name, baseline[name]['value'])}."
