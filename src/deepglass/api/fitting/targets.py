"""The target in the form that a loss takes, or a message that says why it cannot be brought into it.

Silence is dangerous here: (N,) targets broadcast against (N, 1) outputs give a loss, a gradient and a wrong model.
So shapes are compared once, before the first step: what means the same is taken as the outputs are, with a word, and
all else is refused with both shapes.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.api.fitting.arrays import places
from deepglass.api.fitting.losses import Loss
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import listing

IGNORED = -100  # the label that PyTorch's losses leave out, unless they are told otherwise
RECODE = "np.unique(y, return_inverse=True)[1]"


@dataclass(frozen=True)
class TargetPlan:
    """How one target becomes what its loss takes.

    loss: What it is compared with by.
    name: For messages.
    dtype: Of the target in the loss; None leaves it as it came.
    tail: Shape of one example's target; None leaves it as it came.
    signs: Whether -1 and 1 stand for 0 and 1.
    one_hot: Whether rows of one 1 among zeros stand for its position.
    classes_last: Whether outputs (N, T, K) have their classes at the end, where the loss wants them second.
    num_classes: Labels run from 0 to below it; None where nothing is counted.
    classes: What each label means, where the target held words or truth values.
    """

    loss: Loss
    name: str = "y"
    dtype: torch.dtype | None = None
    tail: tuple[int, ...] | None = None
    signs: bool = False
    one_hot: bool = False
    classes_last: bool = False
    num_classes: int | None = None
    classes: np.ndarray | None = None
    guesses: list[Guess] = field(default_factory=list)

    def apply(self, target: Tensor) -> Tensor:
        """Targets (N, ...) as the loss takes them.

        Raises:
            DataError: If a label is out of range.
        """
        target = target.argmax(dim=1) if self.one_hot else target
        if self.signs:
            _require_signs(target, self.name)
            target = (target + 1) / 2
        target = target if self.dtype is None else target.to(self.dtype)
        target = target if self.tail is None else target.reshape(len(target), *self.tail)
        if self.num_classes is not None and not target.is_floating_point():
            self._require_range(target)
        if self.loss.kind == "binary" and self.loss.name != "hinge":
            _require_shares(target, self.name)
        return target

    def _require_range(self, target: Tensor) -> None:
        ignored = getattr(self.loss.mean, "ignore_index", IGNORED)
        odd = ((target < 0) | (target >= self.num_classes)) & (target != ignored)
        if not odd.any():
            return
        rows = rows_where(odd).numpy(force=True)
        labels = listing(torch.unique(target[odd]).tolist())
        smallest, largest = int(target[target != ignored].min()), int(target.max())
        fits_when_shifted = smallest == 1 and largest == self.num_classes
        remedy = "subtract 1" if fits_when_shifted else f"give the last layer {largest + 1} outputs, or code them anew"
        remedy += "" if fits_when_shifted or smallest >= 0 else f" ({RECODE})"
        raise DataError(
            f"{self.name} has labels beyond the {self.num_classes} outputs of the module: {labels} in "
            f"{places(self.name, rows)}; expected 0 to {self.num_classes - 1 if self.num_classes else 0}: {remedy}"
        )


def plan_target(loss: Loss, outputs: Tensor, target: Tensor, name: str, classes: np.ndarray | None) -> TargetPlan:
    """How a target is brought into the form that its loss takes, seen on some examples.

    Args:
        loss: With what is known of it.
        outputs: Of the module for some examples, (n, ...).
        target: Of these and others, (N, ...): what it holds decides, too.
        name: Of the target, for messages.
        classes: What the labels mean, where they were words.

    Raises:
        DataError: If the two do not fit; names both shapes.
    """
    plan = TargetPlan(loss, name, classes=classes)
    if loss.kind == "own":
        return replace(plan, dtype=None if target.is_floating_point() else torch.int64)
    if loss.kind == "classes" or (loss.name == "hinge" and outputs[0].numel() > 1):
        return _plan_classes(plan, outputs, target)
    if loss.kind == "binary":
        return _plan_binary(plan, outputs, target)
    return replace(plan, dtype=outputs.dtype, **_aligned(plan, outputs, target))


# -- one kind of loss after the other -------------------------------------------------------------------------------


def _plan_classes(plan: TargetPlan, outputs: Tensor, target: Tensor) -> TargetPlan:
    if outputs.dim() < 2 or outputs.shape[1] < 2:
        raise DataError(
            f"{plan.loss.name} chooses among outputs, and the module has one an example ({shape_of(outputs)}): give it "
            "as many as there are classes, or choose loss='bce' or loss='mse'"
        )
    tail, said = tuple(target.shape[1:]), tuple(outputs.shape[1:])
    if target.is_floating_point() and tail == said:  # shares of all classes
        return replace(plan, dtype=outputs.dtype)
    if target.is_floating_point() and bool((target != target.round()).any()):
        raise DataError(
            f"{plan.name} holds numbers such as {float(target.flatten()[0]):g}, {plan.loss.name} takes classes: give "
            "whole numbers, or choose loss='mse'"
        )
    if tail == said:
        return _plan_one_hot(plan, outputs, target)
    signs, guesses = _signs(plan, target) if outputs.shape[1] == 2 else (False, [])
    plan = replace(plan, dtype=torch.int64, signs=signs, guesses=guesses, num_classes=outputs.shape[1])
    labels = said[1:]
    if tail == labels:
        return plan
    if tail == said[:-1]:  # (N, T, K) and (N, T)
        why = f"the module answers {shape_of(outputs)}, {plan.name} is {shape_of(target)}"
        guess = Guess("classes", f"the last of the outputs' dimensions, {outputs.shape[-1]}", why, "outputs (N, K, …)")
        return replace(plan, classes_last=True, num_classes=outputs.shape[-1], guesses=[*guesses, guess])
    if squeezed(tail) == squeezed(labels):
        return replace(plan, tail=labels, guesses=[*guesses, _as_outputs(plan, target, labels)])
    raise DataError(
        f"{plan.name} is {shape_of(target)}, the module answers {shape_of(outputs)}: {plan.loss.name} expects "
        f"{shape_words(labels)}, one class for each"
    )


def _plan_one_hot(plan: TargetPlan, outputs: Tensor, target: Tensor) -> TargetPlan:
    is_one_hot = target.dim() == 2 and bool((target.sum(dim=1) == 1).all()) and bool((target >= 0).all())
    if not is_one_hot:
        raise DataError(
            f"{plan.name} is {shape_of(target)} like the outputs, with several classes an example: {plan.loss.name} "
            "takes one class each; choose loss='bce'"
        )
    guess = Guess(plan.name, "the position of the 1 in each row", "each row has a single 1", "one label per example")
    return replace(plan, one_hot=True, dtype=torch.int64, num_classes=outputs.shape[1], guesses=[guess])


def _plan_binary(plan: TargetPlan, outputs: Tensor, target: Tensor) -> TargetPlan:
    if outputs[0].numel() != target[0].numel():
        raise DataError(
            f"{plan.name} is {shape_of(target)}, the module answers {shape_of(outputs)}: {plan.loss.name} expects one "
            "output for each label; give the module one, or choose loss='cross-entropy' for classes"
        )
    signs, guesses = _signs(plan, target)
    fitted = _aligned(plan, outputs, target)
    return replace(plan, dtype=outputs.dtype, signs=signs, tail=fitted["tail"], guesses=guesses + fitted["guesses"])


def _aligned(plan: TargetPlan, outputs: Tensor, target: Tensor) -> dict[str, Any]:
    """The shape of the outputs for a target that has as many numbers, but for dimensions of 1."""
    tail, said = tuple(target.shape[1:]), tuple(outputs.shape[1:])
    if tail == said:
        return {"tail": None, "guesses": []}
    if squeezed(tail) != squeezed(said):
        raise DataError(
            f"{plan.name} is {shape_of(target)}, the module answers {shape_of(outputs)}: {plan.loss.name} compares "
            "them number by number and expects the same shape; change the last layer or the target"
        )
    return {"tail": said, "guesses": [_as_outputs(plan, target, said)]}


def _as_outputs(plan: TargetPlan, target: Tensor, tail: tuple[int, ...]) -> Guess:
    why = "as the module answers; broadcast against each other they would teach something else"
    return Guess(f"{plan.name} {shape_of(target)}", f"taken as {shape_words(tail)}", why, "a target of that shape")


def _signs(plan: TargetPlan, target: Tensor) -> tuple[bool, list[Guess]]:
    """Whether -1 and 1 stand for two classes."""
    if not (bool((target == -1).any()) and bool(((target == -1) | (target == 1)).all())):
        return False, []
    return True, [Guess(plan.name, "0 for -1 and 1 for 1", f"{plan.loss.name} counts classes from 0", "labels 0 and 1")]


def _require_signs(target: Tensor, name: str) -> None:
    odd = (target != -1) & (target != 1)
    if odd.any():
        raise DataError(
            f"{name} holds {listing(torch.unique(target[odd]).tolist())} beside -1 and 1: expected these two"
        )


def _require_shares(target: Tensor, name: str) -> None:
    odd = (target < 0) | (target > 1)
    if odd.any():
        rows = rows_where(odd).numpy(force=True)
        raise DataError(
            f"{name} holds {listing(torch.unique(target[odd]).tolist())} in {places(name, rows)}: bce expects 0 and 1, "
            "or shares between; choose loss='mse' for numbers, or cross-entropy for more classes"
        )


def rows_where(mask: Tensor) -> Tensor:
    """Positions of the examples for which a mask (N, ...) is true somewhere."""
    return mask.reshape(len(mask), -1).any(dim=1).nonzero().flatten()


# -- shapes ---------------------------------------------------------------------------------------------------------


def shape_of(tensor: Tensor) -> str:
    """`(N, 3)`: the shape, with a letter for the number of examples."""
    return shape_words(tuple(tensor.shape[1:]))


def shape_words(tail: tuple[int, ...]) -> str:
    """`(N, 3)` of the shape (3,) of one example."""
    return f"(N, {', '.join(map(str, tail))})" if tail else "(N,)"


def squeezed(tail: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without dimensions of 1."""
    return tuple(size for size in tail if size != 1)
