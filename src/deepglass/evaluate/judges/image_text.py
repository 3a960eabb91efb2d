"""Pictures and sentences: do words find the picture that they were written for, and pictures their words?"""

from typing import ClassVar

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, within
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "words_to_picture_1": (
        "Picture found by its words",
        "higher",
        "how often the picture that a sentence was written for is the nearest",
        True,
    ),
    "words_to_picture_5": (
        "Picture found by its words, of the first 5",
        "higher",
        "how often it is among the 5 nearest",
        True,
    ),
    "words_to_picture_10": (
        "Picture found by its words, of the first 10",
        "higher",
        "how often it is among the 10 nearest",
        True,
    ),
    "picture_to_words_1": (
        "Words found by their picture",
        "higher",
        "how often the sentence that belongs to a picture is the nearest",
        True,
    ),
    "picture_to_words_5": (
        "Words found by their picture, of the first 5",
        "higher",
        "how often it is among the 5 nearest",
        True,
    ),
    "picture_to_words_10": (
        "Words found by their picture, of the first 10",
        "higher",
        "how often it is among the 10 nearest",
        True,
    ),
    "words_missed": ("Sentences nearer than a picture's own", "lower", "of all sentences of the test", True),
}


def no_better_than_chance(test: Result, chosen: Result) -> str | None:
    """Words that find nothing."""
    entry, chance = test["words_to_picture_1"], test["details"]["chance"]
    if entry["value"] is None or (entry["low"] or 0.0) > chance:
        return None
    return (
        f"Words find their picture in {show('words_to_picture_1', entry['value'])} of cases, where guessing reaches "
        f"{show('words_to_picture_1', chance)}: train longer, on more pairs, or look whether captions say what is seen."
    )


class Judge(BaseJudge):
    """Judges embeddings of pictures and of sentences by who finds whom."""

    counted = "test pictures with their sentences, which training never saw"
    checks = (no_better_than_chance,)
    lead_score = "words_to_picture_1"
    intended_use: ClassVar[str] = (
        "Finds pictures by words, and words by pictures, where both look like those of the training."
    )
    unintended_use: ClassVar[str] = (
        "It always finds something, also where no picture shows what the words say; words that no caption of the "
        "training has mean nothing to it."
    )
    if_in_vain = "Train longer, on more pairs: a batch teaches by the pictures that a sentence does not belong to."
    if_memorised: ClassVar[str] = "Add pairs, or augmentation that leaves the captions true."

    def lead(self, test: Result, baseline: Result) -> str:
        """Both ways, beside chance."""
        words, pictures = test["words_to_picture_1"], test["picture_to_words_1"]
        if words["value"] is None:
            return ""
        return (
            f"{show('words_to_picture_1', words['value'])} of {test['details']['sentences']:,} sentences find their "
            f"own picture first of {test['count']:,}{within('words_to_picture_1', words)}, and "
            f"{show('picture_to_words_1', pictures['value'])} of the pictures their own sentence; chance is about "
            f"{show('words_to_picture_1', test['details']['chance'])}."
        )

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of how many sentences are nearer than a picture's own."""
        return [bootstrapped("words_missed", a["losses"], b["losses"], seed=seed)]

    def next_command(self, run: str) -> tuple[str, str]:
        """Words look for pictures."""
        return "Search by words", f'deepglass search {run} "WORDS" PICTURES'

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Other pictures with captions."""
        return "Test it on other pictures with captions", f"deepglass evaluate {run} OTHER_DATA"
