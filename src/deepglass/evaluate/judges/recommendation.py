"""Recommendations: how far up everybody's list stands what they took next."""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.metrics.recommendation import LIST, POPULAR, hits, ndcg
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show, show_interval

METRICS = {  # name → title, better, meaning, whether it is a share
    "ndcg_at_10": ("nDCG@10", "higher", "1 where what came next leads the list, less below it, 0 behind ten"),
    "hit_rate_at_10": ("Hit rate at 10", "higher", "how often what came next is in the first ten of all items", True),
    "mrr": ("Mean reciprocal rank", "higher", "mean of 1/rank of what came next: 0.5 is the second place"),
    "catalogue_coverage": ("Catalogue covered", "higher", "items that are in anybody's first ten, of all", True),
}
FEW_USERS = 100  # below, the interval over users is a guess itself
NARROW = 0.9  # of what is recommended is among the tenth of the catalogue that most took


def same_for_all(test: Result, chosen: Result) -> str | None:
    """Lists that hold little else than what everybody takes."""
    share = test["details"]["popular_share"]
    if share < NARROW or test["details"]["items"] < 10 * LIST:
        return None
    return (
        f"{share:.0%} of what it recommends is among the {POPULAR:.0%} of items that most took anyway: what is rare is "
        "hardly ever found. More events per user, or a smaller --min-rating, tell tastes apart."
    )


def few_users(test: Result, chosen: Result) -> str | None:
    """So few users that the scores could be luck."""
    if test["count"] >= FEW_USERS:
        return None
    interval = show_interval("ndcg_at_10", test["ndcg_at_10"])
    range_ = f": nDCG@10 may be anywhere from {interval}" if interval else ""
    return f"Only {test['count']} users are judged{range_}. Give more users, or a larger --leave-out."


class Judge(BaseJudge):
    """Judges lists by what their users took next."""

    counted = "users whose last events training never saw"
    checks = (same_for_all, few_users)
    lead_score = "ndcg_at_10"
    lead_sentence = (
        "Of all items that {count} users did not have, it ranks the next one with an nDCG@10 of {value}{within}"
    )
    intended_use: ClassVar[str] = (
        "Suggests items to users like those of the training. It holds what every one of them took: keep the run folder "
        "as you keep these data."
    )
    unintended_use: ClassVar[str] = (
        "Not to find out about people what they did not tell. A list that is followed becomes the data of the next "
        "training: what is popular grows more popular, and taste cannot be told from habit then. Show other items, too."
    )
    if_in_vain = "Give more events per user, check the order (--time-column), or train longer."
    if_splits_differ = "the last events differ from those before: tastes move. Train again more often."
    if_memorised: ClassVar[str] = "Try a larger --dropout, a smaller --code-dim, or more users."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap over the same users."""
        measures = (("ndcg_at_10", ndcg), ("hit_rate_at_10", hits))
        return [bootstrapped(name, of(a["predictions"]), of(b["predictions"]), seed=seed) for name, of in measures]

    def notes(self, test: Result) -> list[str]:
        """How much of the catalogue is ever shown."""
        covered, details = test["catalogue_coverage"]["value"], test["details"]
        return [
            f"Its first ten of all users hold {show('catalogue_coverage', covered)} of the {details['items']:,} items; "
            f"{details['popular_share']:.0%} of them are among the {POPULAR:.0%} that most took"
        ]

    def next_command(self, run: str) -> tuple[str, str]:
        """Somebody is recommended something."""
        return "Recommend items to a user", f"deepglass recommend {run} USER"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """The last events of other histories are asked for."""
        return "Test it on the histories of other users", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """How far up the held-out items stand."""
        if outputs.get("targets") is None:
            return {}
        drawn = _found_by(outputs["predictions"], metrics)
        return {"figures": figures([("Where what came next stands in the list", drawn)])}


def _found_by(ranks: np.ndarray, metrics: Result) -> Any:
    """Share of users of whom an item was found, by the length of the list."""
    from deepglass.evaluate.svg import MODEL, draw  # matplotlib takes its time

    best, most = np.sort(ranks.min(axis=1)), metrics["test"]["details"]["items"]
    lengths = np.unique(np.geomspace(1, max(most, 2), 60).round())
    shares = np.searchsorted(best, lengths, side="right") / len(best)

    def paint(axes: Any) -> None:
        axes.plot(lengths, shares, color=MODEL, label="this run")
        axes.plot(lengths, lengths / most, color="gray", linestyle=":", label="a list by lot")
        axes.set(xlabel="length of the list", ylabel="users who find their next item", xscale="log", ylim=(0, 1.02))
        axes.legend(loc="upper left")

    return draw(paint, f"{shares[np.searchsorted(lengths, LIST)]:.0%} of users find it in a list of ten of {most:,}")
