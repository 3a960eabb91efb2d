"""Does augmentation keep the label? Pictures as they are, and as the training changes them, are learnt side by side;
both are judged on pictures as they are.

Mirrored forms are planted one by one where the training was seen to make them; any other change is judged by the
pictures that the training was given itself.
"""

from collections.abc import Callable

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
        "underfitting", "plateau", "learning-rate-low", "learning-rate-high", "labels-noisy", "overfitting", "dropout",
        "labels-unrelated", "input-scale", "imbalance", "initialisation", "one-batch", "little-data",
    ),
}  # fmt: skip
LESSON = "22_augmentation"
FORMS: dict[str, Callable[[Tensor], Tensor]] = {
    "flipped left to right": lambda x: x.flip(-1),
    "flipped upside down": lambda x: x.flip(-2),
    "turned by a half": lambda x: x.flip((-1, -2)),
    "turned by a quarter": lambda x: x.rot90(1, (-2, -1)) if x.shape[-1] == x.shape[-2] else x,
}
CHANGED = "as the training changes them"
FEWEST, LOST = 60, 0.2  # pictures as they are; share of what can be learnt that the changed ones must cost
SAME = 0.5  # share of the pictures that come again as they were, where nothing changes them


def ask(case: Case) -> list[Finding]:
    """Which forms were met, and what each costs."""
    x = case.tapes[0].inputs[0]
    plain = _as_they_are(case)
    if x.dim() != 4 or not case.classes or not x.is_floating_point() or plain is None:
        return []
    if plain[0].shape[1:] != x.shape[1:] or case.tapes[0].target is None or case.tapes[0].target.dim() != 1:
        return []
    found = []
    forms = used(case)
    without = _score(case, plain, None) if forms else 0.0
    for name in forms:
        score = _score(case, plain, name)
        room = case.chance - without
        lost = (score - without) / room if room > 0.1 * case.chance else 0.0
        if lost >= LOST:
            found.append(_finding(case, name, score, without, lost))
            break
    return found


def _as_they_are(case: Case) -> tuple[Tensor, Tensor] | None:
    """Pictures of an evaluation, or of the data in their order."""
    for pair in (case.held_out, case.examples):
        if pair is not None and len(pair[0]) >= FEWEST and pair[0].dim() == 4 and pair[1].dim() == 1:
            return pair[0].float(), pair[1].long()
    return None


def _score(case: Case, plain: tuple[Tensor, Tensor], form: str | None) -> float:
    """The loss on one half of the pictures as they are: of learning the other half, half of them in a form; or of
    learning as many of the training's own."""
    X, y = plain
    middle, tapes = len(y) // 2, case.tapes[:16]
    size = min(t.batch_size for t in tapes)
    if form == CHANGED:
        own = [t.inputs[0].detach().float() for t in tapes], [t.target.long() for t in tapes if t.target is not None]
        learnt = torch.cat(own[0])[:middle], torch.cat(own[1])[:middle]
    else:
        learnt = X[:middle], y[:middle]
    positions = {id(tape): i for i, tape in enumerate(tapes)}

    def given(pictures: Tensor, labels: Tensor, change: Callable[[Tensor], Tensor] | None) -> Callable:
        def swap(tape: Tape) -> dict[int, Tensor]:
            start = positions[id(tape)] * size
            chosen = (torch.arange(tape.batch_size) + start) % len(labels)
            x, target = pictures[chosen], labels[chosen]
            if change is not None:
                turned = torch.rand(len(x), generator=torch.Generator().manual_seed(start)) < 0.5
                x = torch.where(turned[:, None, None, None], change(x), x)
            found = {id(tape.inputs[0]): x.to(tape.inputs[0].dtype)}
            return found if tape.target is None else found | {id(tape.target): target.to(tape.target.dtype)}

        return swap

    judge = given(X[middle:], y[middle:], None)
    return case.learn(tapes=tapes, swap=given(*learnt, FORMS.get(form or "")), judge=judge).score


def used(case: Case) -> list[str]:
    """Forms that the training makes: seen as a function of the step, or as two forms of one picture; else, where
    pictures never come again as they were, whatever changes them."""
    functions = {e.name for t in case.tapes[:8] for e in t.origins}
    made = ["flipped left to right"] if "fliplr" in functions else []
    made += ["flipped upside down"] if "flipud" in functions else []
    made += ["turned by a quarter"] if "rot90" in functions else []
    for entry in (e for t in case.tapes[:8] for e in t.origins if e.name == "flip"):
        x, dims = entry.args[0], entry.args[1:] or (entry.kwargs.get("dims", ()),)
        given: list[int] = [d for part in dims for d in (part if isinstance(part, tuple | list) else [part])]
        axes = {d - x.dim() if d >= 0 else d for d in given}
        made += [{(-1,): "flipped left to right", (-2,): "flipped upside down"}.get(tuple(axes), "turned by a half")]
    found = sorted({*made, *_pairs(case)})
    return [*found, CHANGED] if _changes(case) else found


def _changes(case: Case) -> bool:
    """Whether the pictures that the training sees are not those of its data, and do not come again either."""
    pictures = [p.contiguous().numpy().tobytes() for t in case.tapes for p in t.inputs[0].detach().float()]
    count = len(case.examples[1]) if case.examples is not None else 0
    if len(pictures) > 1.5 * count > 0 or len(case.tapes) >= 24:
        return len(set(pictures)) > (1 - SAME) * len(pictures) and (count == 0 or len(set(pictures)) > 1.2 * count)
    return False


def _pairs(case: Case) -> set[str]:
    """Forms in which one picture came beside itself."""
    seen: dict[bytes, set[str]] = {}
    for tape in case.tapes:
        for picture in tape.inputs[0][:64].detach():
            for name, form in {"as it is": lambda x: x, **FORMS}.items():
                seen.setdefault(form(picture).contiguous().numpy().tobytes(), set()).add(name)
    met = [names - {"as it is"} for names in seen.values() if "as it is" in names and len(names) > 1]
    return {name for names in met for name in names if sum(name in other for other in met) > 0.02 * len(seen)}


def _finding(case: Case, name: str, score: float, without: float, lost: float) -> Finding:
    option = " (--augment none, or one that keeps it)" if case.run is not None else ""
    return Finding(
        "augmentation",
        f"pictures come {name}; the same steps reach a loss of {without:.3g} on pictures that they have not met where "
        f"they learn from pictures as they are, and {score:.3g} where they are {name}: this moves pictures into "
        "another class",
        "leave this augmentation out" + option,
        {"loss": score, "loss without it": without},
        "tried",
        min(1.0, 0.6 + lost / 2),
        LESSON,
    )
