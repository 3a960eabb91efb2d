"""Preferences: how often the likelier answer is the one that people chose."""

from typing import ClassVar

from deepglass.evaluate.judges import Arrays, BaseJudge, Result
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.paired import mcnemar
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "preferred": ("Preferred answers", "higher", "how often the answer that was chosen is the likelier one", True),
    "moved": ("Moved the right way", "higher", "how often it grew likelier beside the other than it was before", True),
    "margin": ("Margin in nats", "higher", "by how much it grew likelier beside the other, on average"),
}
OFTEN = 0.5  # of the comparisons


def chosen_fell(test: Result, chosen: Result) -> str | None:
    """Both answers became less likely: something else, which nobody compared, became likelier."""
    fell = (test.get("details") or {}).get("chosen_fell")
    if fell is None or fell <= OFTEN * test["count"]:
        return None
    return (
        f"In {fell:,} of {test['count']:,} comparisons the chosen answer itself became less likely than before the "
        "training, and the rejected one even less: what became likelier instead, nobody has compared. Read some "
        "answers; try --imitation 1, a larger --beta, or fewer --epochs."
    )


class Judge(BaseJudge):
    """Judges the log-probabilities of two answers."""

    counted = "comparisons of prompts that training never saw"
    checks = (few_examples, chosen_fell)
    lead_score = "preferred"
    lead_sentence = "The answer that was chosen is the likelier one in {value} of {count} comparisons{within}"
    intended_use: ClassVar[str] = "Answers in the manner that the people preferred who compared."
    unintended_use: ClassVar[str] = (
        "It has learnt what was preferred, which is not what is true or good: a taste for long or flattering answers "
        "is learnt like any other. Nobody may rely on its answers."
    )
    if_in_vain = "Begin with --pretrained RUN of a dialogue, try a smaller --beta, train longer, or compare more."
    if_memorised: ClassVar[str] = "Try a larger --beta, fewer --epochs, or give more prompts."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """McNemar's test of who ranks the same comparisons rightly."""
        right = [one["predictions"][:, 0] > one["predictions"][:, 1] for one in (a, b)]
        shares = {"a": float(right[0].mean()), "b": float(right[1].mean())}
        return [{"measure": "preferred", **shares, **mcnemar(*right)}]

    def notes(self, test: Result) -> list[str]:
        """Which way it moved."""
        if "moved" not in test:
            return []
        return [
            f"beside the other one it grew likelier in {show('moved', test['moved']['value'])} of them, by "
            f"{test['margin']['value']:.2f} nats on average"
        ]

    def next_command(self, run: str) -> tuple[str, str]:
        """Somebody talks to it."""
        return "Talk to it", f"deepglass chat {run}"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """More comparisons."""
        return "Test it on other comparisons", f"deepglass evaluate {run} OTHER_COMPARISONS"
