"""Classes: right or wrong, how sure, and which are taken for which."""

from deepglass.evaluate import calibration, decision_curve
from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import few_examples, never_found, not_tested, too_good
from deepglass.evaluate.metrics.classification import log_losses
from deepglass.evaluate.paired import bootstrapped, mcnemar, paired_bootstrap
from deepglass.evaluate.scores import show, show_interval

MANY_OF_ONE_CLASS = 0.7  # share from which always answering it looks like skill
POOR_CALIBRATION = 0.05  # five points between confidence and accuracy begin to mislead decisions
SMOOTHING = 0.1  # usual (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567)
SOFTENING = {  # options of a training whose loss is not that of the examples as they are, and the way back
    "label_smoothing": "--label-smoothing 0",
    "mixup": "--mixup 0",
    "cutmix": "--cutmix 0",
    "adversarial": "a smaller --adversarial",
    "private": "a larger --private",
}
MAX_CLASSES = 25  # a larger confusion matrix cannot be read; the pairs most mixed up are listed instead


def imbalance(test: Result, chosen: Result) -> str | None:
    """Accuracy is high for whoever always answers the most frequent class."""
    classes = test["details"].get("per_class")
    if not classes:
        return None
    largest = max(classes, key=lambda record: record["count"])
    share = largest["count"] / test["count"]
    if share < MANY_OF_ONE_CLASS:
        return None
    balanced = show("balanced_accuracy", test["balanced_accuracy"]["value"])
    return (
        f"{100 * share:.0f} % of the test examples are {largest['class']!r}, so always answering that would reach an "
        f"accuracy of {100 * share:.1f} %: judge by balanced accuracy ({balanced}) and the "
        f"recall of each class, and {_for_rare_classes(chosen)}."
    )


def classes_never_found(test: Result, chosen: Result) -> str | None:
    """Some class was in the test, and not once recognised, though so many examples cannot all be missed by chance."""
    names = never_found(test, 1 - (test.get("accuracy") or {}).get("value", 0))
    return f"Never recognised in the test: {names}; {_for_rare_classes(chosen)}." if names else None


def classes_not_tested(test: Result, chosen: Result) -> str | None:
    """Some class has no test example: nothing is known about it."""
    names = not_tested(test)
    if not names:
        return None
    return f"No test example of {names}: nothing is known about it. Collect more, or raise --test-fraction."


def poor_calibration(test: Result, chosen: Result) -> str | None:
    """The probabilities do not mean what they say."""
    bins = test["details"].get("reliability")
    if not bins or test["calibration_error"]["value"] - calibration.chance_error(bins) < POOR_CALIBRATION:
        return None
    gap = calibration.lean(bins)
    way = "more sure of itself than it is right" if gap > 0 else "less sure of itself than it is right"
    remedy = _for_less_sureness(chosen) if gap > 0 else _for_more_sureness(chosen)
    return (
        f"The model is {way}: its probabilities are off by {100 * test['calibration_error']['value']:.0f} points of a "
        f"hundred on average. Do not read them as odds; try {remedy}."
    )


def _for_less_sureness(chosen: Result) -> str:
    is_smoothed = chosen.get("label_smoothing", 0) >= SMOOTHING
    return "fewer --epochs" if is_smoothed else f"--label-smoothing {SMOOTHING} or fewer --epochs"


def _for_more_sureness(chosen: Result) -> str:
    """What made it unsure on purpose is named: where there is such a thing, more epochs would not help."""
    return " or ".join(words for name, words in SOFTENING.items() if chosen.get(name)) or "more --epochs"


def _for_rare_classes(chosen: Result) -> str:
    tried = chosen.get("class_weights", "none") != "none"
    return "collect more examples of the rare classes" if tried else "try --class-weights balanced"


class Judge(BaseJudge):
    """Judges probabilities of classes."""

    checks = (imbalance, classes_never_found, classes_not_tested, few_examples, poor_calibration, too_good)
    lead_score = "accuracy"
    lead_sentence = "It is right on {value} of {count} examples it had never seen{within}"
    intended_use = "Tells which of the classes below an input belongs to, for inputs that look like the training data."
    has_labels = True

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """McNemar's test of the answers, and the bootstrap of the log losses."""
        right = [(run["predictions"].argmax(axis=1) == run["targets"]) for run in (a, b)]
        by_answers = mcnemar(*right)
        spread = paired_bootstrap(right[0].astype(float), right[1].astype(float), seed=seed)
        accuracy = {"measure": "accuracy", "a": float(right[0].mean()), "b": float(right[1].mean())}
        losses = [log_losses(run["predictions"], run["targets"]) for run in (a, b)]
        by_answers["difference"] = spread["difference"]
        return [{**accuracy, **by_answers}, bootstrapped("log_loss", *losses, seed=seed)]

    def decisive(self, test: Result) -> list[str]:
        """With very unequal classes accuracy is not one of them."""
        return ["balanced_accuracy", *test["headline"]] if imbalance(test, {}) else test["headline"]

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Curves, the confusion matrix, classes one by one, where to cut the probability of two classes."""
        from deepglass.evaluate import plots  # matplotlib takes its time

        details = metrics["test"].get("details") or {}
        drawn = [
            ("ROC", plots.roc(details.get("roc") or [])),
            ("Precision and recall", plots.precision_recall(details.get("precision_recall") or [])),
            ("Reliability: is it as right as it is sure?", plots.reliability(details.get("reliability") or [])),
        ]
        if curve := self.decision(metrics, outputs):
            case = metrics["thresholds"]["class"]
            drawn.append((decision_curve.in_words(curve, case), plots.decision(curve, case)))
        per_class = details.get("per_class") or []
        matrix = details.get("confusion_matrix") or []
        return {
            "figures": figures(drawn),
            "matrix": _matrix(matrix, details.get("classes") or []) if 1 < len(matrix) <= MAX_CLASSES else [],
            "classes": details.get("classes") or [],
            "per_class": per_class if len(per_class) <= MAX_ROWS else sorted(per_class, key=_f1_of)[:MAX_ROWS],
            "classes_left_out": max(0, len(per_class) - MAX_ROWS),
            "confusions": details.get("confusions") or [],
            "thresholds": metrics.get("thresholds") or {},
            "tables": _points(metrics.get("thresholds") or {}),
        }

    def decision(self, metrics: Result, outputs: Arrays) -> Result:
        """The decision curve of the class that is looked for among two (`evaluate/decision_curve.py`); else empty."""
        classes = (metrics["test"].get("details") or {}).get("classes") or []
        case = (metrics.get("thresholds") or {}).get("class")
        if len(classes) != 2 or case not in classes or "predictions" not in outputs:
            return {}
        sought = classes.index(case)
        return decision_curve.curve(outputs["predictions"][:, sought], outputs["targets"] == sought)


def _points(cuts: Result) -> list[Result]:
    """Sensitivity at chosen specificities, as a table of the page."""
    if not cuts.get("at_specificity"):
        return []
    rows = [
        (
            f"{100 * point['wanted']:.0f} %",
            f"{100 * point['threshold']:.1f} %",
            *(
                text
                for name in ("sensitivity", "specificity")
                for text in (show("accuracy", point[name]["value"]), show_interval("accuracy", point[name]) or "–")
            ),
        )
        for point in cuts["at_specificity"]
    ]
    return [
        {
            "title": "If so many of the others are to be left in peace",
            "note": f"An alarm for {cuts['class']!r} is raised above the cut, which validation chose for the wanted "
            "specificity; sensitivity and specificity are those of the test.",
            "columns": (
                "Specificity wanted", "Cut at", "Sensitivity", "95 % interval", "Specificity", "95 % interval",
            ),
            "rows": rows,
        }
    ]  # fmt: skip


def _matrix(matrix: list[list[int]], classes: list[str]) -> list[Result]:
    """Rows of the confusion matrix; the tint is the root of the share, so that rare mistakes can be seen."""
    rows = []
    for truth, counts in enumerate(matrix):
        total = max(1, sum(counts))
        cells = [
            {"count": count, "tint": round(62 * (count / total) ** 0.5), "is_right": truth == answer}
            for answer, count in enumerate(counts)
        ]
        rows.append({"class": classes[truth], "cells": cells})
    return rows


def _f1_of(row: Result) -> float:
    return row["f1"]
