"""Masks: how well the regions of each class are covered, how many pixels are right, and how well edges meet."""

from deepglass.evaluate.intervals import percentile_interval
from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result
from deepglass.evaluate.judges._checks import first_of, not_tested
from deepglass.evaluate.metrics.segmentation import count, draws, scored
from deepglass.evaluate.scores import score, show, show_interval

METRICS = {
    "mean_iou": ("Mean IoU", "higher", "how much of what truth and answer cover both do, all classes alike", True),
    "mean_dice": ("Mean Dice", "higher", "the same overlap as F1 of the pixels, all classes alike", True),
    "pixel_accuracy": ("Pixel accuracy", "higher", "how many of all pixels are right; large regions decide it", True),
    "boundary_f1": (
        "Boundary F1",
        "higher",
        "how many edges lie where they should, within 0.75 % of the diagonal",
        True,
    ),
}
MANY_OF_ONE_CLASS = 0.7  # share of the pixels from which always answering it looks like skill
FEW_PICTURES = 10  # below, the interval over pictures is a guess itself
MOST_IGNORED = 0.5  # share of the pixels
HARDLY = 0.2  # IoU of a class, below which it is hardly found
INTERVALS = (("IoU", "iou"), ("Dice", "dice"), ("boundary F1", "boundary_f1"))


def classes_hardly_found(test: Result, chosen: Result) -> str | None:
    """Some class was in the test, and next to nothing of it is found."""
    poor = [row for row in _per_class(test) if row["count"] and (row["iou"] or 0.0) < HARDLY]
    if not poor:
        return None
    names = first_of([f"{row['class']!r} (IoU {show('mean_iou', row['iou'] or 0.0)})" for row in poor])
    return f"Hardly found in the test: {names}; train longer, or collect more pictures of the rare classes."


def classes_not_tested(test: Result, chosen: Result) -> str | None:
    """Some class has no pixel in the test: nothing is known about it."""
    names = not_tested(test)
    if not names:
        return None
    return f"No pixel of {names} in the test: nothing is known about it. Collect more, or raise --test-fraction."


def imbalance(test: Result, chosen: Result) -> str | None:
    """Pixel accuracy is high for whoever always answers the largest class."""
    classes = _per_class(test)
    largest = max(classes, key=lambda row: row["share"], default=None)
    if largest is None or largest["share"] < MANY_OF_ONE_CLASS:
        return None
    share = 100 * largest["share"]
    return (
        f"{share:.0f} % of the pixels are {largest['class']!r}, so always answering that would reach a pixel accuracy "
        f"of {share:.1f} %: judge by the mean IoU "
        f"({show('mean_iou', test['mean_iou']['value'])}) and by each class."
    )


def few_pictures(test: Result, chosen: Result) -> str | None:
    """So few pictures that the scores could be luck."""
    if test["count"] >= FEW_PICTURES:
        return None
    interval = show_interval("mean_iou", test["mean_iou"])
    said = f": the mean IoU may be anywhere from {interval}, and that is a guess itself" if interval else ""
    return f"Only {test['count']} test pictures{said}. Use a larger --test-fraction."


def mostly_ignored(test: Result, chosen: Result) -> str | None:
    """Most pixels are not judged."""
    ignored = test["details"].get("ignored") or 0.0
    if ignored < MOST_IGNORED:
        return None
    return (
        f"{100 * ignored:.0f} % of the test pixels are ignored: check --ignore-label, unless only parts were labelled."
    )


class Judge(BaseJudge):
    """Judges masks."""

    checks = (classes_hardly_found, classes_not_tested, imbalance, few_pictures, mostly_ignored)
    lead_score = "mean_iou"
    lead_sentence = "Its mean IoU is {value} on {count} pictures that it had never seen{within}"
    has_labels = True
    if_in_vain = "Train longer, or learn from larger windows with --crop-size."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap over the pictures that both were shown."""
        num_classes = 1 + max(
            int(run[name][run[name] < 250].max(initial=0)) for run in (a, b) for name in ("predictions", "targets")
        )
        counts = [count(run["predictions"], run["targets"], num_classes, with_edges=False) for run in (a, b)]
        values = [scored(of_run) for of_run in counts]
        times = draws(len(a["predictions"]), num_classes, seed)
        spread = None if times is None else [scored(of_run, times) for of_run in counts]
        tests = []
        for name in ("mean_iou", "pixel_accuracy"):
            ours, theirs = (float(getattr(of_run, name)[0]) for of_run in values)
            if spread is None:
                interval, p_value = (None, None), 1.0
            else:
                difference = getattr(spread[0], name) - getattr(spread[1], name)
                opposite = min((difference <= 0).sum(), (difference >= 0).sum())
                interval = percentile_interval(difference)
                p_value = min(1.0, 2 * (int(opposite) + 1) / (len(difference) + 1))
            tests.append({
                "measure": name,
                "a": ours,
                "b": theirs,
                "test": "paired bootstrap over pictures",
                "difference": score(ours - theirs, interval),
                "p_value": p_value,
            })  # fmt: skip
        return tests

    def notes(self, test: Result) -> list[str]:
        """The class that is covered worst, and how well edges meet."""
        there = [row for row in _per_class(test) if row["count"] and row["iou"] is not None]
        if len(there) < 2:
            return []
        worst = min(there, key=lambda row: row["iou"])
        edges = (test.get("boundary_f1") or {}).get("value")
        met = f"; {show('boundary_f1', edges)} of the edges meet" if edges is not None else ""
        return [f"covered worst is {worst['class']!r}: IoU {show('mean_iou', worst['iou'])}, Dice "
                f"{show('mean_dice', worst['dice'])}{met}"]  # fmt: skip

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The classes one by one with intervals over pictures, the hardest first, and what is taken for what."""
        test = metrics["test"]
        if not _per_class(test):
            return {}
        rows = sorted(_per_class(test), key=lambda row: row["iou"] if row["iou"] is not None else 2.0)
        left_out = f" The {MAX_ROWS} hardest; all are in metrics.json." if len(rows) > MAX_ROWS else ""
        table = {
            "title": "Each class",
            "note": f"95 % intervals, drawn over pictures. Precision: how much of what is marked is right; recall: how "
                    f"much of the class is marked.{left_out}",
            "columns": ["", "of all pixels", "in pictures", *(name for name, _ in INTERVALS), "precision", "recall"],
            "rows": [_row(row) for row in rows[:MAX_ROWS]],
        }  # fmt: skip
        return {"figures": [], "tables": [table, *_confused(test)]}


def _row(row: Result) -> list[str]:
    scores = [_with_interval(row, key) for _, key in INTERVALS]
    shares = [show("mean_iou", row[name]) for name in ("precision", "recall")]
    return [row["class"], show("mean_iou", row["share"]), f"{row['pictures']:,}", *scores, *shares]


def _with_interval(row: Result, key: str) -> str:
    entry = {"value": row[key], "low": row[f"{key}_low"], "high": row[f"{key}_high"]}
    interval = show_interval("mean_iou", entry)
    return show("mean_iou", row[key]) + (f" ({interval})" if interval else "")


def _confused(test: Result) -> list[Result]:
    """The pairs of classes that are most mixed up, by the share of the true class."""
    details = test.get("details") or {}
    table, names = details.get("confusion"), details.get("classes") or []
    if not table or len(names) < 3:
        return []
    pairs = [
        (count / sum(row), names[i], names[j])
        for i, row in enumerate(table)
        for j, count in enumerate(row)
        if i != j and count
    ]
    rows = [[true, said, show("mean_iou", share)] for share, true, said in sorted(pairs, reverse=True)[:10]]
    note = "Of all pixels of the class on the left, how many are taken for the other one."
    return [
        {"title": "Taken for each other", "note": note, "columns": ["", "taken for", "of its pixels"], "rows": rows}
    ]


def _per_class(test: Result) -> list[Result]:
    return (test.get("details") or {}).get("per_class") or []
