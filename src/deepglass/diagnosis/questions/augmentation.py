"""Does augmentation keep the label? Pictures as they are, and mirrored as the training mirrors them, are learnt side by
side; both are judged on pictures as they are.
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
        "labels-unrelated", "input-scale", "imbalance", "initialisation", "one-batch",
    ),
}  # fmt: skip
LESSON = "22_augmentation"
FORMS: dict[str, Callable[[Tensor], Tensor]] = {
    "flipped left to right": lambda x: x.flip(-1),
    "flipped upside down": lambda x: x.flip(-2),
    "turned by a half": lambda x: x.flip((-1, -2)),
}
FEWEST, LOST = 60, 0.2  # pictures as they are; share of what can be learnt that the mirrored forms must cost


def ask(case: Case) -> list[Finding]:
    """Which forms were met, and what each costs."""
    x = case.tapes[0].inputs[0]
    plain = _as_they_are(case)
    if x.dim() != 4 or not case.classes or not x.is_floating_point() or plain is None:
        return []
    found = []
    for name in used(case):
        score, without = _scores(case, plain, FORMS[name])
        room = case.chance - without
        lost = (score - without) / room if room > 0.1 * case.chance else 0.0
        if lost >= LOST:
            found.append(_finding(case, name, score, without, lost))
    return found[:1]


def _as_they_are(case: Case) -> tuple[Tensor, Tensor] | None:
    """Pictures of an evaluation, or of the data in their order."""
    for pair in (case.held_out, case.examples):
        if pair is not None and len(pair[0]) >= FEWEST and pair[0].dim() == 4:
            return pair
    return None


def _scores(case: Case, plain: tuple[Tensor, Tensor], form: Callable[[Tensor], Tensor]) -> tuple[float, float]:
    """The loss on one half of the pictures of learning the other half: half of them mirrored, and all as they are."""
    X, y = plain[0].float(), plain[1].long()
    middle = len(y) // 2
    size = min(t.batch_size for t in case.tapes)

    def given(places: Tensor, is_mirrored: bool) -> Callable[[Tape], dict[int, Tensor]]:
        positions = {id(tape): i for i, tape in enumerate(case.tapes)}

        def swap(tape: Tape) -> dict[int, Tensor]:
            start = positions[id(tape)] * size
            chosen = places[(torch.arange(tape.batch_size) + start) % len(places)]
            x, target = X[chosen], y[chosen]
            if is_mirrored:
                turned = torch.rand(len(x), generator=torch.Generator().manual_seed(start)) < 0.5
                x = torch.where(turned[:, None, None, None], form(x), x)
            found = {id(tape.inputs[0]): x}
            return found if tape.target is None else found | {id(tape.target): target.to(tape.target.dtype)}

        return swap

    learnt, judged = torch.arange(middle), torch.arange(middle, len(y))
    scores = [
        case.learn(tapes=case.tapes[:16], swap=given(learnt, is_mirrored), judge=given(judged, False)).score
        for is_mirrored in (True, False)
    ]
    return scores[0], scores[1]


def used(case: Case) -> list[str]:
    """Forms that the training makes: seen as a function of the step, or as two forms of one picture."""
    functions = {e.name for t in case.tapes[:8] for e in t.origins}
    made = ["flipped left to right"] if "fliplr" in functions else []
    made += ["flipped upside down"] if "flipud" in functions else []
    for entry in (e for t in case.tapes[:8] for e in t.origins if e.name == "flip"):
        x, dims = entry.args[0], entry.args[1:] or (entry.kwargs.get("dims", ()),)
        given: list[int] = [d for part in dims for d in (part if isinstance(part, tuple | list) else [part])]
        axes = {d - x.dim() if d >= 0 else d for d in given}
        made += [{(-1,): "flipped left to right", (-2,): "flipped upside down"}.get(tuple(axes), "turned by a half")]
    return sorted({*made, *_pairs(case)})


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
    return Finding(
        "augmentation",
        f"pictures come {name}; the same steps reach a loss of {without:.3g} on pictures that they have not met where "
        f"they learn from pictures as they are, and {score:.3g} where half of them are {name}: this moves pictures "
        "into "
        "another class",
        "leave this augmentation out" + (" (--augment none)" if case.run is not None else ""),
        {"loss": score, "loss without it": without},
        "tried",
        min(1.0, 0.6 + lost / 2),
        LESSON,
    )
