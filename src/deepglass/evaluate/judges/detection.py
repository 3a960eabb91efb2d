"""Boxes: which things are found and where, and which are missed or invented."""

from deepglass.evaluate.intervals import percentile_interval
from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import first_of, not_tested
from deepglass.evaluate.metrics.detection import match, mean_average_precisions, resampled
from deepglass.evaluate.scores import score, show, show_interval

METRICS = {
    "map_50": ("mAP at IoU 0.5", "higher", "how well things are found, boxes half right being enough", True),
    "map_75": ("mAP at IoU 0.75", "higher", "the same, boxes having to fit well", True),
    "map": ("mAP at IoU 0.5 to 0.95", "higher", "the same, averaged over how well a box must fit (COCO)", True),
    "box_precision": ("Precision of boxes", "higher", "how many of the boxes that are shown are right", True),
    "box_recall": ("Recall of boxes", "higher", "how many of the things are shown", True),
    "box_f1": ("F1 of boxes", "higher", "precision and recall of boxes in one", True),
}
FEW_BOXES = 100  # below, the interval of an average precision is wider than most differences
FEW_OF_A_CLASS = 10  # boxes, below which its average precision is decided by one or two
SELDOM_SHOWN, OFTEN_FOUND = 0.2, 0.5  # recall of a class at the score that is shown, and at any score
INVENTS = 0.5  # precision below which more than half of what is shown is not there


def classes_never_found(test: Result, chosen: Result) -> str | None:
    """Some class was in the test and is never right among what is shown."""
    missed = [row for row in _per_class(test) if row["count"] and not row["recall"]]
    if not missed:
        return None
    names = first_of([f"{row['class']!r} ({row['count']})" for row in missed])
    if any(row["found_at_all"] for row in missed):
        return (
            f"Never shown in the test: {names}; some are found with lower scores: lower --min-score, or train longer."
        )
    return f"Never found in the test: {names}; train longer, or collect more examples of the rare classes."


def classes_seldom_shown(test: Result, chosen: Result) -> str | None:
    """Some class is found, but with lower scores than others, so that hardly any of its boxes is shown."""
    hidden = [
        f"{row['class']!r} ({round(row['recall'] * row['count'])} of {row['count']} shown, {row['found_at_all']} found)"
        for row in _per_class(test)
        if 0 < row["recall"] < SELDOM_SHOWN and row["found_at_all"] >= OFTEN_FOUND * row["count"]
    ]
    if not hidden:
        return None
    return f"Hardly shown, though found with lower scores: {first_of(hidden)}; lower --min-score, or train longer."


def classes_not_tested(test: Result, chosen: Result) -> str | None:
    """Some class has no box in the test: nothing is known about it."""
    names = not_tested(test)
    if not names:
        return None
    return f"No box of {names} in the test: nothing is known about it. Collect more, or raise --test-fraction."


def few_boxes(test: Result, chosen: Result) -> str | None:
    """So few boxes that the scores could be luck."""
    boxes = test["details"].get("boxes", 0)
    rare = [f"{row['class']!r} ({row['count']})" for row in _per_class(test) if 0 < row["count"] < FEW_OF_A_CLASS]
    if boxes < FEW_BOXES:
        interval = show_interval("map_50", test["map_50"])
        range_ = f": mAP at IoU 0.5 may be anywhere from {interval}" if interval else ""
        return f"Only {boxes} boxes in {test['count']} test pictures{range_}. Use a larger --test-fraction."
    if rare:
        return f"Fewer than {FEW_OF_A_CLASS} boxes in the test of {first_of(rare)}: one or two decide their scores."
    return None


def invents(test: Result, chosen: Result) -> str | None:
    """Most of what is shown is not there."""
    precision = (test.get("box_precision") or {}).get("value")
    if precision is None or precision >= INVENTS:
        return None
    return (
        f"Only {show('box_precision', precision)} of the boxes that are shown are right: raise --min-score, train "
        "longer, or check that every thing in the training pictures has its box."
    )


class Judge(BaseJudge):
    """Judges boxes with classes and scores."""

    checks = (classes_never_found, classes_seldom_shown, classes_not_tested, few_boxes, invents)
    lead_score = "map_50"
    lead_sentence = "Its mean average precision is {value} on {count} pictures that it had never seen{within}"
    has_labels = True
    if_in_vain = "Train longer, or give larger pictures with --image-size."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of both mAPs over the pictures that both were shown."""
        num_classes = int(max(run[name][..., at].max(initial=0) for run, name, at in _places(a, b))) + 1
        matched = [match(run["predictions"], run["targets"], num_classes) for run in (a, b)]
        values = [mean_average_precisions(of_run) for of_run in matched]
        samples = resampled(matched, seed=seed)
        tests = []
        for place, name in ((0, "map_50"), (2, "map")):
            difference = samples[0][:, place] - samples[1][:, place]
            difference = difference[difference == difference]
            opposite = min((difference <= 0).sum(), (difference >= 0).sum())
            tests.append({
                "measure": name,
                "a": float(values[0][place]),
                "b": float(values[1][place]),
                "test": "paired bootstrap over pictures",
                "difference": score(values[0][place] - values[1][place], percentile_interval(difference)),
                "p_value": min(1.0, 2 * (int(opposite) + 1) / (len(difference) + 1)),
            })  # fmt: skip
        return tests

    def notes(self, test: Result) -> list[str]:
        """What is shown to people, and how good that is."""
        parts = [test.get(name) or {} for name in ("box_precision", "box_recall")]
        precision, recall = (part.get("value") for part in parts)
        if precision is None or recall is None:
            return []
        least = test["details"]["least_score"]
        return [
            f"shown are boxes with a score from {least:.2f} on: {show('box_recall', recall)} of all things, and "
            f"{show('box_precision', precision)} of these boxes are right (IoU 0.5)"
        ]

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Precision-recall curves, and the classes one by one, the hardest first."""
        from deepglass.evaluate import plots  # matplotlib takes its time

        details = metrics["test"].get("details") or {}
        drawn = [
            ("Precision and recall at IoU 0.5", plots.precision_recall(details.get("precision_recall") or [])),
        ]
        rows = sorted(details.get("per_class") or [], key=_precision_of)
        return {
            "figures": figures(drawn),
            "classes": details.get("classes") or [],
            "per_class": rows[:MAX_ROWS],
            "classes_left_out": max(0, len(rows) - MAX_ROWS),
        }


def _places(a: Arrays, b: Arrays) -> list[tuple[Arrays, str, int]]:
    """Where the positions of classes are: behind the score of a detection, behind the box of a truth."""
    return [(run, name, at) for run in (a, b) for name, at in (("predictions", 5), ("targets", 4))]


def _per_class(test: Result) -> list[Result]:
    return test["details"].get("per_class") or []


def _precision_of(row: Result) -> float:
    return row["ap_50"] if row["ap_50"] is not None else 2.0
