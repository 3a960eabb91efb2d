"""Does every example stand for itself? Softmax over the batch, a view where a transpose was meant, a recurrent layer
that takes the batch for time: one example then changes the answer of another.

Karpathy (2019), A recipe for training neural networks, https://karpathy.github.io/2019/04/25/recipe/
(use backprop to chart dependencies).
"""

import torch
from torch import Tensor, nn

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.observing.tape import Entry, Tape, tensors

TITLE = "does every example stand for itself"
NEEDS = "observed"
COST = 0.1
EXPLAINS = {
    "wrong-axis": (
        "underfitting",
        "plateau",
        "input-ignored",
        "one-batch",
        "learning-rate-low",
        "overfitting",
        "loss-input",
        "double-softmax",
        "vanishing-gradients",
        "learning-rate-high",
        "initialisation",
        "looks-ahead",
        "leakage",
        "prediction-preprocessing",
        "input-scale",
    ),
}


def ask(case: Case) -> list[Finding]:
    """The axis of softmax in the loss, and whether another example moves an answer."""
    return _of_loss(case) or (_of_model(case) if case.can_replay else [])


def _of_loss(case: Case) -> list[Finding]:
    """Log-probabilities that are normal along the batch and not along the classes."""
    for name in ("nll_loss", "cross_entropy", "binary_cross_entropy"):
        calls = [c for c in case.observed.losses if c.name == name and c.input.dim() >= 2 and c.input.shape[0] > 1]
        if len(calls) > 1 and all(_is_normal(c.input, 0, name) and not _is_normal(c.input, 1, name) for c in calls):
            return [
                _finding(
                    f"softmax is taken over the {len(calls[0].input)} examples of a batch", "softmax over the batch"
                )
            ]
    for tape in case.observed.tapes[:2]:
        size = tape.batch_size
        if turned := next((e for e in tape.tail if _is_turned(e)), None):
            shapes = f"{tuple(turned.args[0].shape)} to {tuple(turned.result.shape)}"
            return [_finding(f"{turned.name} brings the answer from {shapes}", "numbers change their places")]
        for entry in tape.tail:
            x = entry.given(0, "input")
            dim = entry.given(1, "dim")
            is_over_batch = entry.name in ("softmax", "log_softmax") and isinstance(dim, int) and isinstance(x, Tensor)
            if is_over_batch and x.dim() > 1 and dim % x.dim() == 0 and len(x) == size and _is_no_similarity(x):
                return [
                    _finding(
                        f"{entry.name}(dim={dim}) runs over the {size} examples of a batch", "softmax over the batch"
                    )
                ]
    return []


def _is_turned(entry: Entry) -> bool:
    """Whether a view gives an answer the sizes of a transposed one: it keeps the order of the numbers, so that they
    come to stand in places of others."""
    x, out = entry.given(0, "input"), entry.result
    if entry.name not in ("view", "reshape") or not isinstance(x, Tensor) or not isinstance(out, Tensor):
        return False
    before, after = [d for d in x.shape if d != 1], [d for d in out.shape if d != 1]
    return x.requires_grad and before != after and sorted(before) == sorted(after)


def _is_no_similarity(x: Tensor) -> bool:
    """Square answers compare examples with each other, on purpose."""
    return x.shape[0] != x.shape[-1]


def _is_normal(x: Tensor, dim: int, name: str) -> bool:
    p = x.float().exp() if name == "nll_loss" else x.float()
    return x.shape[dim] > 1 and bool((p >= 0).all()) and bool(((p.sum(dim) - 1).abs() < 1e-2).all())


def _of_model(case: Case) -> list[Finding]:
    """Other examples are replaced; the first one's answer should stay."""
    tape = case.tapes[0]
    size = tape.batch_size
    if size < 3 or any(isinstance(m, nn.LSTM | nn.GRU | nn.RNN) and _is_time_first(case, m, tape) for m in case.leaves):
        return []
    modules = case.fresh()
    for module in modules.values():
        module.eval()
    own = [x for x in tape.inputs if len(x) == size]
    with torch.no_grad():
        torch.manual_seed(0)
        plain = case.outputs(tape, modules)
        if len(plain) % size or plain.dim() == 0:
            return []
        each, change, other = len(plain) // size, 0.0, plain
        for kept in (0, size - 1):
            others = [i for i in range(size) if i != kept]
            order = torch.arange(size)
            order[others] = torch.tensor(others).roll(1)
            torch.manual_seed(0)
            other = case.outputs(tape, modules, {id(x): x[order] for x in own})
            if other.shape == plain.shape:
                rows = slice(kept * each, (kept + 1) * each)
                change = max(change, float((plain[rows] - other[rows]).abs().max()))
    scale = float((plain - plain.roll(each, 0)).abs().max()) + 1e-12
    if plain.shape != other.shape or change < 1e-4 * scale or change < 1e-7:
        return []
    sentence = (
        "the answer for one example changes when only other examples of the batch change (by "
        f"{change / scale:.0%} of the difference between examples)"
    )
    return [_finding(sentence, "examples are mixed", {"change": change, "spread": scale})]


def _is_time_first(case: Case, module: nn.Module, tape: Tape) -> bool:
    """Whether the caller brings time first, with an answer that has as many rows as the batch is wide."""
    x = tape.inputs[0]
    target = tape.target
    if getattr(module, "batch_first", True) or target is None or x.dim() < 2:
        return False
    outs = list(tensors(tape.calls[-1].result))
    rows = {len(t) for t in (*outs[:1], target) if t.dim()}
    return x.shape[1] in rows and x.shape[0] not in rows


def _finding(sentence: str, what: str, evidence: dict[str, float] | None = None) -> Finding:
    return Finding(
        "wrong-axis",
        f"{sentence}: {what}",
        "softmax goes over the classes (dim=-1); recurrent layers want batch_first=True for (batch, time, width); "
        "move axes with transpose or permute, not with view",
        evidence or {},
        lesson="09_losses",
    )
