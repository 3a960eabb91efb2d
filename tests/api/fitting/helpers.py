"""What the tests of `dg.fit` share: small data with a rule in them, and modules of every shape."""

from typing import Any

import torch
from torch import Tensor, nn

QUICK: dict[str, Any] = {"epochs": 2, "quiet": True, "threads": 1, "precision": "float32", "device": "cpu"}


def data(count: int = 120) -> tuple[Tensor, Tensor, Tensor]:
    """X (N, 3), classes (N,) and values (N,) that follow from its first column."""
    X = torch.randn(count, 3, generator=torch.Generator().manual_seed(0))
    return X, (X[:, 0] > 0).long(), 2 * X[:, 0] + 1


def linear(outputs: int = 2, inputs: int = 3) -> nn.Linear:
    """A layer whose weights are the same every time."""
    torch.manual_seed(1)
    return nn.Linear(inputs, outputs)


class Two(nn.Module):
    """Takes two inputs by order or by name."""

    def __init__(self, outputs: int = 2):
        super().__init__()
        self.layer = linear(outputs, 5)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.layer(torch.cat([left, right], dim=1))


class Named(Two):
    """Takes two inputs by name alone."""

    def forward(self, *, left: Tensor, right: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(left, right)


class WithDict(nn.Module):
    """Answers with a dict of a label's logits and a value."""

    def __init__(self):
        super().__init__()
        self.layer = linear(3)

    def forward(self, x: Tensor) -> Any:
        said = self.layer(x)
        return {"label": said[:, :2], "value": said[:, 2:]}


class WithTuple(WithDict):
    """Answers with a tuple of the same."""

    def forward(self, x: Tensor) -> Any:
        return tuple(super().forward(x).values())


def weights(module: nn.Module) -> Tensor:
    """All parameters in one row."""
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])
