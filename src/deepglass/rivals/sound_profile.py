"""Logistic regression on the profile of a sound: what can be told without any idea of patterns.

frames (T, M) → means over eight stretches of time, whatever they last → weights for each class

Faster and slower sounds get the same eight stretches, as the oldest recognisers of words did it; what begins a little
later, or lies a band higher, is another number.

Cox (1958), The Regression Analysis of Binary Sequences, https://doi.org/10.1111/j.2517-6161.1958.tb00292.x
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.data.examples import Examples, in_order
from deepglass.rivals import Time
from deepglass.rivals.pixels import of_all_classes

NAME = "logistic regression on eight stretches of the sound"
STRETCHES = 8
MOST_SOUNDS = 4_000  # that it learns from, evenly spread
STRENGTHS = (0.03, 0.003, 0.3)  # of the weights' penalty, as scikit-learn's C for standardised inputs
STEPS = 200  # of the solver


class Profile(nn.Module):
    """Frames (B, T, M) and lengths (B,) → logits (B, K)."""

    def __init__(self, weight: np.ndarray, bias: np.ndarray, mean: np.ndarray, std: np.ndarray):
        super().__init__()
        for name, array in (("weight", weight), ("bias", bias), ("mean", mean), ("std", std)):
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(array, np.float32)))

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        return F.linear((profiles(frames, lengths) - self.mean) / self.std, self.weight, self.bias)  # type: ignore[arg-type,operator]


def profiles(frames: Tensor, lengths: Tensor) -> Tensor:
    """(B, 8·M) the means over equal stretches of each sound; a stretch without a frame of its own is 0."""
    at = torch.arange(frames.shape[1], device=frames.device)
    stretch = at * STRETCHES // lengths.clamp(min=1).unsqueeze(1)  # (B, T); STRETCHES and more behind the end
    belongs = stretch.unsqueeze(1) == torch.arange(STRETCHES, device=frames.device).view(1, -1, 1)  # (B, 8, T)
    weights = belongs.float() / belongs.sum(dim=2, keepdim=True).clamp(min=1)
    return (weights @ frames.float()).flatten(1)


def fit(train: Examples, val: Examples, num_classes: int, time: Time) -> Profile | None:
    """The penalty that validates best, as far as the time allows; None without any time, or without two classes.

    Args:
        train: Sounds as the network sees them, without augmentation.
    """
    from sklearn.linear_model import LogisticRegression

    if time.is_up():
        return None
    (X, y), (X_val, y_val) = (_profiled(part) for part in (train, val))
    if len(np.unique(y)) < 2:
        return None
    mean, std = X.mean(axis=0), X.std(axis=0) + 1e-6
    best: tuple[float, Profile] | None = None
    for strength in STRENGTHS:
        if best is not None and time.is_up():
            break
        model = LogisticRegression(C=strength, max_iter=STEPS).fit((X - mean) / std, y)
        found = Profile(*of_all_classes(model, num_classes), mean, std)
        logits = (X_val - mean) / std @ found.weight.numpy().T + found.bias.numpy()  # type: ignore[operator,union-attr]
        loss = float(F.cross_entropy(torch.from_numpy(logits).float(), torch.from_numpy(y_val)))
        if best is None or loss < best[0]:
            best = loss, found
    return best[1] if best else None


def _profiled(examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    """(N, 8·M) and (N,) of at most `MOST_SOUNDS` sounds."""
    step = max(1, len(examples) // MOST_SOUNDS)
    found = [
        (profiles(frames[::step], lengths[::step]).cpu(), targets[::step].cpu())
        for frames, lengths, targets in in_order(examples, 64 * step, torch.device("cpu"))
    ]
    X, y = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
    return X, y
