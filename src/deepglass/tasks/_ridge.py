"""Ridge regression for many answers at once, some of which may be unknown.

    min ‖Y − X·W − b‖² + λ·‖W‖²        Hoerl & Kennard (1970), https://doi.org/10.1080/00401706.1970.10488634

What is unknown of an answer takes what the solution says of it, and is solved for again.
"""

import torch
from torch import Tensor

ROUNDS = 2  # in which unknown answers take what the last solution said


class Ridge:
    """Answers (n, m) from inputs (n, d), for any penalty; NaN in the answers is unknown.

    The penalty counts in hundredths of the variance of an input.
    """

    def __init__(self, x: Tensor, y: Tensor):
        self.centre = x.mean(dim=0)
        self.x, self.known = x - self.centre, y.isfinite()
        self.gram = self.x.T @ self.x
        self.unit = 0.01 * max(1e-6 * len(x), float(self.gram.diagonal().mean()))
        self.y = y
        self.filled = torch.where(self.known, y, y.nanmean(dim=0).nan_to_num())

    def factor(self, penalty: float) -> Tensor:
        """The Cholesky factor that belongs to a penalty."""
        return torch.linalg.cholesky(self.gram + penalty * self.unit * torch.eye(len(self.gram), dtype=self.gram.dtype))

    def solution(self, penalty: float) -> tuple[Tensor, Tensor]:
        """Weights (d, m) and constants (m,)."""
        root = self.factor(penalty)
        for _ in range(1 if self.known.all() else ROUNDS):
            weights, constant = self.of(self.filled, root)
            self.filled = torch.where(self.known, self.y, self.x @ weights + self.filled.mean(dim=0))
        return weights, constant

    def of(self, y: Tensor, root: Tensor) -> tuple[Tensor, Tensor]:
        """The solution for other answers (n, m), all of them known."""
        mean = y.mean(dim=0)
        weights = torch.cholesky_solve(self.x.T @ (y - mean), root)
        return weights, mean - self.centre @ weights

    def said(self, weights: Tensor, constant: Tensor) -> Tensor:
        """What a solution says of the inputs (n, m)."""
        return self.x @ weights + (constant + self.centre @ weights)
