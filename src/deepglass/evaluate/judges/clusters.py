"""Clusters: how well they recover labels that only judge, how far apart they are, and how sure their number is."""

from typing import Any, ClassVar

import numpy as np

from deepglass.core.errors import DataError
from deepglass.evaluate import number_of_clusters
from deepglass.evaluate.code_map import drawn
from deepglass.evaluate.intervals import resampled_counts
from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures, within
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.metrics.clusters import adjusted_rand, moved_back
from deepglass.evaluate.paired import RESAMPLES
from deepglass.evaluate.scores import number, score, show

METRICS = {  # name → title, better, meaning, whether it is a share
    "adjusted_rand_index": (
        "ARI",
        "higher",
        "pairs that clusters and labels treat alike: 0 is chance and 1 is the same",
    ),
    "normalised_mutual_info": ("NMI", "higher", "what clusters tell of the labels: 0 is nothing and 1 is all"),
    "silhouette": (
        "Silhouette",
        "higher",
        "how much nearer its own cluster is than the next: 1 is best, below 0 wrong",
    ),
}
COMMONEST = 3  # labels of a cluster that are named


def number_not_settled(test: Result, chosen: Result) -> str | None:
    """Another number of clusters does as well."""
    tried = test["details"].get("tried")
    if not tried or not (others := number_of_clusters.level(tried)):
        return None
    best, also = number_of_clusters.best(tried), ", ".join(map(str, others))
    return (
        f"{best} clusters were guessed, and the silhouette does not tell them from {also}: the folds differ by more. "
        "If you know how many groups there are, say so with --clusters."
    )


class Judge(BaseJudge):
    """Judges clusters."""

    checks = (number_not_settled, few_examples)
    lead_score = "adjusted_rand_index"
    lead_sentence = (
        "Its clusters agree with labels that it was not shown to an ARI of {value}, of {count} new examples{within}"
    )
    intended_use: ClassVar[str] = "Grouping examples that look like the training data."
    unintended_use: ClassVar[str] = (
        "Clusters are what k-means finds in codes; that they mean something is not shown by it."
    )
    if_in_vain: ClassVar[str] = "Ask for another number of --clusters, a smaller --code-dim, or train longer."

    def lead(self, test: Result, baseline: Result) -> str:
        """Without labels the silhouette."""
        value, trivial = test.get("silhouette") or {}, (baseline.get("silhouette") or {}).get("value")
        if test.get(self.lead_score) or value.get("value") is None:
            return super().lead(test, baseline)
        shown = f"{show('silhouette', value['value'])} of {test['count']:,} examples that it had never seen"
        text = f"Its clusters have a silhouette of {shown}{within('silhouette', value)}"
        if not baseline:
            return f"{text}."
        beside = f", reach {show('silhouette', trivial)} in the inputs" if trivial is not None else ""
        return f"{text}; the baseline, {baseline['name']}{beside}."

    def notes(self, test: Result) -> list[str]:
        """How many clusters there are, and who says so."""
        details = test["details"]
        if not details.get("clusters"):
            return []
        tried, said = details.get("tried"), f"{details['clusters']} clusters (--clusters)"
        if tried:
            each = ", ".join(f"{one['k']}: {one['silhouette']:.2f} ± {one['spread']:.2f}" for one in tried)
            said = f"{details['clusters']} clusters, guessed by the silhouette of codes left out ({each}); --clusters N"
        if test.get("adjusted_rand_index"):
            return [said]
        return [said, "no labels: whether the clusters are groups that anybody knows cannot be told (--target)"]

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the difference of both ARI.

        Raises:
            DataError: If no labels tell which of the two is right.
        """
        known = a["targets"] >= 0
        if len(np.unique(a["targets"][known])) < 2:
            raise DataError(
                "expected test examples of two labels or more, to tell which of two runs groups them better: evaluate "
                "both on labelled data, with --target COLUMN in their training"
            )
        groups = np.unique(a["targets"][known], return_inverse=True)[1]
        mine, theirs = (one["predictions"][known].argmin(axis=1) for one in (a, b))
        return [_of_ari(mine, theirs, groups, seed)]

    def next_command(self, run: str) -> tuple[str, str]:
        """It says of new examples where they belong."""
        return "Put new examples into the clusters", f"deepglass predict {run} YOUR_DATA"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Nothing needs a label."""
        return "Test it on other data", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """What is in each cluster, the map of the codes, and the silhouette of each number that was tried."""
        away, details = outputs.get("predictions"), metrics["test"].get("details") or {}
        if away is None or away.ndim != 2 or len(away) < 3:
            return {}
        found, codes = [], outputs.get("codes")
        if codes is not None:
            names = [str(place + 1) for place in range(away.shape[1])]
            found.append(
                ("A map of the test examples by their codes, and their clusters", drawn(codes, away.argmin(1), names))
            )
        if tried := details.get("tried"):
            found.append(("How many clusters? The silhouette of codes that the centres have not seen", _of_each(tried)))
        return {"figures": figures(found), "tables": [_contents(away, outputs["targets"], details.get("groups") or [])]}


def _of_ari(mine: np.ndarray, theirs: np.ndarray, groups: np.ndarray, seed: int) -> Result:
    """A record of the ARI of two clusterings of the same examples (N,)."""
    counts = np.zeros((mine.max() + 1, theirs.max() + 1, groups.max() + 1))
    np.add.at(counts, (mine, theirs, groups), 1)
    drawn = resampled_counts(counts.ravel(), resamples=RESAMPLES, rng=np.random.default_rng(seed))
    drawn = drawn.reshape(-1, *counts.shape)  # (resamples, k, l, g)
    a, b = (float(adjusted_rand(counts.sum(axis=axis))) for axis in (1, 0))
    apart = adjusted_rand(drawn.sum(axis=2)) - adjusted_rand(drawn.sum(axis=1))
    moved = apart - apart.mean() + (a - b)
    opposite = min((moved <= 0).sum(), (moved >= 0).sum())
    return {
        "measure": "adjusted_rand_index", "a": a, "b": b, "test": "paired bootstrap",
        "difference": score(a - b, moved_back(a - b, apart)),
        "p_value": min(1.0, 2 * (int(opposite) + 1) / (len(moved) + 1)),
    }  # fmt: skip


def _contents(away: np.ndarray, truth: np.ndarray, names: list[str]) -> Result:
    """A table of the clusters: how many examples, how far from the centre, and which labels they have."""
    assigned, rows = away.argmin(axis=1), []
    for place in range(away.shape[1]):
        mine = assigned == place
        labels = np.bincount(truth[mine & (truth >= 0)], minlength=len(names)) if names else np.zeros(0)
        most = [at for at in np.argsort(-labels, kind="stable")[:COMMONEST] if labels[at]]
        named = ", ".join(f"{names[at]} {labels[at] / labels.sum():.0%}" for at in most)
        far = number(float(away[mine, place].mean())) if mine.any() else "–"
        rows.append([str(place + 1), f"{mine.sum():,}", far, *([named or "–"] if names else [])])
    columns = ["cluster", "examples", "mean distance from its centre", *(["most frequent labels"] if names else [])]
    note = "The labels were not learnt from." if names else "The largest cluster of the training is the first."
    return {"title": "What is in the clusters", "note": note, "columns": columns, "rows": rows}


def _of_each(tried: list[number_of_clusters.Tried]) -> Any:
    """The silhouette of each number of clusters, with how much the folds differ."""
    from deepglass.evaluate.svg import INK, MODEL, draw  # matplotlib takes its time

    ks, means, spreads = (np.array([one[name] for one in tried]) for name in ("k", "silhouette", "spread"))

    def paint(axes: Any) -> None:
        axes.errorbar(ks, means, yerr=spreads, color=MODEL, marker="o", capsize=3)
        axes.axvline(number_of_clusters.best(tried), color=INK, linestyle="--", linewidth=1.2)
        axes.set(xlabel="clusters", ylabel="silhouette", xticks=ks)

    told = ", ".join(f"{k:.0f}: {mean:.2f} ± {spread:.2f}" for k, mean, spread in zip(ks, means, spreads))
    return draw(paint, f"Silhouette by number of clusters, mean and spread of the folds: {told}")
