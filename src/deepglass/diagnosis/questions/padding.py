"""Does padding stay without effect, and do words have one? Texts of unlike lengths are filled up with one id; a mask
should hide it. Turned round, it hides the words.
"""

import torch
from torch import Tensor

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.changes import Modules
from deepglass.diagnosis.observing.tape import Tape

TITLE = "does the mask hide the padding and not the words"
NEEDS = "replay"
COST = 0.25
EXPLAINS = {
    "padding": (
        "input-ignored", "underfitting", "plateau", "learning-rate-low", "learning-rate-high", "labels-unrelated",
        "one-batch", "overfitting", "initialisation", "not-finite-data", "little-data", "imbalance",
    ),
}  # fmt: skip
PADDING, SOME = 0, 0.02  # the id that fills up, as a rule; least share of places that are padding
UNMOVED = 0.02  # of what changes of the padding do: words that do less are hidden
LESSON = "33_attention"


def ask(case: Case) -> list[Finding]:
    """Of ids that end in zeros: what other words do to the answers, and what words in the place of padding do."""
    tape = max(case.tapes, key=lambda t: t.batch_size)
    ids = next((x for x in tape.inputs if x.dim() == 2 and not x.is_floating_point()), None)
    if ids is None or not _is_padded(ids):
        return []
    modules = case.fresh()
    for module in modules.values():
        module.eval()
    is_padding = _tail(ids)
    is_first = torch.arange(ids.shape[1]).expand_as(ids) == 0  # often a mark of its own
    words = _moved(case, tape, modules, ids, ~is_padding & ~is_first)
    filled = _moved(case, tape, modules, ids, is_padding)
    if words is None or filled is None or words > UNMOVED * filled or filled < 1e-6:
        return []
    return [
        Finding(
            "padding",
            f"other words change the answers by {words:.2g}, others in the place of the padding by {filled:.2g}: the "
            "mask hides the words and shows the padding",
            "turn the mask round: PyTorch's key_padding_mask is True where there is padding (ids == 0), masks of other "
            "libraries are True where there are words",
            {"change by words": words, "change by padding": filled},
            strength=0.95,
            lesson=LESSON,
        )
    ]


def _is_padded(ids: Tensor) -> bool:
    share = float(_tail(ids).float().mean())
    return SOME < share < 1 - SOME and int(ids.max()) > 2


def _tail(ids: Tensor) -> Tensor:
    """(B, T) whether it and all behind it are padding."""
    return (ids != PADDING).flip(1).cumsum(1).flip(1) == 0


def _moved(case: Case, tape: Tape, modules: Modules, ids: Tensor, where: Tensor) -> float | None:
    """The mean change of the answers when ids are exchanged there for others that occur; lengths stay as they are
    where words are exchanged. An answer that is no number any more has changed by as much as answers differ."""
    known = ids[ids != PADDING]
    other = known[torch.randint(len(known), ids.shape, generator=torch.Generator().manual_seed(0))]
    with torch.no_grad():
        plain, changed = (
            case.outputs(tape, modules, {id(ids): value}).float() for value in (ids, torch.where(where, other, ids))
        )
    if plain.shape != changed.shape:
        return None
    known_answers = plain[torch.isfinite(plain)]
    spread = float(known_answers.std()) if known_answers.numel() > 1 else 0.0
    lost = torch.isfinite(plain) != torch.isfinite(changed)
    change = torch.nan_to_num((plain - changed).abs(), nan=0.0, posinf=0.0)
    return float(torch.where(lost, torch.full_like(change, spread), change).mean())
