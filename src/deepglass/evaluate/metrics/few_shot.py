"""How often pictures of new classes are named rightly from a few known ones.

An *episode* draws classes at random (its *ways*), of each class some pictures that are known (the *shots*) and some
that are to be named (the *queries*). Its accuracy is the share of queries that get their own class; chance is 1 / ways.

Of many episodes the mean is given with mean ± 1.96·s/√n. The interval is about other episodes of the same classes, as
the field gives it; how other classes would do, it does not say.

References:
    Vinyals et al. (2016), Matching Networks for One Shot Learning, https://arxiv.org/abs/1606.04080
    Snell, Swersky & Zemel (2017), Prototypical Networks, https://arxiv.org/abs/1703.05175 (600 episodes, this interval)
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.class_episodes import Shape, members_of
from deepglass.evaluate.scores import score

EPISODES = 600
FEWER = 200  # of each other number of shots and ways that the report draws
AT_ONCE = 50  # episodes
OTHER_SHOTS, OTHER_WAYS = (1, 2, 5, 10), (2, 5, 10, 20)
WITHIN_95 = 1.96  # standard errors of the mean
Scores = Callable[[Tensor, Tensor, Tensor], Tensor]  # a rule: support, members, queries → logits


@dataclass(frozen=True)
class Episodes:
    """Positions of pictures, class after class.

    shape: Of each. support: (E, ways·shots). queries: (E, ways·queries).
    """

    shape: Shape
    support: np.ndarray
    queries: np.ndarray

    def truth(self) -> np.ndarray:
        """(ways·queries,) the class of each query in its episode."""
        return np.repeat(np.arange(self.shape.ways), self.shape.queries)


def drawn(
    classes: np.ndarray, shape: Shape, count: int = EPISODES, seed: int = 0, groups: np.ndarray | None = None
) -> Episodes | None:
    """Episodes of some pictures, always the same for a seed; None where there are too few classes or pictures.

    Args:
        classes: (N,) of each picture.
        shape: Of an episode, as far as the pictures allow (`Shape.fitted`).
        count: E.
        seed: Of the draws.
        groups: (N,) what the classes of an episode share, such as an alphabet; None draws from all.
    """
    names, place = np.unique(classes, return_inverse=True)
    counts = np.bincount(place, minlength=len(names))
    shape = shape.fitted(torch.from_numpy(counts))
    if shape.ways < 2 or shape.queries < 1:
        return None
    rows = np.split(np.argsort(place, kind="stable"), np.cumsum(counts)[:-1])
    able = np.flatnonzero(counts >= shape.each)
    of_class = np.zeros(len(names), int) if groups is None else np.unique(groups, return_inverse=True)[1][
        [one[0] for one in rows]
    ]  # fmt: skip
    pools = [pool for group in np.unique(of_class) if len(pool := able[of_class[able] == group]) >= shape.ways]
    if not pools:
        return None
    rng, found = np.random.default_rng(seed), []
    for _ in range(count):
        chosen = rng.choice(pools[rng.integers(len(pools))], shape.ways, replace=False)
        found.append([rng.permutation(rows[one])[: shape.each] for one in chosen])
    whole = np.array(found)  # (E, ways, each)
    support, queries = whole[:, :, : shape.shots], whole[:, :, shape.shots :]
    return Episodes(shape, support.reshape(count, -1), queries.reshape(count, -1))


@torch.no_grad()
def named(embeddings: np.ndarray, episodes: Episodes, scores: Scores) -> np.ndarray:
    """(E, ways·queries) which class of its episode every query gets.

    Args:
        embeddings: (N, D) of all pictures.
        episodes: Of these.
        scores: The rule by which known pictures name others.
    """
    vectors, members, found = torch.from_numpy(embeddings).float(), members_of(episodes.shape), []
    for begin in range(0, len(episodes.queries), AT_ONCE):
        support, queries = (
            vectors[torch.from_numpy(part[begin : begin + AT_ONCE])] for part in (episodes.support, episodes.queries)
        )
        found.append(scores(support, members.expand(len(support), -1, -1), queries).argmax(dim=2))
    return torch.cat(found).numpy()


def accuracy(embeddings: np.ndarray, episodes: Episodes | None, scores: Scores) -> dict[str, float | None]:
    """The mean over episodes and its interval; without a value where there are no episodes."""
    if episodes is None:
        return score(None)
    each = (named(embeddings, episodes, scores) == episodes.truth()).mean(axis=1)  # (E,)
    return mean_of(each)


def mean_of(each: np.ndarray) -> dict[str, float | None]:
    """The mean of the accuracies (E,) of episodes, ± 1.96 standard errors, within 0 and 1."""
    mean = float(each.mean())
    if len(each) < 2:
        return score(mean)
    off = WITHIN_95 * float(each.std(ddof=1)) / len(each) ** 0.5
    return score(mean, (max(0.0, mean - off), min(1.0, mean + off)))


def errors(embeddings: np.ndarray, episodes: Episodes | None, scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """Of every picture how often it was named wrongly where it was asked, 0 where it never was; and, of the last time
    that it was, a picture of the class that it was taken for, else itself.

    Returns:
        Shares (N,) and positions (N,).
    """
    count = len(embeddings)
    taken_for = np.arange(count)
    if episodes is None:
        return np.zeros(count), taken_for
    said, truth = named(embeddings, episodes, scores), episodes.truth()
    wrong, asked = np.zeros(count), np.zeros(count)
    np.add.at(asked, episodes.queries, 1)
    np.add.at(wrong, episodes.queries, said != truth)
    first = np.take_along_axis(episodes.support, said * episodes.shape.shots, axis=1)  # (E, ways·queries)
    is_wrong = said != truth
    taken_for[episodes.queries[is_wrong]] = first[is_wrong]
    return wrong / np.maximum(asked, 1), taken_for


def evaluate(
    embeddings: np.ndarray, classes: np.ndarray, scores: Scores, shape: Shape, *, seed: int = 0
) -> dict[str, Any]:
    """The accuracy over 600 episodes, and over fewer with other numbers of shots and of ways.

    Args:
        embeddings: (N, D).
        classes: (N,) int.
        scores: The rule by which known pictures name others.
        shape: Of the episodes that count.
        seed: Of their draws.
    """
    episodes = drawn(classes, shape, EPISODES, seed)
    asked = episodes.shape if episodes else shape

    def other(**changes: int) -> float | None:
        wanted = replace(shape, **changes)
        found = drawn(classes, wanted, FEWER, seed)
        if found is None or (found.shape.ways, found.shape.shots) != (wanted.ways, wanted.shots):
            return None
        return accuracy(embeddings, found, scores)["value"]

    return {
        "kind": "few_shot",
        "count": len(classes),
        "headline": ["episode_accuracy"],
        "episode_accuracy": accuracy(embeddings, episodes, scores),
        "details": {
            "num_classes": len(np.unique(classes)),
            "ways": asked.ways,
            "shots": asked.shots,
            "queries": asked.queries,
            "episodes": EPISODES if episodes else 0,
            "by_shots": _known({shots: other(shots=shots) for shots in OTHER_SHOTS}),
            "by_ways": _known({ways: other(ways=ways) for ways in OTHER_WAYS}),
        },
    }


def _known(found: dict[int, float | None]) -> list[list[float]]:
    return [[number, value] for number, value in found.items() if value is not None]
