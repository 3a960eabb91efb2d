"""How pictures of new classes are named by a few known ones. A file here is one rule, chosen with `--learner`.

A rule is a function `scores(support, members, queries)` that gives logits of each class, and a literal `BY_EPISODES`:
whether the network is taught by the rule itself, or beforehand, as a classifier of the training's classes. All
embeddings are of length 1. The folder is the list.
"""

from typing import Protocol

from torch import Tensor

from deepglass.core import catalogue

FOLDER = "tasks/rules"
SCALE = 16.0  # of cosines before a softmax: between -1 and 1 it could hardly decide


class Rule(Protocol):
    """A file of this folder."""

    BY_EPISODES: bool

    def scores(self, support: Tensor, members: Tensor, queries: Tensor) -> Tensor:
        """Logits of every class for every query.

        Args:
            support: (E, n, D) embeddings of E episodes that are known.
            members: (E, n, K) 1 where a known picture is of a class, else 0; every class has one picture or more.
            queries: (E, q, D) embeddings to be named.

        Shape:
            - output: (E, q, K)
        """
        ...


def rule_of(name: str) -> Rule:
    """A rule by name.

    Raises:
        OptionError: If there is none.
    """
    return catalogue.load(FOLDER, name.replace("-", "_"))  # type: ignore[return-value]
