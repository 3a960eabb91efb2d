"""Item autoencoder: what somebody took, through a bottleneck, and back as a score for every item that there is.

    code = Σᵢ w(ageᵢ) · E[itemᵢ]          scores = D · f(code) + b

What was taken last weighs most: w is learnt, one weight for each place counted from the end. Three kinds of network are
of this form. Linear, and begun at the closed form of EASE (`rivals/ease.py`), it is `item-autoencoder`. Linear with
equal weights it is a matrix factorisation in which a user is the sum of the items, so that a new user needs no
training. With a hidden layer it is the network of Liang et al.

References:
    Paterek (2007), Improving regularized singular value decomposition for collaborative filtering,
    https://www.cs.uic.edu/~liub/KDD-cup-2007/proceedings/Regular-Paterek.pdf (a user as the sum of items)
    Liang, Krishnan, Hoffman & Jebara (2018), Variational Autoencoders for Collaborative Filtering,
    https://arxiv.org/abs/1802.05814 (their Mult-DAE: a softmax over all items, dropout on what goes in)
    Steck (2020), Autoencoders that don't overfit towards the Identity,
    https://papers.nips.cc/paper/2020/hash/e33d974aae13e4d877477d51d8bafdc4-Abstract.html (linear, with dropout)
"""

from dataclasses import dataclass

import torch
from torch import nn

TASKS = ("recommendation",)
VARIANTS = {
    "item-autoencoder": {},
    "matrix-factorisation": {"code_dim": 64, "fade": 0.0},
    "mult-dae": {"num_layers": 1, "fade": 0.0},
}
DEFAULT_FADE = 10.0  # events, where nothing chooses another


@dataclass(frozen=True)
class Config:
    code_dim: int = 256  # C, numbers of a code: hundreds of users have no more directions than users
    num_layers: int = 0  # hidden layers behind the code; 0 is linear, as EASE is
    dropout: float = 0.5  # share of what goes in that is left out while training: others have to tell of it
    fade: float | None = None  # events after which a weight begins at 1/e; 0: all count alike; chosen on validation


class ItemAutoencoder(nn.Module):
    """scores = D·f(Σᵢ w(ageᵢ)·E[itemᵢ]) + b.

    Args:
        vocab_size: Items V, padding (0) included.
        context: Events T that are looked at, the last ones of a longer history.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, the last event at the end, 0 before the first
        - output: (B, V) scores

    Example:
        >>> ItemAutoencoder(vocab_size=50, context=20)(torch.ones(2, 12, dtype=torch.int64)).shape
        torch.Size([2, 50])
    """

    def __init__(self, vocab_size: int, context: int = 200, config: Config = Config()):
        super().__init__()
        self.fade, C = config.fade, config.code_dim
        self.encoder = nn.Embedding(vocab_size, C)
        nn.init.normal_(self.encoder.weight, std=C**-0.5)
        self.dropout = nn.Dropout(config.dropout)
        hidden = [layer for _ in range(config.num_layers) for layer in (nn.Tanh(), nn.Linear(C, C))]
        self.hidden = nn.Sequential(*hidden, *([nn.Tanh()] if hidden else []))
        self.decoder = nn.Linear(C, vocab_size)
        fade = DEFAULT_FADE if self.fade is None else self.fade
        if fade:
            ages = [-float(age) for age in range(context)]  # of the newest first
            self.log_weight = nn.Parameter(torch.tensor(ages).div_(fade))
        self.fades = bool(fade)

    def weights(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B, T) how much each event counts, 0 where there is none; where all count alike, their squares sum to 1."""
        is_there = (tokens != 0).float()
        if self.fades:
            return is_there * self.log_weight[: tokens.shape[1]].exp().flip(0)
        return is_there / is_there.sum(dim=1, keepdim=True).clamp(min=1.0).sqrt()

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        weights = self.dropout(self.weights(tokens))  # (B, T)
        code = (weights.unsqueeze(2) * self.encoder(tokens)).sum(dim=1)  # (B, C)
        return self.decoder(self.hidden(code))  # (B, V)


Model = ItemAutoencoder
