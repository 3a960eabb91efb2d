"""Does augmentation keep the label? The same training on the examples as they are, judged on these."""

import torch
from torch import Tensor

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.observing.tape import Tape

TITLE = "does augmentation keep the label"
NEEDS = "replay"
COST = 2.8
EXPLAINS = {
    "augmentation": (
        "underfitting",
        "plateau",
        "learning-rate-low",
        "learning-rate-high",
        "labels-noisy",
        "overfitting",
        "dropout",
        "labels-unrelated",
        "input-scale",
        "imbalance",
    ),
}
LESSON = "22_augmentation"
GEOMETRIC = {
    "flipped left to right": lambda x: x.flip(-1),
    "flipped upside down": lambda x: x.flip(-2),
    "turned by a half": lambda x: x.flip((-1, -2)),
}


def ask(case: Case) -> list[Finding]:
    """Pictures: those that come both as they are and mirrored, with the same label; learnt with one form of each."""
    x = case.tapes[0].inputs[0]
    if x.dim() != 4 or not case.classes or not x.is_floating_point():
        return []
    pairs = [(t.inputs[0], t.target) for t in case.tapes if t.target is not None and len(t.target) == t.batch_size]
    return _of_kept(case, pairs) if len(pairs) > 3 else []


def _of_kept(case: Case, pairs: list[tuple[Tensor, Tensor]]) -> list[Finding]:
    """Does mirroring move pictures into another class? Asked of a model that learns one form of every picture."""
    used = _used(case)
    if not used:
        return []
    originals = _originals(case)
    if originals is None:
        return []

    def plain(tape: Tape) -> dict[int, Tensor]:
        x, target = originals[id(tape)]
        found = {id(tape.inputs[0]): x}
        if tape.target is not None and tape.target.shape == target.shape:
            found[id(tape.target)] = target
        return found

    as_is = case.learn(judge=plain).score
    without = case.learn(swap=plain, judge=plain).score
    case.remedies["without augmentation"] = without
    room = case.chance - min(without, as_is)
    lost = (as_is - without) / room if room > 0 else 0.0
    if lost < 0.25:
        return []
    return [
        Finding(
            "augmentation",
            f"pictures come {' and '.join(used)}; learnt as they are, the same steps reach a loss of "
            f"{without:.3g} on them, "
            f"augmented {as_is:.3g}: the change moves pictures into another class",
            "leave this augmentation out" + (" (--augment none)" if case.run is not None else ""),
            {"loss": as_is, "loss without augmentation": without},
            "tried",
            min(1.0, 0.5 + lost / 2),
            LESSON,
        )
    ]


def _originals(case: Case) -> dict[int, tuple[Tensor, Tensor]] | None:
    """For each tape a batch of examples as they are: evaluation pictures, or examples in the order of the data."""
    known = case.examples
    if known is None or known[0].dim() != 4 or len(known[1]) < 32:
        return None
    found, start = {}, 0
    for tape in case.tapes:
        size = tape.batch_size
        places = (torch.arange(size) + start) % len(known[1])
        found[id(tape)], start = (known[0][places].to(tape.inputs[0].dtype), known[1][places]), start + size
    return found


def _used(case: Case) -> list[str]:
    """Which of the mirrored forms of one picture were met beside it."""
    seen: dict[bytes, set[str]] = {}
    found = set()
    for tape in case.tapes:
        for picture in tape.inputs[0][:64].detach():
            for name, form in {"as they are": lambda x: x, **GEOMETRIC}.items():
                seen.setdefault(form(picture).contiguous().numpy().tobytes(), set()).add(name)
    for names in seen.values():
        found |= names - {"as they are"} if "as they are" in names and len(names) > 1 else set()
    return sorted(found)
