"""Examples that were seen: those that were learnt from and those that were judged, with their targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.diagnosis.observing.observed import EvalCall
from deepglass.diagnosis.observing.tape import LOSSES, Entry, Tape, tensors

Pair = tuple[Tensor, Tensor]


def learnt(tapes: Sequence[Tape]) -> Pair | None:
    """Inputs (N, …) and targets (N, …) of recorded steps, an example a row, each once; None where they do not fit."""
    pairs = []
    for tape in tapes:
        target, inputs = tape.target, tape.inputs
        if target is None or not inputs or target.dim() == 0 or len(target) != len(inputs[0]):
            return None
        pairs.append((_columns(inputs).detach(), target.detach()))
    if (found := together(pairs)) is None:
        return None
    X, y = found
    flat = torch.cat([X.flatten(1).double(), y.reshape(len(y), -1).double()], dim=1)
    _, first = np.unique(flat.numpy(), axis=0, return_index=True)
    chosen = torch.from_numpy(np.sort(first))
    return X[chosen], y[chosen]


def places(tapes: Sequence[Tape]) -> Pair | None:
    """Ids (N, T) of recorded steps with a target for each of them (N, T); None where there are none."""
    pairs = []
    for tape in tapes:
        target = tape.target
        ids = next((x for x in tape.inputs if x.dim() == 2 and not x.is_floating_point()), None)
        if ids is None or target is None or target.numel() != ids.numel():
            return None
        pairs.append((ids.long(), target.detach().reshape(ids.shape)))
    if len({x.shape[1] for x, _ in pairs}) != 1:
        return None
    return torch.cat([x for x, _ in pairs]), torch.cat([y for _, y in pairs])


def judged(calls: Sequence[EvalCall]) -> Pair | None:
    """Inputs (M, …) and targets (M,) of calls without gradients, where these were compared with targets."""
    pairs = []
    for call in calls:
        size = len(call.inputs[0]) if call.inputs else 0
        target = next((t for e in call.entries for t in _targets(e, size, call)), None)
        if target is not None and size:
            pairs.append((_columns(call.inputs), target.detach().reshape(-1)))
    return together(pairs)


def together(pairs: list[Pair]) -> Pair | None:
    """As one; ids of texts that were padded batch by batch to the longest. None where they do not fit."""
    if not pairs:
        return None
    if {(x.dim(), x.is_floating_point()) for x, _ in pairs} == {(2, False)}:
        pairs = padded(pairs)
    if len({(x.shape[1:], y.shape[1:], x.dtype) for x, y in pairs}) > 1:
        return None
    return torch.cat([x for x, _ in pairs]), torch.cat([y for _, y in pairs])


def padded(pairs: list[Pair]) -> list[Pair]:
    """Ids (N, T) filled up with 0 to the longest."""
    widest = max(x.shape[1] for x, _ in pairs)
    return [(torch.nn.functional.pad(x, (0, widest - x.shape[1])), y) for x, y in pairs]


@dataclass(frozen=True)
class Pool:
    """Examples with all that goes into the model for each: inputs, each (N, …), and targets (N, …)."""

    inputs: list[Tensor]
    target: Tensor

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, places: Tensor) -> "Pool":
        return Pool([x[places] for x in self.inputs], self.target[places])

    def swap(self, tape: Tape) -> dict[int, Tensor]:
        """These examples, as many as a step has, in the place of its own."""
        found = {id(old): new.to(old.dtype) for old, new in zip(_of_batch(tape), self.inputs)}
        target = tape.target
        return found if target is None else found | {id(target): self.target.to(target.dtype).reshape(target.shape)}


def pool(tapes: Sequence[Tape]) -> Pool | None:
    """Of recorded steps, each example once; None where steps differ in form or examples have several targets."""
    kept = [tape for tape in tapes if tape.batch_size == tapes[0].batch_size]
    shapes = {tuple(_form(x) for x in _of_batch(tape)) for tape in kept}
    targets = [tape.target for tape in kept if tape.target is not None]
    if len(shapes) != 1 or len(targets) < len(kept) or any(t.numel() != kept[0].batch_size for t in targets):
        return None
    columns = [[_of_batch(tape)[i].detach() for tape in kept] for i in range(len(_of_batch(kept[0])))]
    inputs = [torch.cat(_widened(column)) for column in columns]
    if not inputs:
        return None
    target = torch.cat([t.detach().reshape(-1) for t in targets])
    flat = torch.cat([x.reshape(len(x), -1).double() for x in [*inputs, target]], dim=1)
    _, first = np.unique(flat.numpy(), axis=0, return_index=True)
    return Pool(inputs, target)[torch.from_numpy(np.sort(first))]


def _form(x: Tensor) -> Any:
    """What must be alike: of texts not their length."""
    return "ids" if x.dim() == 2 and not x.is_floating_point() else x.shape


def _widened(column: list[Tensor]) -> list[Tensor]:
    if _form(column[0]) != "ids":
        return column
    return [x for x, _ in padded([(x, x) for x in column])]


def _of_batch(tape: Tape) -> list[Tensor]:
    """Inputs that have an example a row."""
    return [x for x in tape.inputs if len(x) == tape.batch_size]


def _columns(inputs: list[Tensor]) -> Tensor:
    """The largest input; where each example is a number or an id in several inputs, these as columns (N, D)."""
    first = inputs[0]
    if first.dim() > 1:
        return first
    return torch.stack([x.float() for x in inputs if x.shape == first.shape], dim=1)


def _targets(entry: Entry, size: int, call: EvalCall) -> list[Tensor]:
    """One for each example, that an answer is compared with: whole numbers, or those of a loss."""
    if entry.name not in (*LOSSES, "eq", "__eq__", "ne"):
        return []
    given = [
        t for t in tensors((entry.args[:2], entry.kwargs))
        if t.shape in ((size,), (size, 1)) and (not t.is_floating_point() or entry.name in LOSSES)
    ]  # fmt: skip
    made = {id(t) for e in call.entries for t in tensors(e.result)}
    own = {t.data_ptr() for t in call.outputs}
    return [t for t in given if id(t) not in made and t.data_ptr() not in own]
