"""What a careful colleague would say on seeing these scores: one plain sentence each, with what to do.

Each check below looks at one way in which good-looking numbers mislead, and returns a sentence or nothing.
"""

from collections.abc import Callable
from typing import Any

from deepglass.evaluate import calibration
from deepglass.evaluate.judges.language import FEWEST_WINDOWS
from deepglass.evaluate.scores import is_better, metric, show, show_interval

MANY_OF_ONE_CLASS = 0.7  # share from which always answering it looks like skill
BY_CHANCE = 0.05  # what happens more often than this deserves no sentence
FEW_EXAMPLES = 100  # below, even a perfect accuracy only means "above 96 %" (Wilson)
POOR_CALIBRATION = 0.05  # five points between confidence and accuracy begin to mislead decisions
FEW_WINDOWS = FEWEST_WINDOWS  # of text, below which a score is a matter of chance
OVERFITTING = 1.5  # validation loss over training loss; dropout and augmentation alone stay below it
TOO_GOOD = {"accuracy": 0.9999, "r2": 0.9995}

IN_VAIN = {  # what to do where the trivial answer does as well, by the kind of answer
    "forecasting": "Where chance moves the values nothing forecasts better; else try a longer --context, columns that "
    "are known in advance (--known), or another --model.",
    "language": "Give more text, train longer, or choose another --model.",
}
SPLITS_DIFFER = {  # and where validation and test disagree
    "forecasting": "the last part of the time is not as the part before. Look for a new level or season in the "
    "pictures.",
    "language": "the end of the text is not as what comes before. Mix its parts, or give more text.",
}
MEMORISED = {  # and where training is far better than validation
    "language": "Try a larger --dropout or --weight-decay, a smaller --model, or more text.",
}

Result = dict[str, Any]


def warnings_for(
    metrics: dict[str, Any], history: dict[str, Any] | None = None, config: dict[str, Any] | None = None
) -> list[str]:
    """Everything that deserves a warning.

    Args:
        metrics: "test", and where there are any "val" and "baseline", each a result of `evaluate`.
        history: The run's history: "best_epoch" and "epochs" with loss and val_loss.
        config: The run's configuration, so that nothing is suggested that was already done.
    """
    test, baseline, val = metrics["test"], metrics.get("baseline"), metrics.get("val")
    chosen = (config or {}).get("train") or {}
    found = [check(test, chosen) for check in _CHECKS_OF_TEST]
    found += [no_better_than_baseline(test, baseline), worse_than_validation(test, val)]
    found += [None if test["kind"] == "forecasting" else overfitting(history, test["kind"])]
    found += [not_finished(history)]
    return [sentence for sentence in found if sentence]


def imbalance(test: Result, chosen: Result) -> str | None:
    """Accuracy is high for whoever always answers the most frequent class."""
    classes = test["details"].get("per_class")
    if not classes:
        return None
    largest = max(classes, key=lambda record: record["count"])
    share = largest["count"] / test["count"]
    if share < MANY_OF_ONE_CLASS:
        return None
    return (
        f"{100 * share:.0f} % of the test examples are {largest['class']!r}, so always answering that would reach an "
        f"accuracy of {100 * share:.1f} %: judge by balanced accuracy ({_value(test, 'balanced_accuracy')}) and the "
        f"recall of each class, and {_for_rare_classes(chosen)}."
    )


def classes_never_found(test: Result, chosen: Result) -> str | None:
    """Some class was in the test, and not once recognised, though so many examples cannot all be missed by chance."""
    error = 1 - (test.get("accuracy") or {}).get("value", 0)
    missed = [
        record
        for record in test["details"].get("per_class", [])
        if record["count"] and not record["recall"] and error ** record["count"] < BY_CHANCE
    ]
    if not missed:
        return None
    names = _listed([f"{record['class']!r} ({record['count']})" for record in missed])
    return f"Never recognised in the test: {names}; {_for_rare_classes(chosen)}."


def classes_not_tested(test: Result, chosen: Result) -> str | None:
    """Some class has no test example: nothing is known about it."""
    absent = [repr(record["class"]) for record in test["details"].get("per_class", []) if not record["count"]]
    if not absent:
        return None
    return f"No test example of {_listed(absent)}: nothing is known about it. Collect more, or raise --test-fraction."


def few_examples(test: Result, chosen: Result) -> str | None:
    """So few examples that the scores could be luck."""
    if test["count"] >= FEW_EXAMPLES or test["kind"] not in ("classification", "regression"):
        return None  # a window of text or of a series is more than one example
    name = test["headline"][0]
    interval = show_interval(name, test[name])
    range_ = f": {metric(name).title} may be anywhere from {interval}" if interval else ""
    return f"Only {test['count']} test examples{range_}. Use --folds 5, or a larger --test-fraction."


def few_windows(test: Result, chosen: Result) -> str | None:
    """So little text that nothing can be said of other text."""
    if test["kind"] != "language" or test["count"] >= FEW_WINDOWS:
        return None
    windows = "one window" if test["count"] == 1 else f"{test['count']} windows"
    return (
        f"Judged on {windows} of text with {test['details']['tokens']:,} tokens: too short to tell how good it is on "
        "other text. Give a longer one, or a smaller --context."
    )


def no_interval(test: Result, chosen: Result) -> str | None:
    """Forecasts come without an interval."""
    why = test["details"].get("no_interval")
    return (
        f"No interval is given around the forecasts: {why}. Give a longer past, or a larger --val-fraction."
        if why
        else None
    )


def poor_calibration(test: Result, chosen: Result) -> str | None:
    """The probabilities do not mean what they say."""
    bins = test["details"].get("reliability")
    if not bins or test["calibration_error"]["value"] - calibration.chance_error(bins) < POOR_CALIBRATION:
        return None
    gap = calibration.lean(bins)
    way = "more sure of itself than it is right" if gap > 0 else "less sure of itself than it is right"
    smoothing = 0.1 if gap > 0 else 0
    remedy = "fewer --epochs" if gap > 0 else "more --epochs"
    if chosen.get("label_smoothing", 0) != smoothing:
        remedy = f"--label-smoothing {smoothing} or {remedy}"
    return (
        f"The model is {way}: its probabilities are off by {100 * test['calibration_error']['value']:.0f} points of a "
        f"hundred on average. Do not read them as odds; try {remedy}."
    )


def too_good(test: Result, chosen: Result) -> str | None:
    """Perfection is more often a leak than a triumph."""
    name = next((name for name in TOO_GOOD if name in test), None)
    if name is None or test["count"] < FEW_EXAMPLES or (test[name]["value"] or 0) < TOO_GOOD[name]:
        return None
    return (
        f"{metric(name).title} is {_value(test, name)}: either this is easy, or the answer leaks into the inputs. Look "
        "at `deepglass check` for leakage suspects and leave them out with --ignore."
    )


def systematic_error(test: Result, chosen: Result) -> str | None:
    """Predictions lean to one side."""
    if test["kind"] != "regression" or test["bias"]["low"] is None:
        return None
    low, high, bias = test["bias"]["low"], test["bias"]["high"], test["bias"]["value"]
    if low <= 0 <= high or abs(bias) < 0.25 * test["mae"]["value"]:
        return None
    way = "high" if bias > 0 else "low"
    size = show("mae", abs(bias))
    return f"Predictions are too {way} by {size} on average: train for more --epochs, or check how the splits differ."


def no_better_than_baseline(test: Result, baseline: Result | None) -> str | None:
    """The trivial answer does as well."""
    if not baseline:
        return None
    name = next((name for name in _decisive(test) if (baseline.get(name) or {}).get("value") is not None), None)
    if name is None:
        return None
    value, trivial = test[name]["value"], baseline[name]["value"]
    title, rival = metric(name).title, baseline.get("name", "the baseline")
    against = f"{title} {show(name, value)} against {show(name, trivial)} for {rival}"
    if value == trivial == 1 and metric(name).is_share:  # a test of one class, which every answer gets right
        return None
    if not is_better(name, value, trivial):
        advice = IN_VAIN.get(test["kind"], "Train longer, choose another --model, or check the --target.")
        return f"No better than the baseline: {against}. {advice}"
    low, high = test[name]["low"], test[name]["high"]
    if low is not None and low <= trivial <= high:
        return f"Not clearly better than the baseline: {against}, within its interval. More test examples would tell."
    return None


def worse_than_validation(test: Result, val: Result | None) -> str | None:
    """The test is clearly worse than the validation split that chose the model: chance explains it for neither."""
    name = test["headline"][0]
    entry = (val or {}).get(name) or {}
    if entry.get("low") is None or test[name]["low"] is None:
        return None
    near, far = ("high", "low") if metric(name).better == "higher" else ("low", "high")  # ends that face each other
    if not is_better(name, entry[far], test[name][near]) or not _is_far(entry["value"], test[name]["value"]):
        return None
    advice = SPLITS_DIFFER.get(
        test["kind"], "the two splits differ. Check them for other sources or times, or split by --group-column."
    )
    before, now = show(name, entry["value"]), _value(test, name)
    return f"{metric(name).title} was {before} in validation and is {now} in the test: {advice}"


def overfitting(history: dict[str, Any] | None, kind: str = "") -> str | None:
    """The training loss ran away from the validation loss; of a series, that may just be a harder season."""
    losses = _losses(history)
    if len(losses) < 2:
        return None
    train, val = min(losses, key=lambda pair: pair[1])
    if val <= OVERFITTING * train or val - train < 0.05:
        return None
    advice = MEMORISED.get(kind, "Try a larger --weight-decay, augmentation, a smaller --model, or more data.")
    losses_then = f"the validation loss is {show('loss', val)}, in training {show('loss', train)}"
    return f"Over-fitting: at its best {losses_then}. {advice}"


def not_finished(history: dict[str, Any] | None) -> str | None:
    """The last epoch was the best, and clearly so: it was still learning."""
    losses = [val for _, val in _losses(history)]
    if len(losses) < 5:
        return None
    before = min(losses[: -max(1, len(losses) // 5)])  # the best before the last fifth of the epochs
    if losses[-1] > min(losses) or losses[-1] > 0.99 * before:
        return None
    return "The validation loss was still falling when training ended: more --epochs or a larger --budget should help."


_CHECKS_OF_TEST: list[Callable[[Result, Result], str | None]] = [
    imbalance,
    classes_never_found,
    classes_not_tested,
    few_examples,
    few_windows,
    no_interval,
    poor_calibration,
    too_good,
    systematic_error,
]


def _losses(history: dict[str, Any] | None) -> list[tuple[float, float]]:
    """Training and validation loss of each epoch that has both."""
    epochs = (history or {}).get("epochs") or []
    pairs = [(epoch.get("loss"), epoch.get("val_loss")) for epoch in epochs]
    return [(train, val) for train, val in pairs if train is not None and val is not None and val == val]


def _for_rare_classes(chosen: Result) -> str:
    tried = chosen.get("class_weights", "none") != "none"
    return "collect more examples of the rare classes" if tried else "try --class-weights balanced"


def _decisive(test: Result) -> list[str]:
    """The scores that decide against a baseline; with very unequal classes accuracy is not one of them."""
    return ["balanced_accuracy", *test["headline"]] if imbalance(test, {}) else test["headline"]


def _is_far(value: float, other: float) -> bool:
    return abs(value - other) > 0.05 * max(abs(value), abs(other))


def _value(test: Result, name: str) -> str:
    return show(name, test[name]["value"])


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
