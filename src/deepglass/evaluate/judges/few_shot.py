"""Few-shot learning: are pictures of new classes named rightly from a few known ones?"""

from typing import Any, ClassVar

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures, within
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "episode_accuracy": (
        "Accuracy over episodes",
        "higher",
        "how many pictures of new classes get their own class, of those in an episode; mean over the episodes",
        True,
    ),
    "episode_error": ("Wrong in episodes", "lower", "how often a picture is named wrongly where it is asked", True),
}
FEW_CLASSES = 20  # below, a single class that looks like another moves the mean


def few_classes(test: Result, chosen: Result) -> str | None:
    """So few classes that others could give anything."""
    count = test["details"].get("num_classes", FEW_CLASSES)
    if count >= FEW_CLASSES:
        return None
    return (
        f"Only {count} classes in the test: the interval is about other episodes of these, and says nothing of other "
        "classes. Add folders, or raise --test-fraction."
    )


def no_better_than_chance(test: Result, chosen: Result) -> str | None:
    """Known pictures that do not help."""
    entry, ways = test["episode_accuracy"], test["details"]["ways"]
    if entry["value"] is None or (entry["low"] or 0.0) > 1 / ways:
        return None
    return (
        f"An accuracy of {show('episode_accuracy', entry['value'])} is what guessing one of {ways} classes reaches: "
        "give more --shots, train longer, or look whether the folders differ in what their pictures show."
    )


class Judge(BaseJudge):
    """Judges embeddings by episodes of classes that training never saw."""

    counted = "test pictures of classes that training never saw"
    checks = (few_classes, no_better_than_chance)
    lead_score = "episode_accuracy"
    intended_use: ClassVar[str] = (
        "Tells new classes apart from a few known pictures of each, for pictures like those of the training. It always "
        "names one of the classes that it was shown, also where a picture shows none of them."
    )
    unintended_use: ClassVar[str] = (
        "Not to name people who have not agreed to it, and not where a picture may show something that it was never "
        "shown: it has no answer for that. `--task verification` chooses a threshold, and may say unknown."
    )
    if_in_vain = "Train longer, add classes: they count more than many pictures of each; or give more --shots."
    if_splits_differ = "the classes of the two parts differ in kind, or there are few of them. Add folders."
    if_memorised: ClassVar[str] = "Add classes, augmentation, or, for signs, --turned."

    def lead(self, test: Result, baseline: Result) -> str:
        """With the ways and the shots, and beside chance."""
        entry, details = test["episode_accuracy"], test["details"]
        if entry["value"] is None:
            return ""
        theirs = (baseline.get("episode_accuracy") or {}).get("value")
        beside = f"; {baseline['name']} reach {show('episode_accuracy', theirs)}" if theirs is not None else ""
        return (
            f"{show('episode_accuracy', entry['value'])} of the pictures get their own class of "
            f"{details['ways']}, from {_known(details['shots'])} of each{within('episode_accuracy', entry)}: classes "
            f"that it had never seen, {details['episodes']} episodes; chance is "
            f"{show('episode_accuracy', 1 / details['ways'])}{beside}."
        )

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of how often the same pictures are named wrongly."""
        return [bootstrapped("episode_error", a["losses"], b["losses"], seed=seed)]

    def notes(self, test: Result) -> list[str]:
        """With more shots."""
        found = test["details"]["by_shots"]
        if len(found) < 2:
            return []
        said = ", ".join(f"{show('episode_accuracy', value)} from {shots:.0f}" for shots, value in found)
        return [f"by the number of known pictures of each class: {said}"]

    def next_command(self, run: str) -> tuple[str, str]:
        """A new class is enrolled."""
        return "Show it a new class", f"deepglass enrol {run} NAME PICTURES"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """A folder for each class."""
        return "Test it on other classes (a folder of pictures each)", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The accuracy by shots and by ways."""
        test = metrics["test"]
        titles = {"by_shots": "known pictures of each class", "by_ways": "classes to choose from"}
        drawn = [
            (f"Accuracy by the number of {title}", _curve(test["details"][name], title, name == "by_ways"))
            for name, title in titles.items()
            if len(test["details"][name]) > 1
        ]
        return {"figures": figures(drawn)} if drawn else {}


def _known(shots: int) -> str:
    return "one known picture" if shots == 1 else f"{shots} known pictures"


def _curve(points: list[list[float]], title: str, has_chance: bool) -> Any:
    from deepglass.evaluate.svg import FAINT, MODEL, draw  # matplotlib takes its time

    x, y = zip(*points)

    def paint(axes: Any) -> None:
        axes.plot(x, y, color=MODEL, marker="o", label="this run")
        if has_chance:
            axes.plot(x, [1 / ways for ways in x], color=FAINT, linestyle="--", label="chance")
            axes.legend()
        axes.set(xlabel=title, ylabel="accuracy", ylim=(0, 1.02), xticks=x)

    return draw(paint, ", ".join(f"{share:.1%} with {number:.0f}" for number, share in points) + f" {title}")
