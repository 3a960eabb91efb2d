"""Written sentences: how near they are to the true ones, and how long, beside those."""

from typing import ClassVar

import numpy as np

from deepglass.core.wording import counted
from deepglass.evaluate.bleu import bleu_of
from deepglass.evaluate.chrf import chrf_of
from deepglass.evaluate.intervals import percentile_interval, resampled_means
from deepglass.evaluate.judges import Arrays, BaseJudge, Result
from deepglass.evaluate.paired import RESAMPLES
from deepglass.evaluate.scores import score, show_interval

METRICS = {
    "bleu": ("BLEU", "higher", "how many runs of one to four words are right; 100 is the very same text"),
    "chrf": ("chrF", "higher", "how many runs of one to six characters are right; 100 is the very same text"),
    "exact_match": ("Exact match", "higher", "how many sentences are the very same", True),
}
FEW_SENTENCES = 50  # below, the interval over sentences is a guess itself
SHORT, LONG = 0.8, 1.25  # words written for every true one
SAME = 0.1  # different sentences that were written for every different one that is true


def too_short(test: Result, chosen: Result) -> str | None:
    """It stops too soon, or does not stop."""
    details = test["details"]
    ratio = details["words"] / max(details["true_words"], 1)
    if SHORT <= ratio <= LONG:
        return None
    what = "stops too soon" if ratio < SHORT else "goes on too long"
    return f"It writes {ratio:.2f} words for every true one: it {what}. Train longer, or on more sentences."


def always_the_same(test: Result, chosen: Result) -> str | None:
    """Whatever it is given, it writes one of a few sentences."""
    count, different, true = test["count"], test["details"]["different"], test["details"]["true_different"]
    if count < FEW_SENTENCES or true == 1 or different > max(1, SAME * true):
        return None
    return (
        f"It writes {counted(different, 'different sentence')} for {count:,} inputs, where {true:,} are true: it has "
        "not learnt to look at them yet."
    )


def few_sentences(test: Result, chosen: Result) -> str | None:
    """So few sentences that the scores could be luck."""
    if test["count"] >= FEW_SENTENCES:
        return None
    interval = show_interval("bleu", test["bleu"])
    said = f": BLEU may be anywhere from {interval}, and that is a guess itself" if interval else ""
    return f"Only {test['count']} test sentences{said}. Use a larger --test-fraction, or more of them."


class Judge(BaseJudge):
    """Judges written sentences."""

    checks = (too_short, always_the_same, few_sentences)
    lead_score = "bleu"
    lead_sentence = "It reaches a BLEU of {value} on {count} sentences that it had never seen{within}"
    intended_use: ClassVar[str] = (
        "Sentences like those of the training: of other subjects it writes fluent nonsense. Somebody who knows both "
        "sides reads what matters."
    )
    if_in_vain: ClassVar[str] = "Train longer, or on more sentences."
    if_memorised: ClassVar[str] = "Try a larger --dropout, --label-smoothing 0.1, a smaller --model, or more sentences."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap over the sentences that both were given: BLEU and chrF of each resample."""
        return [
            _paired("bleu", a["bleu"], b["bleu"], bleu_of, seed),
            _paired("chrf", a["chrf"], b["chrf"], chrf_of, seed),
        ]

    def notes(self, test: Result) -> list[str]:
        """How the scores were made."""
        found = test["details"].get("signatures")
        return [f"BLEU as sacrebleu has it, {found['bleu']}"] if found else []

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The best and the worst sentences."""
        examples = metrics["test"]["details"].get("examples") or []
        rows = [[f"{one['chrf']:.1f}", one["written"], one["true"]] for one in examples]
        table = {
            "title": "Best and worst sentences",
            "note": "By chrF of each sentence.",
            "columns": ["chrF", "written", "true"],
            "rows": rows,
        }
        return {"figures": [], "tables": [table] if rows else []}


def _paired(measure: str, a: np.ndarray, b: np.ndarray, score_of, seed: int) -> Result:
    """One measure of two models on the same sentences."""
    both = np.concatenate([a, b], axis=1).astype(np.float64)
    sums = np.round(resampled_means(both, resamples=RESAMPLES, seed=seed) * len(both), 6)
    samples = score_of(sums[:, : a.shape[1]]) - score_of(sums[:, a.shape[1] :])
    one, other = float(score_of(a.sum(axis=0))), float(score_of(b.sum(axis=0)))
    opposite = min((samples <= 0).sum(), (samples >= 0).sum())
    return {
        "measure": measure,
        "a": one,
        "b": other,
        "test": "paired bootstrap",
        "difference": score(one - other, percentile_interval(samples)),
        "p_value": min(1.0, 2 * (int(opposite) + 1) / (len(samples) + 1)),
    }
