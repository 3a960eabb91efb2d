"""Gaps in texts: how often the covered word is told from those on both sides, and what was put into some of them."""

from typing import Any, ClassVar

from deepglass.evaluate.judges import Arrays, BaseJudge, Result
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.paired import bootstrapped

METRICS = {  # name → title, better, meaning, whether it is a share
    "gap_accuracy": ("Gaps filled rightly", "higher", "how often the first word it names is the covered one", True),
    "gap_among_five": ("Among the first five", "higher", "how often the covered word is one of the first five", True),
    "gap_perplexity": ("Perplexity of a gap", "lower", "as unsure as a choice among so many equal words"),
    "gap_loss": ("Loss per gap", "lower", "surprise at the covered word in nats"),
}  # fmt: skip


class Judge(BaseJudge):
    """Judges what was put into gaps."""

    checks = (few_examples,)
    lead_score = "gap_accuracy"
    lead_sentence = "It fills {value} of the gaps in {count} texts that it had never seen with the covered word{within}"
    intended_use: ClassVar[str] = "Weights to begin with where few texts have labels; filling gaps in such texts."
    unintended_use: ClassVar[str] = "It says what is usual in the texts it has read, not what is true."
    if_in_vain: ClassVar[str] = "Train longer, give more texts, or choose a larger --model."
    if_memorised: ClassVar[str] = "Give more texts, or try a larger --dropout or --mask-share."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the losses of the texts."""
        return [bootstrapped("gap_loss", a["losses"], b["losses"], seed=seed)]

    def notes(self, test: Result) -> list[str]:
        """How many gaps that were."""
        return [f"{test['details']['gaps']:,} gaps; nothing but gaps is covered here, and never all of a text"]

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Some texts with their gaps."""
        filled: list[dict[str, Any]] = (metrics["test"].get("details") or {}).get("filled") or []
        if not filled:
            return {}
        rows = [[row["text"], row["covered"], row["said"]] for row in filled]
        note = "Of texts that it had never seen, in their order; the first words for each gap."
        return {
            "figures": [],
            "tables": [{"title": "Gaps", "note": note, "columns": ["Text", "Covered", "Said"], "rows": rows}],
        }

    def next_command(self, run: str) -> tuple[str, str]:
        """It begins a training with few labels."""
        return "Learn from few labels", f"deepglass train LABELLED_TEXTS --task text-classification --pretrained {run}"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Nothing needs a label."""
        return "Test it on other texts", f"deepglass evaluate {run} OTHER_TEXTS"
