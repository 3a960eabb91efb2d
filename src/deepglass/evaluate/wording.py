"""Sentences that the report and the model card share: the result in one line, times, what a run is called."""

from typing import Any

from deepglass.evaluate.judges import judge_of_test


def lead(metrics: dict[str, Any]) -> str:
    """The result in one sentence, beside the baseline; empty where nothing was measured."""
    judge = judge_of_test(metrics)
    return judge.lead(metrics["test"], metrics.get("baseline") or {}) if judge else ""


def notes(metrics: dict[str, Any]) -> list[str]:
    """Sentences beside the lead."""
    judge = judge_of_test(metrics)
    return judge.notes(metrics["test"]) if judge else []


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
