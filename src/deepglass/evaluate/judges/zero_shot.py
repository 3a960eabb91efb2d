"""Zero-shot learning: are classes named rightly that training never saw, by their descriptions?"""

from typing import Any, ClassVar

from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result, figures, within
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "unseen_accuracy": (
        "Unseen classes, among themselves",
        "higher",
        "pictures of classes that training never saw that are named rightly, if it must be one of these",
        True,
    ),
    "unseen_of_all": ("Unseen classes, among all", "higher", "the same, where every class may be the answer", True),
    "seen_of_all": ("Seen classes, among all", "higher", "new pictures of classes that training has seen", True),
    "seen_accuracy": ("Seen classes, among themselves", "higher", "if it must be one that training has seen", True),
    "harmonic_mean": (
        "Harmonic mean of seen and unseen",
        "higher",
        "of the two accuracies among all classes; near the smaller one, so that neither can hide",
        True,
    ),
}
FEW_CLASSES = 10  # below, a single class that looks like another moves the mean
LEANING = 0.5  # of the accuracy among themselves that unseen classes lose among all


def few_classes(test: Result, chosen: Result) -> str | None:
    """So few unseen classes that others could give anything."""
    count = len(test["details"].get("unseen") or [0] * FEW_CLASSES)
    if count >= FEW_CLASSES:
        return None
    unseen = "1 unseen class" if count == 1 else f"{count} unseen classes"
    return (
        f"Only {unseen} in the test: the interval is about other pictures of these, and says nothing of other classes. "
        "Add folders, or leave others out with --unseen and compare."
    )


def no_better_than_chance(test: Result, chosen: Result) -> str | None:
    """Descriptions that do not help."""
    entry, chance = test["unseen_accuracy"], test["details"].get("chance")
    if entry["value"] is None or chance is None or chance == 1 or (entry["low"] or 0.0) > chance:
        return None
    return (
        f"{show('unseen_accuracy', entry['value'])} of the unseen are named rightly, where guessing reaches "
        f"{show('unseen_accuracy', chance)}: what the table describes may not be visible, or comes in too few classes."
    )


def leans_to_the_known(test: Result, chosen: Result) -> str | None:
    """Unseen classes that are known among themselves and hardly ever said."""
    alone, among = test["unseen_accuracy"]["value"], test["unseen_of_all"]["value"]
    if alone is None or among is None or test["details"].get("chance") == 1 or among >= LEANING * alone:
        return None
    return (
        f"Unseen classes are told apart ({show('unseen_accuracy', alone)}) but seldom said among all "
        f"({show('unseen_of_all', among)}): it leans towards what it has seen. Raise --calibration."
    )


class Judge(BaseJudge):
    """Judges probabilities of classes, of which training has seen some."""

    counted = "test pictures; the unseen classes are those that training never saw"
    checks = (few_classes, no_better_than_chance, leans_to_the_known)
    lead_score = "unseen_accuracy"
    intended_use: ClassVar[str] = (
        "Names pictures like those of the training, also of classes that it knows by description only, as long as what "
        "describes them was seen in others."
    )
    unintended_use: ClassVar[str] = (
        "It always names one of the classes that are described, also where a picture shows none of them; and a "
        "description of what nobody can see in a picture helps nothing."
    )
    if_in_vain = "Train longer, describe what can be seen, or add classes: each attribute should come in several."
    if_splits_differ = "the classes of the two parts differ in kind. Add folders, or choose others with --unseen."
    if_memorised: ClassVar[str] = "Add classes: an attribute that few classes have is learnt with all they look like."

    def lead(self, test: Result, baseline: Result) -> str:
        """With the number of classes, beside chance."""
        entry, details = test["unseen_accuracy"], test["details"]
        if entry["value"] is None:
            return self._of_seen(test)
        names = details["unseen"]
        if len(names) == 1:
            entry = test["unseen_of_all"]
            return (
                f"{show('unseen_of_all', entry['value'])} of the pictures of {names[0]}, which training never saw, are "
                f"named so{within('unseen_of_all', entry)}, among all {details['num_classes']} classes; chance is "
                f"{show('unseen_of_all', 1 / details['num_classes'])}."
            )
        return (
            f"{show('unseen_accuracy', entry['value'])} of the pictures of {len(names)} classes that it had never seen "
            f"get their own name of these{within('unseen_accuracy', entry)}; chance is "
            f"{show('unseen_accuracy', details['chance'])}."
        )

    def _of_seen(self, test: Result) -> str:
        entry = test["seen_of_all"]
        if entry["value"] is None:
            return ""
        return f"{show('seen_of_all', entry['value'])} of the pictures are named rightly{within('seen_of_all', entry)}."

    def notes(self, test: Result) -> list[str]:
        """Among all classes."""
        mean = test["harmonic_mean"]
        if mean["value"] is None:
            return []
        taken = test["details"]["calibration"]
        said = f"; {taken:.2f} is taken from the log-odds of seen classes" if taken else ""
        seen, unseen = (show(name, test[name]["value"]) for name in ("seen_of_all", "unseen_of_all"))
        return [
            f"among all {test['details']['num_classes']} classes: seen {seen}, unseen {unseen}, harmonic mean "
            f"{show('harmonic_mean', mean['value'])}{within('harmonic_mean', mean)}{said}"
        ]

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the log loss on the same pictures."""
        return [bootstrapped("log_loss", a["losses"], b["losses"], seed=seed)]

    def next_command(self, run: str) -> tuple[str, str]:
        """A new class is described."""
        return "Describe a new class", f"deepglass predict {run} PICTURES --descriptions TABLE"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Every class, the unseen ones first."""
        details = metrics["test"]["details"]
        rows = sorted(details["by_class"], key=lambda row: (row["seen"], row["class"]))[:MAX_ROWS]
        table = {
            "title": "Class by class",
            "note": "Unseen classes have no picture in the training.",
            "columns": ["", "training", "test pictures", "right among all", "right among unseen"],
            "rows": [
                [
                    row["class"],
                    "seen" if row["seen"] else "unseen",
                    str(row["count"]),
                    show("unseen_of_all", row["accuracy"]),
                    show("unseen_accuracy", row["among_unseen"]),
                ]
                for row in rows
            ],
        }
        drawn = [("Named rightly among all classes, class by class", _bars(rows))] if rows else []
        return {"tables": [table], "figures": figures(drawn)}


def _bars(rows: list[Result]) -> Any:
    from deepglass.evaluate.svg import FAINT, MODEL, draw  # matplotlib takes its time

    def paint(axes: Any) -> None:
        for of, color, label in ((False, MODEL, "unseen"), (True, FAINT, "seen")):
            places = [place for place, row in enumerate(rows) if row["seen"] is of]
            axes.barh(places, [rows[place]["accuracy"] for place in places], color=color, label=label)
        axes.set(yticks=range(len(rows)), yticklabels=[row["class"] for row in rows], xlim=(0, 1), xlabel="accuracy")
        axes.invert_yaxis()
        axes.legend()

    said = ", ".join(f"{row['class']} {row['accuracy']:.0%}" for row in rows)
    return draw(paint, said)
