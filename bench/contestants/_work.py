"""The work that every contestant is given: the same arrays, the same model, the same batch size and optimiser.

Arrays are drawn from a seed: what they hold does not change the time that a step takes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

LEARNING_RATE = 1e-3  # of Adam, everywhere
SEED = 0


@dataclass(frozen=True)
class Work:
    """One race.

    Args:
        arrays: Makes the inputs and, last, the integer targets.
        batch_size: Examples a step; it divides the number of examples.
        peers: Contestants beside us that can do it.
        epochs: One that stands apart and a few for the median: a few seconds in all for a small network.
    """

    name: str
    arrays: Callable[[], tuple[np.ndarray, ...]]
    batch_size: int
    peers: tuple[str, ...]
    epochs: int = 3


def draw() -> np.random.Generator:
    return np.random.default_rng(SEED)


def pictures(count: int, channels: int, side: int) -> tuple[np.ndarray, ...]:
    """(count, channels, side, side) float32 and classes 0 to 9."""
    rng = draw()
    return rng.normal(size=(count, channels, side, side)).astype(np.float32), rng.integers(0, 10, count)


def rows() -> tuple[np.ndarray, ...]:
    """(100,000, 54) float32 and classes 0 to 6, the shape of forest cover types."""
    rng = draw()
    return rng.normal(size=(100_096, 54)).astype(np.float32), rng.integers(0, 7, 100_096)


def sequences() -> tuple[np.ndarray, ...]:
    """(4,096, 128) tokens of 1,000 and two classes."""
    rng = draw()
    return rng.integers(0, 1_000, (4_096, 128)), rng.integers(0, 2, 4_096)


def texts() -> tuple[np.ndarray, ...]:
    """(512, 128) characters of 65 and those that follow."""
    tokens = draw().integers(0, 65, (512, 129))
    return tokens[:, :-1].copy(), tokens[:, 1:].copy()


def mixed_rows() -> tuple[np.ndarray, ...]:
    """26,112 rows of 6 numbers and 8 categories and two classes, the shape of adult's training part."""
    rng, count = draw(), 26_112
    categories = np.stack([rng.integers(0, size, count) for size in CARDINALITIES], axis=1)
    return rng.normal(size=(count, 6)).astype(np.float32), categories, rng.integers(0, 2, count)


CARDINALITIES = (9, 17, 8, 16, 7, 6, 3, 42)  # of adult's columns, the unknown included
TORCH = ("hand", "hand_in_memory", "hand_same_choices", "lightning_trainer")
WORK = {
    work.name: work
    for work in (
        Work("LeNet", lambda: pictures(12_800, 1, 28), 128, (*TORCH, "skorch_net", "keras_jax"), epochs=2),
        Work("MLP", rows, 256, (*TORCH, "skorch_net", "keras_jax", "scikit_learn"), epochs=5),
        Work("GRU", sequences, 64, (*TORCH, "skorch_net", "keras_jax")),
        Work("GPT", texts, 16, TORCH, epochs=2),
        Work("ResNet-18", lambda: pictures(512, 3, 32), 64, TORCH, epochs=2),
        Work("TabM", mixed_rows, 256, TORCH, epochs=4),
    )
}


def torch_model(name: str) -> Any:
    """The network of a race in PyTorch, its weights drawn from the seed."""
    import torch
    from torch import nn

    torch.manual_seed(SEED)
    match name:
        case "LeNet":
            return nn.Sequential(
                nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Flatten(), nn.Linear(3_136, 128), nn.ReLU(), nn.Linear(128, 10),
            )  # fmt: skip
        case "MLP":
            layers = (nn.Linear(54, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 7))
            return nn.Sequential(*layers)
        case "GRU":
            return gru_classifier()
        case "GPT":
            from deepglass.models import gpt

            return gpt.GPT(vocab_size=65, context=128)
        case "ResNet-18":
            from deepglass.zoo import architectures

            return architectures.load("resnet18", num_classes=10, in_channels=3, image_size=(32, 32))
        case "TabM":
            from deepglass.models import tabm

            edges = tuple(np.linspace(-2, 2, 33))
            return tabm.TabM(6, 2, CARDINALITIES, (edges,) * 6)
    raise KeyError(name)


def gru_classifier() -> Any:
    """Embedding of width 64, a GRU of width 128, a linear layer on its last state."""
    from torch import nn

    class GRUClassifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(1_000, 64)
            self.gru = nn.GRU(64, 128, batch_first=True)
            self.head = nn.Linear(128, 2)

        def forward(self, tokens):
            return self.head(self.gru(self.embedding(tokens))[0][:, -1])

    return GRUClassifier()


def loss(outputs: Any, targets: Any) -> Any:
    """Cross-entropy over the last dimension; a target is for an example, for all its answers, or for a position."""
    import torch.nn.functional as F

    if outputs.dim() == targets.dim() + 2:  # (B, members, classes)
        targets = targets[:, None].expand(-1, outputs.shape[1])
    return F.cross_entropy(outputs.flatten(0, -2), targets.flatten())
