"""The drift watch: do the inputs still look like those of training? Sums are kept, inputs are not.

    numbers, dates, series    how far the mean has moved, in standard deviations of training
    pictures                  the same of their brightness
    texts                     the same of their length in tokens
    categories                the population stability index Σ (p − q)·ln(p/q) of the shares

What training saw is in the schema, as `statistics` of each input: {"mean", "std"}, or {"shares": {category: share}}.

Welford (1962), Note on a Method for Calculating Corrected Sums of Squares and Products,
https://doi.org/10.1080/00401706.1962.10490022; Yurdakul (2018), Statistical Properties of Population Stability Index,
https://scholarworks.wmich.edu/dissertations/3208
"""

import math
from collections import Counter
from typing import Any, Protocol

import numpy as np

from deepglass.deploy.runtime.fields import Field
from deepglass.deploy.serve.tensors import Tensors

ENOUGH = 100  # values before anything is claimed: below, chance alone moves a mean by a tenth of a deviation
SHIFTED = 0.5  # standard deviations; Cohen's "medium" effect
UNSTABLE = 0.25  # of the index; the usual line above which a distribution counts as another one
FARTHEST = 1000  # standard deviations that one value counts for at most: 1e300 shall not blind the watch for ever
OTHER = "other"  # levels of training that were too many to be kept, and those that training did not know
LEAST_SHARE = 1e-4  # stands for none at all, whose logarithm there is not


class Watch(Protocol):
    """Follows one input."""

    count: int
    limit: float

    def observe(self, values: np.ndarray) -> None:
        """Add values to the sums."""
        ...

    def distance(self) -> float:
        """From training: 0 where nothing has changed."""
        ...

    def now(self) -> dict[str, Any]:
        """The same statistics as in training, of what came."""
        ...


class Moments:
    """Mean and standard deviation as they stream by."""

    limit = SHIFTED

    def __init__(self, statistics: dict[str, float]):
        self.mean_then, self.std_then = statistics["mean"], statistics["std"]
        self.reach = FARTHEST * self.std_then or 1.0
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def observe(self, values: np.ndarray) -> None:
        """Add a batch at once, by the formula for two parts of a sample; empty cells are passed over."""
        values = values[np.isfinite(values)].clip(self.mean_then - self.reach, self.mean_then + self.reach)
        if not len(values):
            return
        total, mean = self.count + len(values), float(values.mean())
        gap = mean - self.mean
        self.squares += float(((values - mean) ** 2).sum()) + gap * gap * self.count * len(values) / total
        self.mean += gap * len(values) / total
        self.count = total

    def distance(self) -> float:
        """|mean now − mean then| / deviation then."""
        gap = abs(self.mean - self.mean_then)
        return gap / self.std_then if self.std_then > 0 else float(gap > 0)

    def now(self) -> dict[str, Any]:
        """Mean and standard deviation of what came."""
        return {"mean": self.mean, "std": math.sqrt(self.squares / self.count) if self.count else 0.0}


class Shares:
    """How often each category came; what training did not know counts together."""

    limit = UNSTABLE

    def __init__(self, statistics: dict[str, Any]):
        self.shares_then: dict[str, float] = dict(statistics["shares"])
        self.shares_then[OTHER] = max(0.0, 1 - sum(self.shares_then.values())) + self.shares_then.get(OTHER, 0.0)
        self.counts: Counter[str] = Counter()
        self.count = 0

    def observe(self, values: np.ndarray) -> None:
        """Count a batch."""
        self.counts.update(value if value in self.shares_then else OTHER for value in values.tolist())
        self.count += len(values)

    def distance(self) -> float:
        """The population stability index."""
        now, names = self.now()["shares"], {*self.shares_then, *self.counts}
        pairs = [(now.get(name, 0.0), self.shares_then.get(name, 0.0)) for name in names]
        pairs = [(max(p, LEAST_SHARE), max(q, LEAST_SHARE)) for p, q in pairs]
        return sum((p - q) * math.log(p / q) for p, q in pairs)

    def now(self) -> dict[str, Any]:
        """Shares of what came."""
        return {"shares": {name: count / self.count for name, count in sorted(self.counts.items())}}


class DriftWatch:
    """Follows the inputs of one model; those without statistics of training are named and not judged."""

    def __init__(self, fields: list[Field]):
        self.fields, self.inputs = fields, [field.described for field in fields]
        self.watches: dict[str, Watch] = {}
        for field in fields:
            statistics = field.described.get("statistics") or {}
            if "shares" in statistics:
                self.watches[field.name] = Shares(statistics)
            elif "mean" in statistics:
                self.watches[field.name] = Moments(statistics)

    def observe(self, tensors: Tensors) -> None:
        """Add a batch of tensors of the graph; called in the thread that computes."""
        for place, field in enumerate(self.fields):
            if watch := self.watches.get(field.name):
                watch.observe(field.watched(tensors[field.described["tensor"]], self._column(place)))

    def report(self) -> list[dict[str, Any]]:
        """One record an input: how far it is from training, and whether that is far."""
        return [self._record(described) for described in self.inputs]

    def _column(self, place: int) -> int:
        """Which column of its tensor an input is: series share one."""
        earlier = (other for other in self.inputs[:place] if other["tensor"] == self.inputs[place]["tensor"])
        return sum(other.get("width", 1) for other in earlier)

    def _record(self, described: dict[str, Any]) -> dict[str, Any]:
        name, then = described["name"], described.get("statistics")
        watch = self.watches.get(name)
        if watch is None:
            return {"input": name, "count": 0, "distance": None, "has_drifted": None, "training": None, "now": None}
        distance, is_enough = watch.distance() if watch.count else 0.0, watch.count >= ENOUGH
        judged = {"distance": distance, "has_drifted": distance > watch.limit if is_enough else None}
        return {"input": name, "count": watch.count, **judged, "training": then, "now": watch.now()}
