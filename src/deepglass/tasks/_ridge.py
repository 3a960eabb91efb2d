"""Ridge regression for many answers at once, some of which may be unknown.

    min ‖Y − X·W − b‖² + λ·‖W‖²        Hoerl & Kennard (1970), https://doi.org/10.1080/00401706.1970.10488634

What is unknown of an answer takes what the solution says of it, and is solved for again.
"""

from copy import copy

import torch
from torch import Tensor

ROUNDS = 2  # in which unknown answers take what the last solution said; one is enough for a further penalty


class Ridge:
    """Answers (n, m) from inputs (n, d), for any penalty; NaN in the answers is unknown.

    The penalty counts in hundredths of the variance of an input.
    """

    def __init__(self, x: Tensor, y: Tensor):
        self.centre = x.mean(dim=0)
        self.x, self.known = x - self.centre, y.isfinite()
        self.is_known, self.is_filled = bool(self.known.all()), False
        self.gram = self.x.T @ self.x
        self.unit = unit_of(self.gram, len(x))
        self.y = y
        self.products = self.x.T @ y if self.is_known else self.gram[:, :0]
        self.filled = torch.where(self.known, y, y.nanmean(dim=0).nan_to_num())

    def without_last(self) -> "Ridge":
        """The same problem without the last input."""
        fewer = copy(self)
        fewer.centre, fewer.x = self.centre[:-1], self.x[:, :-1]
        fewer.gram, fewer.products = self.gram[:-1, :-1], self.products[:-1]
        fewer.unit = unit_of(fewer.gram, len(fewer.x))
        return fewer

    def factor(self, penalty: float) -> Tensor:
        """The Cholesky factor that belongs to a penalty."""
        return torch.linalg.cholesky(self.gram + penalty * self.unit * torch.eye(len(self.gram), dtype=self.gram.dtype))

    def solution(self, penalty: float) -> tuple[Tensor, Tensor]:
        """Weights (d, m) and constants (m,)."""
        root = self.factor(penalty)
        if self.is_known:
            return self._of_products(self.products, self.y.mean(dim=0), root)
        for _ in range(1 if self.is_filled else ROUNDS):
            weights, constant = self.of(self.filled, root)
            self.filled = torch.where(self.known, self.y, self.x @ weights + self.filled.mean(dim=0))
        self.is_filled = True
        return weights, constant

    def of(self, y: Tensor, root: Tensor) -> tuple[Tensor, Tensor]:
        """The solution for other answers (n, m), all of them known."""
        return self._of_products(self.x.T @ y, y.mean(dim=0), root)

    def _of_products(self, products: Tensor, mean: Tensor, root: Tensor) -> tuple[Tensor, Tensor]:
        """Likewise, from the products (d, m) of inputs less their centre with answers, and the mean (m,) of these."""
        weights = torch.cholesky_solve(products, root)
        return weights, mean - self.centre @ weights

    def said(self, weights: Tensor, constant: Tensor) -> Tensor:
        """What a solution says of the inputs (n, m)."""
        return self.x @ weights + (constant + self.centre @ weights)


def unit_of(gram: Tensor, count: int) -> float:
    """What a penalty of 1 adds to the diagonal: a hundredth of the variance of an input, of inputs (count, d)."""
    return 0.01 * max(1e-6 * count, float(gram.diagonal().mean()))
