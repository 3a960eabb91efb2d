"""An estimator's network mixed with simple models, where rows that neither has seen ask for it (`rivals/blend.py`)."""

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data.examples import InMemory, in_order
from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.rivals import Rival, Rows, Time, blend, tables

JUDGED_AT_ONCE = 1024  # rows


def fit_rivals(
    examples: InMemory,
    parts: np.ndarray,
    num_classes: int | None,
    preprocessor: TabularPreprocessor,
    budget: float | None,
) -> list[Rival]:
    """The simple models, on the rows of the network.

    Args:
        examples: Numbers, categories, …, target of all rows.
        parts: (N,) with which part a row is held out, -1 for rows that are always learnt from.
        num_classes: K, or None for values.
        preprocessor: That made the numbers and categories.
        budget: Of the whole training, in seconds.
    """
    numeric, categories, target = (examples.tensors[place].numpy() for place in (0, 1, -1))
    return tables.fit(Rows((numeric, categories), target, parts, num_classes), preprocessor, Time.within(budget))


def blended(
    network: nn.Module, held_out: InMemory, rivals: list[Rival], num_classes: int | None
) -> tuple[nn.Module, dict[str, float]]:
    """The network, or a blend, and the weights of its parts by name; no weights where the network answers alone.

    Args:
        held_out: Numbers, categories, … and last the target of rows that the network has not seen.
        rivals: With answers for the same rows.
        num_classes: K, or None for values.
    """
    if not rivals:
        return network, {}
    own, target = _answers(network, held_out, num_classes), held_out.tensors[-1].numpy()
    chosen = blend.choose(own, rivals, target, num_classes)
    return blend.mixed(network, "network", rivals, chosen, num_classes) or (network, {})


@torch.no_grad()
def _answers(network: nn.Module, held_out: InMemory, num_classes: int | None) -> np.ndarray:
    """(N, K) probabilities or (N,) values."""
    network.eval()
    said = torch.cat([network(*inputs) for *inputs, _ in in_order(held_out, JUDGED_AT_ONCE, torch.device("cpu"))])
    return (said.flatten(1).mean(dim=1) if num_classes is None else _shares(said)).double().numpy()


def _shares(logits: Tensor) -> Tensor:
    """(N, K) or (N, M, K) → (N, K)."""
    shares = logits.softmax(dim=-1)
    return shares.mean(dim=1) if shares.dim() == 3 else shares
