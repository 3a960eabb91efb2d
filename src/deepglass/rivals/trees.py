"""Trees on the columns of a table: gradient-boosted ones, and a forest of extremely randomised ones.

scikit-learn grows them; `Trees` walks them in PyTorch, so that they answer, export and are served like a network.

Friedman (2001), Greedy Function Approximation: A Gradient Boosting Machine, https://doi.org/10.1214/aos/1013203451;
Ke et al. (2017), LightGBM (histograms); Geurts, Ernst & Wehenkel (2006), Extremely Randomized Trees,
https://doi.org/10.1007/s10994-006-6226-1.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.state import require, require_between
from deepglass.rivals import Answering, Part, Rival, Rows, Time, held_out_answers

BOOSTED = {"learning_rate": 0.05, "max_leaf_nodes": 15, "max_iter": 500, "early_stopping": True, "n_iter_no_change": 15}
VALIDATION_SHARE = 0.15  # of the rows, which say when boosting stops
FOREST_TREES = 300
MOST_LEAVES = 300_000  # of a forest: twenty megabytes
FEWEST_TO_DIVIDE = 20  # rows that boosting divides into those that it learns and those that stop it
FIXED_ITERATIONS = 50  # where there are fewer
MANY_ROWS = 2000  # from which several processes grow a forest sooner than one
ONE_THREAD_ROWS = 10_000  # up to which one thread boosts: several wait for each other, on a busy machine for minutes


def boosted(rows: Rows, time: Time) -> Rival | None:
    """Gradient-boosted trees; None where there is no time for them."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if rows.num_classes is None else HistGradientBoostingClassifier
    settings = BOOSTED | {"validation_fraction": VALIDATION_SHARE, "random_state": 0}

    def make(target: np.ndarray) -> Any:
        rarest = len(target) if rows.num_classes is None else np.unique(target, return_counts=True)[1].min()
        can_divide = len(target) >= FEWEST_TO_DIVIDE and rarest >= 2
        return kind(**settings if can_divide else settings | {"early_stopping": False, "max_iter": FIXED_ITERATIONS})

    with _threads(len(rows.target)):
        return _grown("gradient-boosted trees", rows, time, make, of_boosting)


def forest(rows: Rows, time: Time) -> Rival | None:
    """Extremely randomised trees; None where there is no time for them."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    kind = ExtraTreesRegressor if rows.num_classes is None else ExtraTreesClassifier
    least = max(2, round(len(rows.target) / 1500))  # rows in a leaf
    trees = int(np.clip(MOST_LEAVES * least / len(rows.target), 50, FOREST_TREES))
    processes = -1 if len(rows.target) >= MANY_ROWS else 1
    settings = {"n_estimators": trees, "min_samples_leaf": least, "random_state": 0, "n_jobs": processes}
    return _grown("a forest of random trees", rows, time, lambda target: kind(**settings), of_forest)


def _threads(count: int) -> AbstractContextManager[Any]:
    """One thread of OpenMP for a table of so many rows, as many as there are for a large one.

    300 rows, a hundred trees, two processors that others use as well: 0.4 to 0.8 s with one thread, 9 to 52 s with two.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1 if count <= ONE_THREAD_ROWS else None, "openmp")


def _grown(
    name: str,
    rows: Rows,
    time: Time,
    make: Callable[[np.ndarray], Any],
    convert: Callable[[Any, int | None], "Trees"],
) -> Rival | None:
    """Fit without each part that is held out, then on all rows."""
    columns = np.concatenate([rows.inputs[0], rows.inputs[1].astype(np.float32)], axis=1)  # (N, F + n)

    def fit(at: np.ndarray) -> Answering:
        estimator = make(rows.target[at]).fit(columns[at], rows.target[at])
        return lambda others: _answers(estimator, columns[others], rows.num_classes)

    if time.is_up():
        return None
    answers = held_out_answers(rows, fit)
    return Rival(name, answers, convert(make(rows.target).fit(columns, rows.target), rows.num_classes))


def _answers(estimator: Any, columns: np.ndarray, num_classes: int | None) -> np.ndarray:
    if num_classes is None:
        return estimator.predict(columns)
    probs = np.zeros((len(columns), num_classes))
    probs[:, estimator.classes_] = estimator.predict_proba(columns)
    return probs


# -- trees in PyTorch -----------------------------------------------------------------------------------------------


@dataclass
class Nodes:
    """Trees written one after the other; a leaf is its own child.

    feature, left, right: (N,); threshold: (N,), the left way is taken up to it; value: (N, K) of leaves.
    roots: (T,); depth: steps from a root to the deepest leaf.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    roots: np.ndarray
    depth: int


class Trees(Part):
    """The sum over trees of the value of the leaf that a row reaches, and a constant; of shares their logarithm.

    Args:
        nodes: Of all trees.
        base: (K,) what is added to the sum.
        is_share: Whether the sum is made of probabilities, as in a forest; else of logits or values.

    Shape:
        - numeric: (B, F), codes: (B, n) int64
        - output: logits (B, K), or value (B, 1)
    """

    SETTINGS = ("depth", "is_share")

    def __init__(self, nodes: Nodes, base: np.ndarray, is_share: bool):
        super().__init__()
        self.depth, self.is_share = nodes.depth, is_share
        for name in ("feature", "left", "right", "roots"):
            self.register_buffer(name, torch.from_numpy(getattr(nodes, name).astype(np.int32)))
        self.register_buffer("threshold", torch.from_numpy(_rounded_down(nodes.threshold)))
        self.register_buffer("value", torch.from_numpy(nodes.value.astype(np.float32)))
        self.register_buffer("base", torch.from_numpy(np.asarray(base, np.float32)))

    def forward(self, numeric: Tensor, codes: Tensor) -> Tensor:
        columns = torch.cat([numeric, codes.to(numeric.dtype)], dim=1)  # (B, F + n)
        total = self.walked(columns) + self.base  # (B, K)
        return total.clamp(min=torch.finfo(total.dtype).tiny).log() if self.is_share else total

    def require_fit(self, *inputs: Tensor) -> None:
        """Every way leads to a node, and every node looks at a column that there is."""
        nodes, columns = len(self.feature), sum(part.shape[1] for part in inputs)
        require(type(self.is_share) is bool and type(self.depth) is int, "trees as they were grown")
        require_between(self.depth, 0, max(0, nodes - 1), "the depth of trees")
        require(len(self.threshold) == len(self.value) == nodes, "a threshold and a value of every node")
        for places, count in ((self.left, nodes), (self.right, nodes), (self.roots, nodes), (self.feature, columns)):
            require(not places.is_floating_point() and places.dim() == 1, "places of nodes and columns")
            require(not len(places) or 0 <= int(places.min()) <= int(places.max()) < count, "nodes that there are")
        require(len(self.left) == len(self.right) == nodes, "two ways from every node")

    def walked(self, columns: Tensor) -> Tensor:
        """(B, K) the sum of the leaves that are reached."""
        node = self.roots.long().unsqueeze(0).expand(columns.shape[0], -1)  # (B, T)
        for _ in range(self.depth):
            cell = columns.gather(1, self.feature[node].long())
            node = torch.where(cell <= self.threshold[node], self.left[node], self.right[node]).long()
        return self.value[node].sum(dim=1)


def of_boosting(estimator: Any, num_classes: int | None) -> Trees:
    """The trees of scikit-learn's histogram gradient boosting."""
    outputs = 1 if num_classes is None else num_classes
    parts, column_of = [], []
    for trees in estimator._predictors:
        for k, tree in enumerate(trees):
            nodes, is_leaf = tree.nodes, tree.nodes["is_leaf"].astype(bool)
            itself = np.arange(len(nodes))
            left, right = (np.where(is_leaf, itself, nodes[side]) for side in ("left", "right"))
            parts.append(
                (np.where(is_leaf, 0, nodes["feature_idx"]), nodes["num_threshold"], left, right, nodes["value"])
            )
            column_of.append(k if len(trees) > 1 else outputs - 1)  # of two classes the second has a tree
    values = []
    for (*_, value), k in zip(parts, column_of, strict=True):
        spread = np.zeros((len(value), outputs))
        spread[:, k] = value
        values.append(spread)
    base = np.zeros(outputs)
    base[-np.size(estimator._baseline_prediction) :] = np.ravel(estimator._baseline_prediction)
    joined = _joined([part[:4] for part in parts], values, outputs)
    return Trees(joined, base, is_share=False)


def of_forest(estimator: Any, num_classes: int | None) -> Trees:
    """The trees of a forest of scikit-learn: each counts for one of as many."""
    count, parts, values = len(estimator.estimators_), [], []
    for member in estimator.estimators_:
        tree = member.tree_
        is_leaf, itself = tree.children_left < 0, np.arange(tree.node_count)
        left, right = (np.where(is_leaf, itself, side) for side in (tree.children_left, tree.children_right))
        parts.append((np.where(is_leaf, 0, tree.feature), tree.threshold, left, right))
        values.append(_probs_of(tree.value, estimator, num_classes) / count)
    outputs = 1 if num_classes is None else num_classes
    return Trees(_joined(parts, values, outputs), np.zeros(outputs), is_share=num_classes is not None)


def _probs_of(value: np.ndarray, estimator: Any, num_classes: int | None) -> np.ndarray:
    """(nodes, K) of a tree: probabilities of all classes, or the value."""
    if num_classes is None:
        return value[:, 0, :]
    probs = np.zeros((len(value), num_classes))
    probs[:, estimator.classes_] = value[:, 0, :] / value[:, 0, :].sum(axis=1, keepdims=True)
    return probs


def _joined(parts: list[tuple[np.ndarray, ...]], values: list[np.ndarray], outputs: int) -> Nodes:
    """Trees one after the other."""
    if not parts:  # boosting that stopped at once
        zero = np.zeros(1, np.int64)
        return Nodes(zero, np.zeros(1), zero, zero, np.zeros((1, outputs)), zero, 0)
    sizes = [len(part[0]) for part in parts]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    feature, threshold = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    left, right = (np.concatenate([part[i] + root for part, root in zip(parts, roots)]) for i in (2, 3))
    depth = max(_depth_of(part[2], part[3]) for part in parts)
    return Nodes(feature, threshold, left, right, np.concatenate(values), roots, depth)


def _depth_of(left: np.ndarray, right: np.ndarray) -> int:
    """Steps from the root of a tree to its deepest leaf."""
    level, depth = np.array([0]), 0
    while len(level := level[left[level] != level]):
        level, depth = np.concatenate([left[level], right[level]]), depth + 1
    return depth


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """The largest numbers of 32 bits up to these: a number of 32 bits is then on the same side as before."""
    rounded = thresholds.astype(np.float32)
    above = rounded.astype(np.float64) > thresholds
    return np.where(above, np.nextafter(rounded, np.float32(-np.inf)), rounded)
