"""Several labels at once: which are found, how many of those that are named are right, and whole sets."""

from deepglass.evaluate import calibration
from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import few_examples, never_found, not_tested, too_good
from deepglass.evaluate.label_thresholds import FEWEST
from deepglass.evaluate.metrics.labels import log_losses, pulled_f1
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {
    "precision_micro": ("Precision (micro)", "higher", "of all labels that it names, how many are true", True),
    "recall_micro": ("Recall (micro)", "higher", "of all labels that are true, how many it names", True),
    "f1_examples": ("F1 (per example)", "higher", "precision and recall of an example's labels, on average", True),
    "precision_examples": ("Precision (per example)", "higher", "of the labels named for an example, the true", True),
    "recall_examples": ("Recall (per example)", "higher", "of the labels true of an example, the named", True),
    "subset_accuracy": ("Whole sets right", "higher", "examples whose labels are all right and none besides", True),
    "hamming_loss": ("Hamming loss", "lower", "share of wrong decisions, over all labels of all examples", True),
    "ranking_average_precision": (
        "Ranking precision", "higher", "of the labels ranked as high as a true one, how many are true", True,
    ),
}  # fmt: skip
POOR_CALIBRATION = 0.05  # five points between probability and frequency begin to mislead decisions
SILENT = 0.1  # share of the examples that get no label though they have one


def labels_never_found(test: Result, chosen: Result) -> str | None:
    """Some label was in the test, and not once found, though so many examples cannot all be missed by chance."""
    names = never_found(test, 1 - (test.get("recall_micro") or {}).get("value", 0))
    if not names:
        return None
    tried = chosen.get("class_weights", "none") != "none"
    remedy = "collect more examples of these labels" if tried else "try --class-weights balanced"
    return f"Never found in the test: {names}; {remedy}."


def labels_not_tested(test: Result, chosen: Result) -> str | None:
    """Some label is true of no test example: nothing is known about it."""
    names = not_tested(test)
    if not names:
        return None
    return f"No test example has {names}: nothing is known about it. Collect more, or raise --test-fraction."


def often_silent(test: Result, chosen: Result) -> str | None:
    """Many examples get no label at all, though nearly all have one."""
    counts = test["details"].get("without_label")
    if not counts or counts["answers"] - counts["truth"] < SILENT * test["count"]:
        return None
    without, none = (100 * counts[part] / test["count"] for part in ("answers", "truth"))
    return (
        f"It names no label for {without:.0f} % of the test examples, of which {none:.0f} % have none: where every "
        "example must get one, take the most probable."
    )


def poor_calibration(test: Result, chosen: Result) -> str | None:
    """The probabilities do not mean what they say."""
    bins = test["details"].get("reliability")
    if not bins or test["calibration_error"]["value"] - calibration.chance_error(bins) < POOR_CALIBRATION:
        return None
    way = "too high" if calibration.lean(bins) > 0 else "too low"
    weighted = chosen.get("class_weights", "none") != "none"
    why = " --class-weights raises those of rare labels." if weighted and way == "too high" else ""
    return (
        f"The probabilities are {way}, by {100 * test['calibration_error']['value']:.0f} points of a hundred on "
        f"average: the thresholds make up for it, but do not read them as odds.{why}"
    )


class Judge(BaseJudge):
    """Judges probabilities of labels, each with its threshold."""

    checks = (labels_never_found, labels_not_tested, few_examples, often_silent, poor_calibration, too_good)
    lead_score = "f1_micro"
    lead_sentence = "On {count} examples it had never seen, F1 over all labels is {value}{within}"
    intended_use = (
        "Tells which of the labels below hold for an input, several or none, where it is like the training data."
    )
    has_labels = True

    def notes(self, test: Result) -> list[str]:
        """What the F1 is made of, in plain words."""
        found, right, whole = (
            show(name, (test.get(name) or {}).get("value"))
            for name in ("recall_micro", "precision_micro", "subset_accuracy")
        )
        if "–" in (found, right, whole):
            return []
        return [
            f"It finds {found} of the labels that are true; {right} of those that it names are true; all labels of an "
            f"example are right, and none besides, for {whole}."
        ]

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of both F1, each example counting by how far it pulls them, and of the log losses."""
        tests = []
        if all("thresholds" in run for run in (a, b)):
            sides = [(run["predictions"] >= run["thresholds"], run["targets"] > 0) for run in (a, b)]
            for measure, is_macro in (("f1_micro", False), ("f1_macro", True)):
                pulls = [pulled_f1(*side, is_macro=is_macro) for side in sides]
                tests.append(bootstrapped(measure, *pulls, seed=seed))
        losses = [log_losses(run["predictions"], run["targets"]) for run in (a, b)]
        return [*tests, bootstrapped("log_loss", *losses, seed=seed)]

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Labels one by one with their thresholds, curves, and what probabilities are worth."""
        from deepglass.evaluate import plots  # matplotlib takes its time

        details = metrics["test"].get("details") or {}
        drawn = [
            ("ROC", plots.roc(details.get("roc") or [])),
            ("Precision and recall", plots.precision_recall(details.get("precision_recall") or [])),
            (
                "Reliability: is a label as often true as its probability says?",
                plots.reliability(details.get("reliability") or []),
            ),
        ]
        return {"figures": figures(drawn), "tables": [table] if (table := _per_label(details)) else []}


def _per_label(details: Result) -> Result | None:
    """Each label with its threshold; of very many those with the lowest F1."""
    records = details.get("per_class") or []
    if not records:
        return None
    shown = records if len(records) <= MAX_ROWS else sorted(records, key=lambda record: record["f1"])[:MAX_ROWS]
    rows = [
        [
            record["class"],
            f"{record['count']:,}",
            f"{record['predicted']:,}",
            show("f1_micro", record["threshold"]),
            *(show("f1_micro", record[name]) for name in ("precision", "recall", "f1")),
        ]
        for record in shown
    ]
    note = (
        "A label is named from its threshold on: the probability at which F1 was best on the validation examples. "
        f"Where fewer than {FEWEST} of these have a label, it is that at which F1 would be best if the probabilities "
        "were right."
    )
    if left := len(records) - len(shown):
        note += f" Shown are the {len(shown)} labels with the lowest F1; {left:,} more are in metrics.json."
    columns = ["Label", "Examples", "Named", "Threshold", "Precision", "Recall", "F1"]
    return {"title": "Each label", "note": note, "columns": columns, "rows": rows}
