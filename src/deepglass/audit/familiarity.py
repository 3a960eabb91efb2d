"""What the network sees inside: logits and last hidden layer of examples, and inputs that are like nothing it knows.

Strange inputs are made from the judged ones: every number, pixel or word comes from another example. Each column alone
is as it was, only what belongs together is torn apart.

Breiman & Cutler (2003), Random Forests manual: unsupervised learning by a synthetic second class.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.explain.last_layer import heads_of

AT_ONCE = 256


@dataclass(frozen=True)
class Inside:
    """Of examples (N, …).

    Attributes:
        logits: (N, K), the logarithms of the mean probabilities of an ensemble; None of values.
        hidden: (N, D) what goes into the last layer.
    """

    logits: np.ndarray | None
    hidden: np.ndarray


@torch.no_grad()
def inside(model: nn.Module, inputs: tuple[Tensor, ...], has_classes: bool) -> Inside:
    """Look inside while the network answers; of a blend inside the network, not the simple models."""
    network: Any = getattr(model, "network", model).eval()
    device, logits, hidden = device_of(network), [], []
    heads = heads_of(network, tuple(x[:1].to(device) for x in inputs))
    for start in range(0, len(inputs[0]), AT_ONCE):
        batch = tuple(x[start : start + AT_ONCE].to(device) for x in inputs)
        with heads.watching() as seen:
            said = network(*batch).float()
        parts = [went_in.float().reshape(len(batch[0]), -1) for went_in, _ in seen if len(went_in) == len(batch[0])]
        hidden.append(torch.cat(parts or [said.flatten(1)], dim=1).cpu())
        if has_classes:
            logits.append((said.log_softmax(-1).logsumexp(1) if said.dim() == 3 else said).cpu())
    return Inside(torch.cat(logits).double().numpy() if logits else None, torch.cat(hidden).double().numpy())


def torn_apart(inputs: tuple[Tensor, ...], seed: int) -> tuple[Tensor, ...]:
    """Inputs (N, …) of which every position comes from an example of its own."""
    random, found = torch.Generator().manual_seed(seed), []
    for x in inputs:
        flat = x.reshape(len(x), -1)
        order = torch.rand(flat.shape, generator=random).argsort(dim=0).to(x.device)
        found.append(flat.gather(0, order).reshape(x.shape))
    return tuple(found)
