"""Tiny trainings under observation, with one thing wrong where it is asked for."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.diagnosis.case import Case
from deepglass.diagnosis.observing.observer import Observer, observing

N, BATCH = 128, 16
Batch = tuple[Tensor, Tensor]


def classes(seed: int = 0, count: int = N) -> Batch:
    """(N, 4) and three classes that a line can tell."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(count, 4, generator=generator)
    return X, torch.stack([3 * X[:, 0], 3 * X[:, 1], -3 * X[:, 0] - 3 * X[:, 1]], dim=1).argmax(dim=1)


def numbers(seed: int = 0) -> Batch:
    """(N, 4) and a number."""
    X = torch.randn(N, 4, generator=torch.Generator().manual_seed(seed))
    return X, X[:, 0] - 0.5 * X[:, 1]


def net(out: int = 3, seed: int = 0, *more: nn.Module) -> nn.Sequential:
    """4 → 16 → out."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, out), *more)


def shuffled(data: Batch, epochs: int = 6, size: int = BATCH) -> Iterable[Batch]:
    """Batches in a new order every epoch."""
    generator = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        for places in torch.randperm(len(data[0]), generator=generator).split(size):
            yield data[0][places], data[1][places]


def cross_entropy(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Of logits."""
    return F.cross_entropy(model(x), y)


def square(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Of the only column of the answer."""
    return F.mse_loss(model(x).squeeze(1), y)


def watched(
    model: nn.Module,
    batches: Iterable[Batch],
    loss: Callable[..., Tensor] = cross_entropy,
    optimizer: Callable[[nn.Module], torch.optim.Optimizer] | None = None,
    step: Callable[[Tensor, torch.optim.Optimizer], None] | None = None,
    after: Callable[[nn.Module], Any] | None = None,
    examples: Batch | None = None,
    before: Callable[[nn.Module], Any] | None = None,
) -> Case:
    """Train as a script would, and what was seen."""
    with observing() as observer:
        if before is not None:
            before(model)
        descend = (optimizer or adam)(model)
        for x, y in batches:
            (step or usual)(loss(model, x, y), descend)
            if after is not None:
                after(model)
    return case_of(observer, examples)


def case_of(observer: Observer, examples: Batch | None = None) -> Case:
    """Of what was observed."""
    observer.is_busy = True
    return Case("tiny", observer.observed, examples=examples)


def adam(model: nn.Module) -> torch.optim.Optimizer:
    """At a rate that learns the tiny tasks in some tens of steps."""
    return torch.optim.Adam(model.parameters(), lr=2e-2)


def sgd(rate: float, **more: Any) -> Callable[[nn.Module], torch.optim.Optimizer]:
    """Plain descent."""
    return lambda model: torch.optim.SGD(model.parameters(), lr=rate, **more)


def usual(loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
    """As it should be."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
