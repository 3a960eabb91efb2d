"""Language models: how surprised they are by what comes next."""

from deepglass.evaluate.judges import Arrays, BaseJudge, Result
from deepglass.evaluate.metrics.language import FEWEST_WINDOWS
from deepglass.evaluate.paired import bootstrapped


def few_windows(test: Result, chosen: Result) -> str | None:
    """So little text that nothing can be said of other text."""
    if test["count"] >= FEWEST_WINDOWS:
        return None
    windows = "one window" if test["count"] == 1 else f"{test['count']} windows"
    return (
        f"Judged on {windows} of text with {test['details']['tokens']:,} tokens: too short to tell how good it is on "
        "other text. Give a longer one, or a smaller --context."
    )


class Judge(BaseJudge):
    """Judges the losses of windows of text."""

    checks = (few_windows,)
    lead_score = "perplexity"
    lead_sentence = "It guesses as if among {value} equally likely tokens{within}"
    intended_use = "Continues text in the manner of the text it was trained on. It does not know facts."
    if_in_vain = "Give more text, train longer, or choose another --model."
    if_splits_differ = "the end of the text is not as what comes before. Mix its parts, or give more text."
    if_memorised = "Try a larger --dropout or --weight-decay, a smaller --model, or more text."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the losses."""
        return [bootstrapped("loss", a["losses"], b["losses"], seed=seed)]

    def next_command(self, run: str) -> tuple[str, str]:
        """Language models write."""
        return "Write text with it", f'deepglass generate {run} --prompt "Once"'
