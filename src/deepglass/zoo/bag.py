"""A bag of networks: several of one architecture, each of which leaves out another part of the training rows.

Few rows are worth too much to be set aside. In a bag every row is learnt by all networks but one, and judged by that
one, which has never seen it: all rows train, and all rows validate. Together the networks are better than each of them,
for their errors differ.

Breiman (1996), Bagging Predictors, https://doi.org/10.1023/A:1018054314350; leaving out folds instead of drawing with
replacement: Krogh & Vedelsby (1995), Neural Network Ensembles, Cross Validation, and Active Learning.
"""

import torch
from torch import Tensor, nn


class Bag(nn.Module):
    """Several networks as one, whose members are those of all of them.

    Args:
        networks: Of one architecture, each answers (B, K) or, an ensemble itself, (B, M, K).

    Shape:
        - inputs: Those of a network, and optionally, last, fold (B,) int64: which network leaves a row out.
        - output: (B, G·M, K) of all G networks; with a fold, while training (B, (G − 1)·M, K) of those that learn the
          row, while judging (B, M, K) of the one that has not seen it.
    """

    def __init__(self, networks: list[nn.Module]):
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, *inputs: Tensor) -> Tensor:
        fold = inputs[-1] if inputs[-1].dim() == 1 else None  # of a row all other inputs have several numbers
        said = [network(*inputs[: len(inputs) - (fold is not None)]) for network in self.networks]
        answers = torch.stack([s.unsqueeze(1) if s.dim() == 2 else s for s in said], dim=1)  # (B, G, M, K)
        if fold is not None:
            answers = self.chosen(answers, fold)
        return answers.flatten(1, 2)  # (B, members, K)

    def chosen(self, answers: Tensor, fold: Tensor) -> Tensor:
        """Of each row the answers of the networks that learn it, or of the one that judges it."""
        B, G, M, K = answers.shape
        places = fold.unsqueeze(1)  # (B, 1)
        if self.training:
            others = torch.arange(G - 1, device=fold.device)
            places = others + (others >= places)  # (B, G − 1): all but its own
        places = places.view(B, -1, 1, 1).expand(-1, -1, M, K)
        return answers.gather(1, places)
