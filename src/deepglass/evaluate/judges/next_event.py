"""Next events: how often what came next led the list, and how far up it stood."""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.metrics.next_event import CUTS, NAMES, mean_of, shares_of_total
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show_interval

METRICS = {  # name → title, better, meaning, whether it is a share
    "hit_at_1": ("Next event right", "higher", "how often the first of the list is what came next (hit@1)", True),
    "hit_at_5": ("Among the first five", "higher", "how often what came next is in the first five (hit@5)", True),
    "hit_at_10": ("Among the first ten", "higher", "how often what came next is in the first ten (hit@10)", True),
    "reciprocal_rank": ("Mean reciprocal rank", "higher", "mean of 1/rank of what came next: 0.5 is the second place"),
    "nats_per_event": ("Surprise per event", "lower", "−log of the probability of what came next, in nats"),
}
FEW_SESSIONS = 100  # below, the interval over sessions is a guess itself


def few_sessions(test: Result, chosen: Result) -> str | None:
    """So few sessions that the scores could be luck."""
    if test["count"] >= FEW_SESSIONS:
        return None
    interval = show_interval("hit_at_1", test["hit_at_1"])
    range_ = f": hit@1 may be anywhere from {interval}" if interval else ""
    return f"Only {test['count']} sessions are judged{range_}. Give more sessions, or a larger --test-fraction."


class Judge(BaseJudge):
    """Judges lists of what may come next by what came."""

    counted = "sessions that training never saw"
    checks = (few_sessions,)
    lead_score = "hit_at_1"
    lead_sentence = "In {count} sessions that it never saw, it names the next event rightly {value} of the time{within}"
    intended_use: ClassVar[str] = (
        "Says what comes next in sessions like those of the training, in the same place and of the same time."
    )
    unintended_use: ClassVar[str] = (
        "Not to decide about the people behind the sessions. Pages, prices and habits change: what is shown because it "
        "was foreseen becomes what is done next, and the next training learns from that."
    )
    if_in_vain = "Give more sessions, check the order (--time-column), try --model sasrec, or train longer."
    if_splits_differ = "later sessions differ from those before: habits move. Train again more often."
    if_memorised: ClassVar[str] = "Try a larger --dropout, a smaller --hidden-size, or more sessions."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap over the same sessions."""
        both = [shares_of_total(one["predictions"], one["steps"]) for one in (a, b)]
        return [bootstrapped(name, both[0][:, i], both[1][:, i], seed=seed) for i, name in enumerate(NAMES)]

    def notes(self, test: Result) -> list[str]:
        """How many places were asked."""
        return [f"Asked at {test['details']['places']:,} places: behind every event of a session but the last"]

    def next_command(self, run: str) -> tuple[str, str]:
        """A session is gone on with."""
        return "Say what comes next in a session", f'deepglass predict {run} "EVENT EVENT"'

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Other sessions."""
        return "Test it on other sessions", f"deepglass evaluate {run} OTHER_SESSIONS"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """How long a list must be."""
        if outputs.get("steps") is None:
            return {}
        return {"figures": figures([("How often the next event is in the list", _found_by(outputs, metrics))])}


def _found_by(outputs: Arrays, metrics: Result) -> Any:
    """Bars of hit@1, 5 and 10 beside those of the baseline and the rival."""
    from deepglass.evaluate.svg import MODEL, draw  # matplotlib takes its time

    own = mean_of(outputs["predictions"], outputs["steps"])[: len(CUTS)]
    others = [("baseline", "lightgray"), ("rival", "gray")]
    rows = [("this run", MODEL, own)]
    for part, colour in others:
        known = metrics.get(part) or {}
        if known.get("name") and (known.get("hit_at_1") or {}).get("value") is not None:
            values = [known[name]["value"] if known.get(name) else np.nan for name in NAMES[: len(CUTS)]]
            rows.insert(0, (known["name"], colour, np.array(values, float)))
    width = 0.8 / len(rows)

    def paint(axes: Any) -> None:
        for i, (name, colour, values) in enumerate(rows):
            axes.bar(np.arange(len(CUTS)) + i * width, values, width, label=name, color=colour)
        axes.set_xticks(np.arange(len(CUTS)) + (len(rows) - 1) * width / 2, [f"first {cut}" for cut in CUTS])
        axes.set(ylabel="share of places", ylim=(0, 1.02))
        axes.legend(loc="upper left")

    return draw(paint, f"It leads the list at {own[0]:.0%} of places, and is in the first ten at {own[2]:.0%}")
