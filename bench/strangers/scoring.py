"""Losses with intervals, differences with intervals, ranks.

Rows are drawn again; of a series whole horizons, since neighbouring forecasts err together (moving blocks, Künsch 1989,
https://doi.org/10.1214/aos/1176347265).
"""

from collections import defaultdict
from typing import Any

import numpy as np

from bench.strangers.ours import ALONE, OURS

DRAWN = 1000
Losses = dict[str, np.ndarray]


def loss_of(losses: np.ndarray, is_squared: bool) -> float:
    """Their mean, or the root of it."""
    mean = float(np.nanmean(losses))
    return float(np.sqrt(mean)) if is_squared else mean


def scores(losses: Losses, is_squared: bool, block: int) -> dict[str, dict[str, Any]]:
    """Of each contender its loss with a 95 % interval, and how much more ours loses on the same rows.

    Args:
        losses: (n,) each, NaN where a row could not be judged.
        is_squared: Whether they are squared errors, of which the root of the mean counts.
        block: Neighbouring rows that are drawn together.
    """
    known = np.all([np.isfinite(each) for each in losses.values()], axis=0)
    losses = {name: each[known] for name, each in losses.items()}
    drawn = _drawn(int(known.sum()), block)
    means = {name: each[drawn].mean(axis=1) for name, each in losses.items()}
    means = {name: np.sqrt(mean) if is_squared else mean for name, mean in means.items()}
    found: dict[str, dict[str, Any]] = {}
    for name, each in losses.items():
        found[name] = {"loss": loss_of(each, is_squared), "interval": _interval(means[name])}
        if name != OURS and OURS in losses:
            found[name]["ours loses more"] = _interval(means[OURS] - means[name])
    return found


def _drawn(count: int, block: int) -> np.ndarray:
    """(DRAWN, n) positions."""
    rng, block = np.random.default_rng(0), max(1, min(block, count // 2))
    begins = rng.integers(0, count - block + 1, (DRAWN, -(-count // block)))
    return (begins[:, :, None] + np.arange(block)).reshape(DRAWN, -1)[:, :count]


def _interval(values: np.ndarray) -> list[float]:
    return [float(v) for v in np.percentile(values, [2.5, 97.5])]


def summed_up(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """For each kind of set: mean ranks, how often ours is clearly behind the best other, and by how much it is.

    Args:
        found: Set → seed → record.
    """
    kinds = defaultdict(dict)
    for name, rounds in found.items():
        kinds[next(iter(rounds.values()))["kind"]][name] = rounds
    return {kind: _of_kind(sets) for kind, sets in kinds.items()}


def _of_kind(sets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    ranks, behind, clearly = defaultdict(list), {}, []
    for name, rounds in sets.items():
        contenders = dict.fromkeys(c for record in rounds.values() for c in _contenders(record))
        mean = {c: _mean([record["scores"].get(c) for record in rounds.values()]) for c in contenders}
        others = {c: loss for c, loss in mean.items() if c not in (OURS, ALONE)}
        for contender, loss in mean.items():  # ours is ranked without its own network, and the network without ours
            without = OURS if contender == ALONE else ALONE
            ranks[contender].append(1 + sum(other < loss for rival, other in mean.items() if rival != without))
        best = min(others, key=others.__getitem__)
        behind[name] = f"{100 * (mean[OURS] / others[best] - 1):+.1f} % ({best})"
        ends = [record["scores"][best].get("ours loses more") for record in rounds.values()]
        clearly += [name] * bool(None in ends or np.mean([end[0] for end in ends]) > 0)
    return {
        "sets": len(sets),
        "mean rank": {contender: round(float(np.mean(each)), 2) for contender, each in ranks.items()},
        "first": {contender: each.count(1) for contender, each in ranks.items()},
        "ours against the best other": behind,
        "clearly behind": clearly,
    }


def _contenders(record: dict[str, Any]) -> tuple[str, ...]:
    """All that took part, those that failed included."""
    return (OURS, ALONE, *record.get("took", ()), *record["scores"])


def _mean(scores: list[dict[str, Any] | None]) -> float:
    """The loss over the seeds; a contender that failed in one of them has lost."""
    return float("inf") if None in scores else float(np.mean([score["loss"] for score in scores if score]))
