"""Retrieval: how often the reply that was given is found among wrong ones."""

from typing import Any, ClassVar

from deepglass.evaluate.judges import Arrays, BaseJudge, Result
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.metrics import retrieval
from deepglass.evaluate.paired import bootstrapped, mcnemar
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "recall_at_1": ("Recall at 1", "higher", "how often the right reply is the nearest of the candidates", True),
    "recall_at_5": ("Recall at 5", "higher", "how often it is among the 5 nearest", True),
    "reply_mrr": ("Mean reciprocal rank", "higher", "mean of 1/rank of the right reply: 0.5 is the second place"),
    "reply_missed": ("1 − 1/rank of the right reply", "lower", "0 where it is the nearest of the candidates"),
}


def no_better_than_chance(test: Result, chosen: Result) -> str | None:
    """Replies that are not found."""
    entry, candidates = test["recall_at_1"], test["details"]["candidates"]
    if (entry["low"] or 0.0) > 1 / candidates:
        return None
    return (
        f"The right reply is the nearest in {show('recall_at_1', entry['value'])} of cases, where a draw among "
        f"{candidates} finds it in {show('recall_at_1', 1 / candidates)}: give more conversations, or train longer."
    )


class Judge(BaseJudge):
    """Judges the nearness of replies."""

    counted = "replies in conversations that training never saw"
    checks = (few_examples, no_better_than_chance)
    lead_score = "recall_at_1"
    lead_sentence = "It finds {value} of {count} replies first among their candidates{within}"
    intended_use: ClassVar[str] = (
        "Answers with what somebody has said or written: nothing is made up. It keeps the replies of its training word "
        "for word: keep the run folder as you keep these conversations."
    )
    unintended_use: ClassVar[str] = (
        "Something is always nearest, also where no reply answers. A reply was right where it was given, and need not "
        "be right here."
    )
    if_in_vain = "Give more conversations, read more --turns, or train longer."
    if_memorised: ClassVar[str] = "Try a larger --dropout or --weight-decay, fewer --epochs, or more conversations."

    def notes(self, test: Result) -> list[str]:
        """How many there are to choose from."""
        return [f"each among {test['details']['candidates']} candidates, of the same topic where topics are known"]

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """McNemar's test of whose nearest reply is right, and the bootstrap of the ranks."""
        right = [retrieval.ranks(one["predictions"]) == 1 for one in (a, b)]
        shares: dict[str, Any] = {"a": float(right[0].mean()), "b": float(right[1].mean())}
        return [
            {"measure": "recall_at_1", **shares, **mcnemar(*right)},
            bootstrapped("reply_missed", a["losses"], b["losses"], seed=seed),
        ]

    def next_command(self, run: str) -> tuple[str, str]:
        """Somebody talks to it."""
        return "Talk to it", f"deepglass chat {run}"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """More conversations."""
        return "Test it on other conversations", f"deepglass evaluate {run} OTHER_CONVERSATIONS"
