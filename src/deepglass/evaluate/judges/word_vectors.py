"""Word vectors: do words that stand near each other lie near each other, and do people find alike what lies near?"""

from typing import ClassVar

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, within
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.metrics.word_vectors import is_nearer
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "pair_accuracy": (
        "Pairs told apart",
        "higher",
        "share of words of unseen text that lie nearer to a word beside them than to one by chance; a coin: 50 %",
        True,
    ),
    "word_similarity": ("Word similarity", "higher", "Spearman's rank correlation with what people said of pairs"),
}


class Judge(BaseJudge):
    """Judges vectors by pairs of words."""

    counted = "pairs of words from text that training never saw"
    checks = (few_examples,)
    intended_use = "Tells which words are used alike in texts like the training text, its prejudices included."
    if_in_vain = "Give more text, train longer, or choose another --model."
    if_splits_differ = "the end of the text is not as what comes before. Mix its parts, or give more text."
    if_memorised: ClassVar[str] = ""  # pairs that are told apart are no loss that training made small

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of which pairs were told apart."""
        hits = [is_nearer(run["predictions"]) for run in (a, b)]
        return [bootstrapped("pair_accuracy", *hits, seed=seed)]

    def lead(self, test: Result, baseline: Result) -> str:
        """The result in one sentence."""
        name = test["headline"][0]
        value, chance = show(name, test[name]["value"]), within(name, test[name])
        if name == "word_similarity":
            known, count = test["count"], test["details"]["pairs"]
            ranked = f"Its cosines rank {known:,} of {count:,} rated pairs as people do"
            return f"{ranked}, by a correlation of {value}{chance}."
        trivial = (baseline.get(name) or {}).get("value")
        beside = f"; {baseline.get('name')} reaches {show(name, trivial)}" if trivial is not None else ""
        return f"It tells {value}{chance} of {test['count']:,} pairs of unseen text from pairs by chance{beside}."

    def next_command(self, run: str) -> tuple[str, str]:
        """Words are asked for their neighbours."""
        return "Ask for the words near a word", f"deepglass near {run} WORD"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Of people's judgements."""
        return "Hold it against rated pairs (word, word, rating)", f"deepglass evaluate {run} PAIRS"
