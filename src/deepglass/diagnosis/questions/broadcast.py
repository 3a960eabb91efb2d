"""Do shapes fit, or are they stretched? (N, 1) against (N,) compares every answer with every target."""

import math

import torch
from torch import Tensor

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "is nothing stretched by broadcasting"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "broadcast": (
        "underfitting",
        "plateau",
        "input-ignored",
        "one-batch",
        "learning-rate-low",
        "learning-rate-high",
        "labels-unrelated",
        "initialisation",
    ),
}
ELEMENTWISE = (
    "sub",
    "add",
    "mul",
    "__sub__",
    "__rsub__",
    "__mul__",
    "__truediv__",
    "div",
    "rsub",
    "eq",
    "__eq__",
    "pow",
)


def ask(case: Case) -> list[Finding]:
    """Pairs in the loss whose result is larger than both."""
    for call in case.observed.losses:
        target = call.target
        is_loss = call.name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss") and isinstance(target, Tensor)
        if is_loss and _is_stretched(call.input, target):
            return [_finding(call.name, tuple(call.input.shape), tuple(target.shape))]
    for tape in case.observed.tapes[:2]:
        for entry in tape.tail:
            pair = [t for t in entry.args[:2] if isinstance(t, Tensor)]
            if entry.name in ELEMENTWISE and len(pair) == 2 and _is_stretched(*pair) and _is_of_answer(pair):
                return [_finding(entry.name.strip("_"), tuple(pair[0].shape), tuple(pair[1].shape))]
    return []


def _is_stretched(a: Tensor, b: Tensor) -> bool:
    """(N, 1) against (N,): both have N numbers, the result has N²."""
    if a.shape == b.shape or a.numel() != b.numel() or a.numel() < 2:
        return False
    try:
        return math.prod(torch.broadcast_shapes(a.shape, b.shape)) > a.numel()
    except RuntimeError:
        return False


def _is_of_answer(pair: list[Tensor]) -> bool:
    """Of an answer and a constant: pairwise distances on purpose come from one tensor."""
    return pair[0].requires_grad != pair[1].requires_grad


def _finding(name: str, a: tuple[int, ...], b: tuple[int, ...]) -> Finding:
    return Finding(
        "broadcast",
        f"{name} got shapes {a} and {b}: every answer is compared with every target, so the best answer is their mean",
        "bring both to one shape: squeeze(-1) the answer, or unsqueeze(-1) the target",
        {"answer": list(a), "target": list(b)},
        lesson="02_matrices",
    )
