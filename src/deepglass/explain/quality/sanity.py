"""The sanity check: a map that stays when what the network has learnt is thrown away does not explain the network.

Layer by layer from the answer to the input, the weights are shuffled, and the map is made again. Its rank correlation
with the true one should fall to nothing. Where it stays, the map shows the picture (its edges, for instance) and not
what was learnt, and is called so.

Adebayo et al. (2018), Sanity Checks for Saliency Maps, https://arxiv.org/abs/1810.03292 (cascading randomisation).
"""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from deepglass.core import catalogue
from deepglass.explain import FOLDER, Explanation, Settings
from deepglass.explain.subject import Subject

STAGES = (0.25, 0.5, 1.0)  # shares of the layers that are shuffled, from the answer on
ALARM = 0.5  # rank correlation with all layers shuffled, from which on the map is said not to change
Z = 1.96
FEWEST = 8  # parts: of fewer, ranks agree by chance
FEW_SAMPLES = 10  # of methods that draw: the check needs a rough map


def of(subject: Subject, found: Explanation, settings: Settings) -> dict[str, Any]:
    """`correlations` by the share of the layers, and whether the map `changes`; {} where there are too few parts."""
    true = values_of(found)
    places = found.figures.get("places", len(true))  # of a coarse map that was scaled up
    if places < FEWEST:
        return {}
    method = catalogue.load(FOLDER, found.method)
    rough = replace(settings, samples=min(settings.samples or FEW_SAMPLES, FEW_SAMPLES))
    correlations = {}
    for share in STAGES:
        other = subject.of(randomized(subject.model, share, settings.seed))
        correlations[f"{share:.0%}"] = rank_correlation(true, values_of(method.explain(other, rough)))
    return {"correlations": correlations, "changes": surely(correlations["100%"], places) < ALARM}


def values_of(found: Explanation) -> np.ndarray:
    """(N,) how much each pixel, or part, matters, whatever its sign."""
    return np.abs(found.map.ravel() if found.map is not None else found.contributions)


@torch.no_grad()
def randomized(model: nn.Module, share: float, seed: int) -> nn.Module:
    """A copy whose last layers have their weights shuffled, each tensor in itself."""
    other, generator = copy.deepcopy(model), torch.Generator().manual_seed(seed)
    parameters = [p for p in other.parameters() if p.numel() > 1]
    for p in parameters[len(parameters) - max(1, round(share * len(parameters))) :]:
        p.copy_(p.flatten()[torch.randperm(p.numel(), generator=generator)].view_as(p))
    return other


def surely(correlation: float, places: int) -> float:
    """How large a correlation of so many places is at least, with 97.5 % (Fisher's z)."""
    z = np.arctanh(min(abs(correlation), 1 - 1e-9)) - Z / np.sqrt(places - 3)
    return float(np.tanh(z))


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's; 0 where one of the two is flat."""
    from scipy.stats import rankdata

    ranks = [rankdata(values) for values in (a, b)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])
