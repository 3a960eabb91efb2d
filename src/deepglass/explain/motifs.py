"""What the first filters of a motif network look for: the stretches of sequences to which each answers most.

Every stretch to which a filter answers with more than half of its strongest answer is laid over the others, and the
letters are counted place by place. That is more than the weights say: weights tell what would please a filter, the
counts what pleases it in these sequences.

References:
    Alipanahi et al. (2015), DeepBind, https://doi.org/10.1038/nbt.3300 (supplementary notes, 10.2)
    Koo & Eddy (2019), https://doi.org/10.1371/journal.pcbi.1007560 (half of the strongest answer)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.evaluate import sequence_logo

SHARE, FEWEST, MOST = 0.5, 10, 2_000  # of the strongest answer; stretches that are counted


@dataclass(frozen=True)
class Found:
    """What a filter looks for.

    Attributes:
        number: Of the filter, from 0.
        motif: Chances (W, A) of the letters.
        count: Stretches that were counted.
        strongest: Its strongest answer.
    """

    number: int
    motif: np.ndarray
    count: int
    strongest: float


@torch.no_grad()
def of_filters(network: Any, tokens: Tensor) -> list[Found]:
    """The motif of each filter that answers at least ten stretches.

    Args:
        network: With `responses` (B, T) → (B, F, T), and `filters`, the convolution that gives them.
        tokens: (B, T) ids of letters: 0 is padding, 1 an unknown letter.
    """
    network.eval()
    answers, width = network.responses(tokens), network.filters.kernel_size[0]  # (B, F, T)
    letters = network.vocab_size - 2
    around = torch.nn.functional.pad(tokens, (width // 2, width // 2))
    found = []
    for number in range(answers.shape[1]):
        answer = answers[:, number]  # (B, T)
        strongest = float(answer.max())
        rows, places = torch.nonzero(answer > SHARE * strongest, as_tuple=True) if strongest > 0 else ((), ())
        if len(rows) < FEWEST:
            continue
        order = torch.argsort(answer[rows, places], descending=True, stable=True)[:MOST]
        rows, places = rows[order], places[order]
        stretches = around[rows[:, None], places[:, None] + torch.arange(width)]  # (n, W)
        counts = torch.nn.functional.one_hot(stretches, letters + 2)[:, :, 2:].sum(dim=0).numpy()  # (W, A)
        found.append(Found(number, sequence_logo.chances(counts), len(rows), strongest))
    return found


def recovered(found: list[Found], motifs: np.ndarray) -> np.ndarray:
    """(M,) for each motif (M, W, A) the likeness of the filter that is most like it; 0 where there is no filter."""
    return np.array([max((sequence_logo.likeness(one.motif, motif) for one in found), default=0.0) for motif in motifs])
