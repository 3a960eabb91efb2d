"""What a score is called, which direction is better, and how it is written for people.

Every `evaluate` of this folder returns one plain nested dictionary of the same form, ready for JSON:

    "kind"       "classification", "regression", "forecasting" or "language"
    "count"      how many examples were judged
    "headline"   names of the three most telling scores; each of them has a value and an interval
    NAME         a score: {"value": v, "low": l, "high": h}, a 95 % interval; None where it is not defined
    "details"    everything that is not a single number: tables per class, series or horizon, curves, bins

so `result[name]["value"]` reads any score of any task, and `scores_of(result)` lists them.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, SupportsFloat

from deepglass.core import catalogue


@dataclass(frozen=True)
class Metric:
    """How a score reads."""

    title: str
    better: Literal["higher", "lower", "zero"]
    meaning: str  # completes "it says ..."; shown beside the score
    is_share: bool = False  # written as a percentage


METRICS = {
    "accuracy": Metric("Accuracy", "higher", "how many of all answers are right", True),
    "balanced_accuracy": Metric("Balanced accuracy", "higher", "recall, every class counting the same", True),
    "precision_macro": Metric("Precision (macro)", "higher", "when it names a class, how often that is true", True),
    "precision_weighted": Metric("Precision (weighted)", "higher", "the same, classes weighted by their size", True),
    "recall_macro": Metric("Recall (macro)", "higher", "how much of a class is found", True),
    "recall_weighted": Metric("Recall (weighted)", "higher", "the same, classes weighted by their size", True),
    "f1_micro": Metric("F1 (micro)", "higher", "precision and recall over all answers at once", True),
    "f1_macro": Metric("F1 (macro)", "higher", "precision and recall in one, every class counting the same", True),
    "f1_weighted": Metric("F1 (weighted)", "higher", "the same, classes weighted by their size", True),
    "mcc": Metric("Matthews correlation", "higher", "0 is chance and 1 is perfect, whatever the class sizes"),
    "top_3_accuracy": Metric("Top-3 accuracy", "higher", "how often the truth is among the first three", True),
    "top_5_accuracy": Metric("Top-5 accuracy", "higher", "how often the truth is among the first five", True),
    "roc_auc": Metric("ROC AUC", "higher", "how often a positive ranks above a negative: 0.5 is chance"),
    "average_precision": Metric("Average precision", "higher", "area under the precision-recall curve"),
    "log_loss": Metric("Log loss", "lower", "surprise at the truth in nats"),
    "brier": Metric("Brier score", "lower", "squared error of the probabilities"),
    "calibration_error": Metric("Calibration error", "lower", "gap between confidence and accuracy (ECE)", True),
    "mse": Metric("MSE", "lower", "mean squared error"),
    "rmse": Metric("RMSE", "lower", "typical error in the target's unit; large errors weigh more"),
    "mae": Metric("MAE", "lower", "mean size of an error in the target's unit"),
    "median_ae": Metric("Median error", "lower", "half of all errors are smaller"),
    "r2": Metric("R²", "higher", "share of the variation that is explained: 0 is as good as the mean"),
    "mape": Metric("MAPE", "lower", "mean error relative to the target", True),
    "bias": Metric("Bias", "zero", "mean of prediction minus truth: 0 leans to neither side"),
    "mase": Metric("MASE", "lower", "error relative to the seasonal naive forecast: below 1 beats it"),
    "smape": Metric("sMAPE", "lower", "symmetric relative error", True),
    "coverage": Metric(
        "Coverage", "higher", "how often the truth lay within the interval: as often as promised is best", True
    ),
    "interval_width": Metric("Width of the interval", "lower", "from its lower to its upper end, on average"),
    "mse_standardized": Metric("MSE (standardised)", "lower", "each series in its own standard deviations"),
    "mae_standardized": Metric("MAE (standardised)", "lower", "each series in its own standard deviations"),
    "loss": Metric("Loss", "lower", "surprise per token in nats"),
    "perplexity": Metric("Perplexity", "lower", "as unsure as a choice among so many equal tokens"),
    "bits_per_token": Metric("Bits per token", "lower", "the same on the scale of compression"),
    "bits_per_character": Metric("Bits per character", "lower", "what the text would cost if compressed with it"),
}


def score(
    value: SupportsFloat | None, interval: tuple[float | None, float | None] = (None, None)
) -> dict[str, float | None]:
    """A score with its interval as JSON can hold it: what is not finite becomes None."""
    low, high = interval
    return {"value": _finite(value), "low": _finite(low), "high": _finite(high)}


def scores_of(result: dict[str, Any] | None) -> dict[str, dict[str, float | None]]:
    """The scores in a result of `evaluate`, in its order, those without a value left out."""
    entries = (result or {}).items()
    return {name: entry for name, entry in entries if isinstance(entry, dict) and entry.get("value") is not None}


def metric(name: str) -> Metric:
    """What is known of a score; an unknown name gets a readable title and counts as an error (lower is better)."""
    return METRICS.get(name) or _of_judges().get(name) or Metric(name.replace("_", " ").capitalize(), "lower", "")


@cache
def _of_judges() -> dict[str, Metric]:
    """The scores that only one kind of answer has: literals in the files of the judges."""
    folder = "evaluate/judges"
    found = [catalogue.constant(folder, judge, "METRICS", {}) for judge in catalogue.entries(folder)]
    return {name: Metric(*parts) for metrics in found for name, parts in metrics.items()}


def is_better(name: str, value: float, other: float) -> bool:
    """Whether `value` beats `other` in the score `name`."""
    better = metric(name).better
    if better == "zero":
        return abs(value) < abs(other)
    return value > other if better == "higher" else value < other


def show(name: str, value: float | None) -> str:
    """A score as people write it: 97.2 %, 0.0843, 12,400."""
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if metric(name).is_share else number(value)


def show_interval(name: str, entry: dict[str, float | None]) -> str:
    """The interval of a score: "96.1 to 98.0 %"; empty where there is none."""
    low, high = entry.get("low"), entry.get("high")
    if low is None or high is None:
        return ""
    return f"{show(name, low).removesuffix(' %')} to {show(name, high)}"


def number(value: float) -> str:
    """Four telling digits, thousands separated."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.3g}"
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}" if digits <= 6 else f"{value:.3g}"


def _finite(value: SupportsFloat | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
