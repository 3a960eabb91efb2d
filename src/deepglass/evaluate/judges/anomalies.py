"""What does not belong: how it is ranked, how often an alarm is false, and whether that was promised."""

from typing import Any, ClassVar

import numpy as np

from deepglass.core.errors import DataError
from deepglass.evaluate import conformal, curves, plots
from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures, within
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.metrics.anomalies import ALARM, BINS
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "false_alarms": ("False alarms", "lower", "how many of the normal examples are above the threshold", True),
    "flagged": ("Alarms", "zero", "how many of all examples are above the threshold", True),
    "anomaly_recall": ("Recall", "higher", "how many of the anomalous examples are above the threshold", True),
    "anomaly_precision": ("Precision", "higher", "how many of the alarms are anomalous", True),
}
FEWEST_ANOMALIES = 20  # below, an interval of the recall is wider than 40 points


def too_few_to_promise(test: Result, chosen: Result) -> str | None:
    """The validation part is too small for the rate of false alarms that was asked for."""
    details = test["details"]
    if not details.get("asked") or details["promised"] <= details["asked"]:
        return None
    return (
        f"A rate of {details['asked']:.2%} false alarms was asked for, and {details['judged_by']} validation examples "
        f"can promise {details['promised']:.2%} at best: the threshold is the highest score among them. "
        f"{conformal.fewest(1 - details['asked']):,} would do (--val-fraction), or ask for a larger --false-alarms."
    )


def promise_broken(test: Result, chosen: Result) -> str | None:
    """More or fewer false alarms than chance explains."""
    details, entry = test["details"], test.get("false_alarms")
    if not details.get("promised") or not entry or entry["value"] is None:
        return None
    low, high = conformal.band(details["judged_by"], 1 - details["promised"], details["normal"])
    if 1 - high <= entry["value"] <= 1 - low:
        return None
    word = "more" if entry["value"] > 1 - low else "fewer"
    return (
        f"{entry['value']:.2%} of the normal examples of the test raise a false alarm, {word} than the "
        f"{details['promised']:.2%} that were promised, and than chance explains ({1 - high:.2%} to {1 - low:.2%}): "
        "normal examples of test and validation differ. Check them for other sources or times, or split by "
        "--group-column."
    )


def few_anomalies(test: Result, chosen: Result) -> str | None:
    """So few anomalous examples that what is said of them could be luck."""
    count = test["details"].get("anomalous", 0)
    if not 0 < count < FEWEST_ANOMALIES:
        return None
    return (
        f"The test has {count} anomalous examples: what is said of finding them is uncertain. Use a larger "
        "--test-fraction."
    )


class Judge(BaseJudge):
    """Judges scores of what does not belong."""

    checks = (few_examples, few_anomalies, too_few_to_promise, promise_broken)
    lead_score = "roc_auc"
    lead_sentence = (
        "An anomalous example ranks above a normal one with probability {value}, of {count} examples that it had "
        "never seen{within}"
    )
    intended_use: ClassVar[str] = "Pointing out examples that do not look like the training data."
    if_in_vain: ClassVar[str] = "Try another --score or --model, or a smaller --code-dim."

    def lead(self, test: Result, baseline: Result) -> str:
        """Without labels the share of alarms."""
        if test.get("roc_auc") or test.get("flagged", {}).get("value") is None:
            return super().lead(test, baseline)
        value, trivial = test["flagged"], (baseline.get("flagged") or {}).get("value")
        beside = f"; the baseline, {baseline.get('name')}, raises {show('flagged', trivial)}" if baseline else ""
        text = f"It raises an alarm at {show('flagged', value['value'])} of {test['count']:,} examples that it had "
        return f"{text}never seen{within('flagged', value)}{beside}."

    def decisive(self, test: Result) -> list[str]:
        """How they rank; how many alarms there are says nothing of who is better."""
        return [name for name in ("roc_auc", "average_precision") if name in test]

    def notes(self, test: Result) -> list[str]:
        """What was promised, what was kept, and what cannot be told."""
        details = test["details"]
        if not details.get("promised"):
            return []
        said = [f"threshold at {details['promised']:.2%} false alarms, by {details['judged_by']:,} validation examples"]
        if test.get("false_alarms"):
            kept = show("false_alarms", test["false_alarms"]["value"])
            said[0] += (
                f"; of the normal test examples {kept} are above it{within('false_alarms', test['false_alarms'])}"
            )
        if "roc_auc" not in test:
            said.append("no labels of both kinds: how well anomalous examples are found cannot be told (--target)")
        return said

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of how far each example pulls the ROC AUC.

        Raises:
            DataError: If no labels tell which of the two is right.
        """
        is_anomalous, known = a["targets"] == 1, a["targets"] >= 0
        if not (is_anomalous[known].any() and (~is_anomalous)[known].any()):
            raise DataError(
                "expected test examples labelled normal and anomalous, to tell which of two runs finds more: evaluate "
                "both on labelled data, with --target COLUMN in their training"
            )
        pulled = [_pulled(one["predictions"][known], is_anomalous[known]) for one in (a, b)]
        return [bootstrapped("roc_auc", *pulled, seed=seed)]

    def next_command(self, run: str) -> tuple[str, str]:
        """It looks at new examples."""
        return "Look for what does not belong", f"deepglass predict {run} YOUR_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """How scores are spread, and both curves."""
        if outputs.get("predictions") is None or len(outputs["predictions"]) == 0:
            return {}
        details = metrics["test"].get("details") or {}
        scores, truth = outputs["predictions"].astype(float), outputs["targets"]
        found = [
            ("How unusual the test examples are; to the right of the line is an alarm", _spread(scores, truth)),
            ("ROC curve: anomalous examples found, for each share of false alarms", plots.roc(details.get("roc", []))),
            ("Precision against recall", plots.precision_recall(details.get("precision_recall", []))),
        ]
        return {"figures": figures(found)}


def _pulled(scores: np.ndarray, is_anomalous: np.ndarray) -> np.ndarray:
    """(N,) numbers with the ROC AUC as their mean."""
    ladder = curves.Ladder.of(scores, is_anomalous)
    return curves.roc_auc(ladder) + curves.auc_pull(ladder, is_anomalous)


def _spread(scores: np.ndarray, truth: np.ndarray) -> Any:
    """How many examples have which score, normal and anomalous ones apart."""
    from deepglass.evaluate.svg import INK, SERIES, draw  # matplotlib takes its time

    parts = {name: scores[truth == kind] for kind, name in ((0, "normal"), (1, "anomalous"), (-1, "not labelled"))}
    parts = {name: part for name, part in parts.items() if len(part)}
    least = max(float(scores.min()), 1e-3)
    edges = np.geomspace(least, max(float(scores.max()), 2 * ALARM, 2 * least), BINS + 1)

    def paint(axes: Any) -> None:
        for color, (name, part) in zip(SERIES, parts.items()):
            axes.hist(np.clip(part, edges[0], edges[-1]), bins=edges, color=color, alpha=0.6, label=name)
        axes.axvline(ALARM, color=INK, linestyle="--", linewidth=1.2)
        axes.set(xscale="log", xlabel="score, in units of the threshold", ylabel="examples")
        axes.legend()

    told = "; ".join(f"{(part > ALARM).mean():.0%} of {len(part):,} {name} above 1" for name, part in parts.items())
    return draw(paint, f"Scores of {len(scores):,} examples, the threshold at 1: {told}")
