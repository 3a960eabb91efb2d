"""Does a mask mask? A model that is asked for the next token must not see it: a later token is changed, and earlier
answers should stay.
"""

import torch
from torch import Tensor

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.observing.tape import Tape

TITLE = "do masks keep the future away"
NEEDS = "replay"
COST = 0.2
EXPLAINS = {
    "looks-ahead": ("leakage", "overfitting", "double-softmax"),
    "target-not-shifted": ("leakage", "looks-ahead", "overfitting"),
}
LESSON = "33_attention"


def ask(case: Case) -> list[Finding]:
    """Of models that answer at every place what comes at the next one."""
    shift = case.tapes[0]
    target = shift.target
    if target is None:
        return []
    for x in shift.inputs:
        if x.dim() < 2 or x.shape[1] < 3:
            continue
        for places in _as_places(target, x):
            if _same(places, x) and not x.is_floating_point():
                return [_not_shifted(x)]
            if _same(places[:, :-1], x[:, 1:]):
                return _sees_future(case, shift, x)
    return []


def _as_places(target: Tensor, x: Tensor) -> list[Tensor]:
    """The target as (B, T, …) beside an input (B, T, …)."""
    if target.numel() != x.numel():
        return []
    return [target.detach().reshape(x.shape)]


def _same(a: Tensor, b: Tensor) -> bool:
    """Equal but for padding."""
    agree = (a == b).double().mean() if not a.is_floating_point() else torch.isclose(a, b.to(a.dtype)).double().mean()
    return float(agree) > 0.95 and a.unique().numel() > 1


def _not_shifted(x: Tensor) -> Finding:
    return Finding(
        "target-not-shifted",
        "the target is the input itself at every place: the model learns to copy, and the loss falls to zero",
        "let the target be the next token: inputs ids[:, :-1], targets ids[:, 1:]",
        {"shape": list(x.shape)},
        lesson="31_text_generation",
    )


def _sees_future(case: Case, tape: Tape, x: Tensor) -> list[Finding]:
    """Change the last places and look at the answers before them."""
    modules = case.trained()
    for module in modules.values():
        module.eval()
    cut = x.shape[1] // 2
    other = x.clone()
    other[:, cut:] = x[:, cut:].flip(0).roll(1, 1) if len(x) > 1 else x[:, cut:].flip(1)
    with torch.no_grad():
        plain, changed = (case.outputs(tape, modules, {id(x): value}) for value in (x, other))
    if plain.dim() < 2 or plain.shape[:2] != x.shape[:2]:
        return []
    before, after = ((plain - changed)[:, part].abs().mean().item() for part in (slice(0, cut), slice(cut, None)))
    spread = float(plain.std()) + 1e-12
    if before < 1e-4 * spread:
        return []
    return [
        Finding(
            "looks-ahead",
            f"a change of the tokens from place {cut + 1} on moves the answers before it by {before / spread:.1%} "
            "of their "
            "spread: the model sees what it is asked for",
            'fill masked scores with float("-inf") before softmax (a small number such as -1e-12 masks nothing), and '
            "look along which axis the mask lies",
            {"change before": before, "change after": after, "spread": spread},
            lesson=LESSON,
        )
    ]
