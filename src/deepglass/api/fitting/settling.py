"""What is settled before the first step: what the module takes and answers, its loss, and data that cannot be right."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.api.fitting import losses, trial
from deepglass.api.fitting.batching import Batcher
from deepglass.api.fitting.given import Classes, Given, GivenArrays
from deepglass.api.fitting.layout import Layout
from deepglass.api.fitting.objective import Objective, choose, described, loss_in, meaning_of
from deepglass.api.fitting.parts import TARGET_KEYS
from deepglass.api.fitting.structure import filled
from deepglass.api.fitting.targets import rows_where
from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.data.examples import Batch

NO_TARGET = (
    "there is no target: give (X, y), or X and y=, of a frame also y='column'; to learn the inputs themselves give "
    "(X, X); a loss that needs no target is a function of the outputs alone"
)
LOOKED_AT = 16  # rows with and without numbers by which it is seen what a number that is none does


@dataclass
class Settled:
    """What was found out.

    classes: What the codes of the one target mean.
    batch_size: Of the first batch that came.
    """

    layout: Layout
    objective: Objective
    guesses: list[Guess]
    classes: np.ndarray | None
    batch_size: int


def settle(module: nn.Module, data: Given, batcher: Batcher, loss: Any, has_weights: bool) -> Settled:
    """Try the module on some examples and choose its loss; afterwards `batcher` can make batches.

    Args:
        module: To be trained.
        data: Its training data.
        batcher: Of these data; gets layout, types and objective.
        loss: As `fit` got it.
        has_weights: Whether examples will count differently.

    Raises:
        DataError: If data, module and loss do not fit; OptionError: if the loss has to be said.
    """
    _require_weights(module)
    if isinstance(loss, nn.Module):
        loss.to(device_of(module))
    layout, tensors, seen = data.first()
    count = trial.TRIED if len(tensors[0]) > trial.TRIED else max(1, len(tensors[0]))
    rows = _on(device_of(module), tuple(tensor[:count] for tensor in tensors))
    try:
        layout, outputs, batcher.casts = _tried(module, layout, rows, loss)
    except DataError as error:
        if layout.target is not None:
            raise
        raise DataError(NO_TARGET) from error
    classes = data.classes if isinstance(data, GivenArrays) else {}
    if loss is None or (not isinstance(loss, dict | list | tuple) and losses.loss_of(loss).kind != "own"):
        _require_targets(layout, seen)
    batcher.layout, batcher.floats = layout, trial.float_type(module)
    batcher.has_bytes = [tensor.dtype == torch.uint8 for tensor in rows[: layout.num_inputs]]
    batcher.objective, guesses = _objective(module, layout, outputs, seen, loss, classes)
    guesses = [*_cast_guesses(layout, rows, batcher.casts), *guesses]
    _require_sound(module, batcher, rows, has_weights)
    if isinstance(data, GivenArrays):
        _require_numbers(module, batcher, tensors)
    only = batcher.objective.only
    known = classes.get(None)
    known = known if known is not None else _counted(only)
    return Settled(layout, batcher.objective, guesses, known, len(tensors[0]))


def _require_weights(module: nn.Module) -> None:
    if not any(parameter.requires_grad for parameter in module.parameters()):
        what = "all its weights are frozen" if any(True for _ in module.parameters()) else "it has no weights"
        raise OptionError(
            f"module: nothing in it can learn, {what}: expected at least one parameter that requires a gradient"
        )


def _tried(module: nn.Module, layout: Layout, rows: Batch, loss: Any) -> tuple[Layout, Any, list[trial.Cast]]:
    """What the module answers; with the target among its inputs where it computes its own loss from it."""
    from deepglass.api.fitting.signature import signature_of

    signature = signature_of(module)
    names = [layout.names[layout.num_inputs]] if layout.target is not None else []
    keyword = next((n for n in (*names, *TARGET_KEYS) if n in signature.names and n not in layout.kwargs), None)
    taken = {name for name, _ in zip(signature.names, layout.args)}
    if loss is None and keyword is not None and keyword not in taken and isinstance(layout.target, int):
        own = replace(layout, target_keyword=keyword)
        try:
            outputs, casts = trial.answer(module, own, _long_targets(own, rows))
            if loss_in(outputs) is not None:
                return own, outputs, casts
        except DataError:  # then it is not a target that the parameter is for
            pass
    outputs, casts = trial.answer(module, layout, rows)
    return layout, outputs, casts


def _objective(
    module: nn.Module, layout: Layout, outputs: Any, seen: Batch, loss: Any, classes: Classes
) -> tuple[Objective, list[Guess]]:
    if layout.target_keyword is not None or (loss is None and layout.target is None and loss_in(outputs) is not None):
        target = filled(layout.target, seen) if layout.target is not None else None
        meaning = meaning_of(outputs, target, module, classes)
        guess = Guess("loss", "the module's own", "its answer holds one", "loss=")
        return Objective(is_of_module=True, meaning=meaning), [guess]
    if layout.target is None:
        if loss is not None and (known := losses.loss_of(loss)).kind == "own" and known.required == 1:
            return Objective(own=known), []
        raise DataError(NO_TARGET)
    target = filled(layout.target, seen)
    keys = _keys_of(layout.target)
    names = {key: layout.names[place] for key, place in keys.items()}
    if isinstance(outputs, Tensor) and outputs.dim() == 0:
        raise DataError("the module answers with one number for all examples: expected one answer for each")
    return choose(loss, outputs, target, classes, module, names)


def _keys_of(template: Any) -> dict[Any, int]:
    if isinstance(template, int):
        return {None: template}
    pairs = template.items() if isinstance(template, dict) else enumerate(template)
    return {key: place for key, place in pairs if isinstance(place, int)}


def _long_targets(layout: Layout, rows: Batch) -> Batch:
    """Whole numbers of targets as int64, as PyTorch's losses want them."""
    return tuple(
        part.long() if i >= layout.num_inputs and not part.is_floating_point() else part for i, part in enumerate(rows)
    )


def _cast_guesses(layout: Layout, rows: Batch, casts: list[trial.Cast]) -> list[Guess]:
    guesses = []
    for name, tensor, wanted in zip(layout.names, rows, casts):
        kind = str(tensor.dtype).removeprefix("torch.")
        if wanted == "scaled":
            guesses.append(
                Guess(name, "bytes 0 … 255 become 0 … 1", f"it is {kind}, the module takes numbers", f"{name}.float()")
            )
        elif wanted is not None and not tensor.is_floating_point():
            into = str(wanted).removeprefix("torch.")
            guesses.append(Guess(name, f"{kind} becomes {into}", "as the module takes it", "an array of that type"))
    return guesses


def _counted(plan: Any) -> np.ndarray | None:
    """Classes that are called by their numbers."""
    return None if plan is None or plan.num_classes is None or plan.signs else np.arange(plan.num_classes)


def _on(device: torch.device, batch: Batch) -> Batch:
    return tuple(part.to(device) for part in batch)


# -- what cannot be right -------------------------------------------------------------------------------------------


def _require_sound(module: nn.Module, batcher: Batcher, rows: Batch, has_weights: bool) -> None:
    """The loss of some examples is one number, has a gradient, and compares each example with its own target.

    Raises:
        DataError: If not.
    """
    layout, objective = batcher.layout, batcher.objective
    assert layout is not None
    assert objective is not None
    batch = _on(device_of(module), batcher.finished(tuple(part.cpu() for part in rows)))
    weights = torch.ones(len(rows[0]), device=batch[0].device) if has_weights and objective.can_weigh else None
    with trial.at_rest(module):
        outputs = layout.call(module, batch)
        try:
            with trial.watching(len(rows[0])) as broadcast:
                loss = objective(outputs, layout.target_of(batch), weights)
        except Exception as error:
            if isinstance(error, DataError | OptionError):
                raise
            raise DataError(
                f"the loss {objective.words} fails on what the module answers, {described(outputs)}, and the target, "
                f"{described(layout.target_of(batch))}: {type(error).__name__}: {str(error).strip().splitlines()[0]}"
            ) from error
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        raise DataError(f"the loss {objective.words} gives {described(loss)}: expected one number, such as its mean")
    if broadcast:
        raise DataError(
            f"the loss {objective.words} spreads {broadcast[0]} against each other: every answer would be compared "
            f"with the targets of other examples; the module answers {described(outputs)}, the target is "
            f"{described(layout.target_of(batch))}: give both one shape, as y.reshape(-1, 1) or outputs.squeeze(1) do"
        )
    if not loss.requires_grad:
        raise DataError(
            f"the loss {objective.words} does not depend on the weights of the module: nothing would be learnt"
        )


def _require_targets(layout: Layout, seen: Batch) -> None:
    """Targets are numbers: no loss that is known makes something of a NaN.

    Raises:
        DataError: If one is not.
    """
    for place in layout.target_places:
        odd = ~torch.isfinite(seen[place]) if seen[place].is_floating_point() else torch.zeros(1, dtype=torch.bool)
        if odd.any():
            raise _not_a_number(layout.names[place], seen[place], odd)


def _not_a_number(name: str, tensor: Tensor, odd: Tensor) -> DataError:
    places = odd.nonzero()
    first = ", ".join(map(str, places[0].tolist()))
    what = "NaN" if bool(torch.isnan(tensor).any()) else "infinite"
    rows = len(rows_where(odd))
    return DataError(
        f"{name}[{first}] is {what} ({len(places):,} such numbers in {rows:,} of {len(tensor):,} rows): nothing can be "
        f"learnt from it; fill or leave out these rows, for instance those where np.isfinite({name}) is false"
    )


def _require_numbers(module: nn.Module, batcher: Batcher, tensors: Batch) -> None:
    """Where data hold a NaN or an infinity, the module and its loss have to make a number of it.

    Raises:
        DataError: If they do not; names input and row.
    """
    layout = batcher.layout
    assert layout is not None
    for name, tensor in zip(layout.names, tensors):
        if not tensor.is_floating_point() or bool(torch.isfinite(tensor.sum())):
            continue
        odd = ~torch.isfinite(tensor)
        if odd.any() and not _makes_numbers(module, batcher, tensors, odd):
            raise _not_a_number(name, tensor, odd)


def _makes_numbers(module: nn.Module, batcher: Batcher, tensors: Batch, odd: Tensor) -> bool:
    """Whether the loss of rows with and without such numbers is a number."""
    half, is_odd = LOOKED_AT // 2, odd.reshape(len(odd), -1).any(dim=1)
    rows = torch.cat([rows_where(is_odd)[:half], rows_where(~is_odd)[:half]])
    layout, objective = batcher.layout, batcher.objective
    assert layout is not None
    assert objective is not None
    try:
        batch = _on(device_of(module), batcher.finished(tuple(tensor[rows] for tensor in tensors)))
        with trial.at_rest(module), torch.no_grad():
            loss = objective(layout.call(module, batch), layout.target_of(batch))
    except DataError:
        return False
    return bool(torch.isfinite(loss).all())
