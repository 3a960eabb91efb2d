"""Stability: would the same question get the same answer again?

    draws       a method that draws is asked with other seeds
    networks    a run that is a bag of networks, trained alike from other seeds, is asked one network at a time

Where another draw ranks the parts otherwise, more `--samples` help. Where another network does, nothing helps: these
networks answer alike for different reasons, and the explanation speaks of this run only.

Alvarez-Melis & Jaakkola (2018), On the Robustness of Interpretability Methods, https://arxiv.org/abs/1806.08049;
Fisher, Rudin & Dominici (2019), All Models are Wrong, but Many are Useful, https://arxiv.org/abs/1801.01489 (many
models as good, each with reasons of its own).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from torch import nn

from deepglass.core import catalogue
from deepglass.explain import FOLDER, Explanation, Settings
from deepglass.explain.quality.agreement import compared
from deepglass.explain.subject import Subject
from deepglass.zoo.bag import Bag

DRAWS, NETWORKS = 3, 3  # that are compared with each other
ALARM = 0.5  # mean rank correlation of draws, below which more of them are needed


def of(subject: Subject, found: Explanation, settings: Settings) -> dict[str, dict[str, Any]]:
    """By source ("draws", "networks") `correlation`, `common` of the `top` largest parts, and how `many` there were."""
    measured = {}
    method = catalogue.load(FOLDER, found.method)
    if "seed" in method.USES and not found.figures.get("is exact"):
        seeds = range(settings.seed + 1, settings.seed + DRAWS)
        again = [method.explain(subject, replace(settings, seed=seed)).contributions for seed in seeds]
        measured["draws"] = among([found.contributions, *again])
    if len(networks := networks_of(subject.model)) > 1:
        some = networks[:NETWORKS]
        measured["networks"] = among([method.explain(subject.of(Bag([net])), settings).contributions for net in some])
    return measured


def networks_of(model: nn.Module) -> Sequence[nn.Module]:
    """Of a bag, also beside simple models; one where there is no bag."""
    network = getattr(model, "network", model)
    return list(network.networks) if isinstance(network, Bag) else [network]


def among(several: Sequence[np.ndarray]) -> dict[str, Any]:
    """The means over all pairs of contributions, each (M,)."""
    pairs = [compared(one, other) for one, other in combinations(several, 2)]
    means = {name: float(np.mean([pair[name] for pair in pairs])) for name in ("correlation", "common")}
    return means | {"top": pairs[0]["top"], "many": len(several)}
