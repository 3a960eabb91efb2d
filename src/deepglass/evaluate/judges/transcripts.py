"""Transcripts: how many words are wrong, and whether they are changed, invented or left out."""

from typing import ClassVar

import numpy as np

from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.metrics.transcripts import counted, edits
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "word_error_rate": ("Word error rate", "lower", "words changed, invented or left out, of those said", True),
    "character_error_rate": ("Character error rate", "lower", "the same, letter by letter", True),
    "sentences_right": ("Sentences right", "higher", "how many are right to the last word", True),
    "substitution_rate": ("Words changed", "lower", "another word was written than was said", True),
    "insertion_rate": ("Words invented", "lower", "written and not said", True),
    "deletion_rate": ("Words left out", "lower", "said and not written", True),
}
MOST_SILENT = 0.5  # of the errors: then the network says too little
NOTHING = "(nothing)"


def says_little(test: Result, chosen: Result) -> str | None:
    """Most words are left out, as by a network that has learnt little more than the blank."""
    if test["deletion_rate"]["value"] is None or test["deletion_rate"]["value"] < MOST_SILENT:
        return None
    return (
        f"{show('deletion_rate', test['deletion_rate']['value'])} of the words are left out: the network says little "
        "more than blanks. Train longer, or with more sounds."
    )


class Judge(BaseJudge):
    """Judges what was written down."""

    checks = (says_little, few_examples)
    lead_score = "word_error_rate"
    lead_sentence = "It gets {value} of the words wrong in {count} sounds that it had never heard{within}"
    intended_use: ClassVar[str] = "Writing down what is said, in words and voices like those of the training."
    unintended_use: ClassVar[str] = "Deciding about people by what they are said to have said."
    if_in_vain: ClassVar[str] = "Train longer, or with more sounds; check that transcripts say what is heard."
    if_splits_differ: ClassVar[str] = (
        "the two splits differ. Name who speaks with --group-column, so that a voice is on one side alone."
    )
    if_memorised: ClassVar[str] = "Use augmentation, a larger --dropout, or more voices."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the errors per sentence."""
        wrong = [counted(run["targets"], run["predictions"])[:, :3].sum(axis=1).astype(float) for run in (a, b)]
        words = max(1.0, counted(a["targets"], a["targets"])[:, 3].mean())
        return [bootstrapped("word_error_rate", wrong[0] / words, wrong[1] / words, seed=seed)]

    def notes(self, test: Result) -> list[str]:
        """Which errors they are."""
        parts = ("substitution_rate", "insertion_rate", "deletion_rate")
        words = ("changed", "invented", "left out")
        if not test["details"].get("errors"):
            return []
        shares = [f"{show(name, test[name]['value'])} {word}" for name, word in zip(parts, words)]
        return [f"{', '.join(shares)}, of {test['details']['words']:,} words"]

    def next_command(self, run: str) -> tuple[str, str]:
        """It writes down."""
        return "Write down what is said", f"deepglass transcribe {run} YOUR_SOUNDS"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The sentences with the most errors, and which words are taken for which."""
        confusions = (metrics["test"].get("details") or {}).get("confusions") or []
        tables = []
        if confusions:
            rows = [[f"{a or NOTHING} → {b or NOTHING}", str(count)] for a, b, count in confusions]
            note = "Said and written; the most frequent first."
            tables.append({"title": "What was taken for what", "note": note, "columns": ["", "times"], "rows": rows})
        if outputs.get("targets") is not None and outputs["predictions"].dtype.kind == "U":
            tables.append(_sentences(outputs))
        return {"figures": [], "tables": tables}


def _sentences(outputs: Arrays) -> Result:
    wrong = counted(outputs["targets"], outputs["predictions"])[:, :3].sum(axis=1)
    order = np.argsort(-wrong, kind="stable")[:MAX_ROWS]
    rows = [
        [f"sound {outputs['ids'][i]}", str(outputs["targets"][i]), _marked(outputs, i), str(int(wrong[i]))]
        for i in order
    ]
    return {
        "title": "Sentence by sentence",
        "note": "The most errors first; a word in brackets was changed, invented or, where it is a dash, left out.",
        "columns": ["", "said", "written", "errors"],
        "rows": rows,
    }


def _marked(outputs: Arrays, place: int) -> str:
    """What was written, its errors in brackets."""
    _, pairs = edits(str(outputs["targets"][place]).split(), str(outputs["predictions"][place]).split())
    return " ".join(b if a == b else f"[{b or '–'}]" for a, b in pairs)
