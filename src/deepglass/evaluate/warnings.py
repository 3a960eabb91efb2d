"""What a careful colleague would say on seeing these scores: one plain sentence each, with what to do.

Each check looks at one way in which good-looking numbers mislead, and returns a sentence or nothing. Those that belong
to one kind of answer are its judge's (`judges/`); those below hold for all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from deepglass.evaluate.judges import BaseJudge, Result, judge_of
from deepglass.evaluate.scores import is_better, metric, show

OVERFITTING = 1.5  # validation loss over training loss; dropout and augmentation alone stay below it


def warnings_for(
    metrics: dict[str, Any],
    history: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
    *,
    has_one_loss: bool = True,
) -> list[str]:
    """Everything that deserves a warning.

    Args:
        metrics: "test", and where there are any "val" and "baseline", each a result of `evaluate`.
        history: The run's history: "best_epoch" and "epochs" with loss and val_loss.
        config: The run's configuration, so that nothing is suggested that was already done.
        has_one_loss: Whether the loss of training is that of validation, so that one can be held against the other.
    """
    test, baseline, val = metrics["test"], metrics.get("baseline"), metrics.get("val")
    chosen = (config or {}).get("train") or {}
    judge = judge_of(test["kind"])
    found = [check(test, chosen) for check in judge.checks]
    found += [no_better_than_baseline(judge, test, baseline), worse_than_validation(judge, test, val)]
    found += [overfitting(history, judge.if_memorised if has_one_loss else ""), not_finished(history, chosen)]
    return [sentence for sentence in found if sentence]


def no_better_than_baseline(judge: BaseJudge, test: Result, baseline: Result | None) -> str | None:
    """The trivial answer does as well."""
    if not baseline:
        return None
    name = next((name for name in judge.decisive(test) if (baseline.get(name) or {}).get("value") is not None), None)
    if name is None:
        return None
    value, trivial = test[name]["value"], baseline[name]["value"]
    title, rival = metric(name).title, baseline.get("name", "the baseline")
    against = f"{title} {show(name, value)} against {show(name, trivial)} for {rival}"
    if value == trivial == 1 and metric(name).is_share:  # a test of one class, which every answer gets right
        return None
    if not is_better(name, value, trivial):
        return f"No better than the baseline: {against}. {judge.if_in_vain}"
    low, high = test[name]["low"], test[name]["high"]
    if low is not None and low <= trivial <= high:
        return f"Not clearly better than the baseline: {against}, within its interval. More test examples would tell."
    return None


def worse_than_validation(judge: BaseJudge, test: Result, val: Result | None) -> str | None:
    """The test is clearly worse than the validation split that chose the model: chance explains it for neither."""
    name = test["headline"][0]
    entry = (val or {}).get(name) or {}
    if entry.get("low") is None or test[name]["low"] is None:
        return None
    near, far = ("high", "low") if metric(name).better == "higher" else ("low", "high")  # ends that face each other
    if not is_better(name, entry[far], test[name][near]) or not _is_far(entry["value"], test[name]["value"]):
        return None
    before, now = show(name, entry["value"]), show(name, test[name]["value"])
    return f"{metric(name).title} was {before} in validation and is {now} in the test: {judge.if_splits_differ}"


def overfitting(history: dict[str, Any] | None, advice: str) -> str | None:
    """The training loss ran away from the validation loss; no warning where there is no advice."""
    losses = losses_of((history or {}).get("epochs") or [])
    if len(losses) < 2 or not advice:
        return None
    train, val = min(losses, key=lambda pair: pair[1])
    if val <= OVERFITTING * train or val - train < 0.05:
        return None
    losses_then = f"the validation loss is {show('loss', val)}, in training {show('loss', train)}"
    return f"Over-fitting: at its best {losses_then}. {advice}"


def not_finished(history: dict[str, Any] | None, chosen: Result) -> str | None:
    """The last epoch was the best, and clearly so: it was still learning."""
    losses = [val for _, val in losses_of((history or {}).get("epochs") or [])]
    if len(losses) < 5:
        return None
    before = min(losses[: -max(1, len(losses) // 5)])  # the best before the last fifth of the epochs
    if losses[-1] > min(losses) or losses[-1] > 0.99 * before:
        return None
    remedy = "more --epochs or a larger --budget should help"
    if chosen.get("private"):  # its noise is made for a number of steps
        remedy = "a new training with a larger --private, or with more --epochs that share its noise, may help"
    return f"The validation loss was still falling when training ended: {remedy}."


def losses_of(epochs: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Training and validation loss of each epoch that has both, so that one can be held against the other.

    Where training met attacks, both are under the attack, from the epoch on in which it had its full size.
    """
    largest = max((epoch.get("val_epsilon", 0.0) for epoch in epochs), default=0.0)
    grown = [epoch for epoch in epochs if epoch.get("val_epsilon", largest) >= largest]
    pairs = [(epoch.get("loss"), epoch.get("val_robust_loss", epoch.get("val_loss"))) for epoch in grown]
    return [(train, val) for train, val in pairs if train is not None and val is not None and val == val]


def _is_far(value: float, other: float) -> bool:
    return abs(value - other) > 0.05 * max(abs(value), abs(other))
