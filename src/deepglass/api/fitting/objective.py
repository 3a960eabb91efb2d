"""What a training makes smaller: a loss of outputs and target, a sum of several, or what the module itself computes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.api.fitting import losses
from deepglass.api.fitting.losses import Loss
from deepglass.api.fitting.targets import TargetPlan, plan_target, shape_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import listing

Key = str | int | None


@dataclass
class Objective:
    """Of (outputs, target, weights) to one number.

    terms: A key of outputs and target, None for the whole of both, and how the two are compared; their sum counts.
    own: A function of one's own, in the place of terms.
    is_of_module: Whether the module computes its loss itself.
    meaning: How outputs and target are to be read where the loss does not say it; None where nobody knows.
    smoothing: Of the labels, while training.
    """

    terms: dict[Key, TargetPlan] = field(default_factory=dict)
    own: Loss | None = None
    is_of_module: bool = False
    meaning: TargetPlan | None = None
    smoothing: float = 0.0

    def __call__(self, outputs: Any, target: Any, weights: Tensor | None = None, is_training: bool = False) -> Tensor:
        """The loss of a batch: () with a gradient."""
        if self.is_of_module:
            return loss_in(outputs)  # type: ignore[return-value]
        if self.own is not None:
            given = [outputs, target, weights][: self._own_arguments(target, weights)]
            return self.own.mean(*given)
        parts = [self._term(key, outputs, target, weights, is_training) for key in self.terms]
        return sum(parts[1:], parts[0])

    @property
    def only(self) -> TargetPlan | None:
        """The plan of the one target, where there is one."""
        return self.terms.get(None, self.meaning)

    @property
    def can_weigh(self) -> bool:
        """Whether examples can count differently."""
        if self.is_of_module:
            return False
        return self.own.most >= 3 if self.own is not None else all(p.loss.each is not None for p in self.terms.values())

    @property
    def words(self) -> str:
        """For the screen."""
        if self.is_of_module:
            return "the module's own"
        if self.own is not None:
            return self.own.name
        return ", ".join(f"{p.loss.name} of {key}" if key is not None else p.loss.name for key, p in self.terms.items())

    def move(self, device: torch.device) -> None:
        """Bring weights that a loss holds, such as those of classes, to where the training is."""
        for loss in [plan.loss for plan in self.terms.values()] + ([self.own] if self.own else []):
            if isinstance(loss.mean, nn.Module):
                loss.mean.to(device)

    def apply(self, target: Any) -> Any:
        """Targets as the losses take them.

        Raises:
            DataError: If one does not fit.
        """
        if not self.terms or target is None:
            return target
        if None in self.terms:
            return self.terms[None].apply(target)
        if isinstance(target, Mapping):
            return {key: self.terms[key].apply(part) if key in self.terms else part for key, part in target.items()}
        return type(target)(self.terms[i].apply(part) if i in self.terms else part for i, part in enumerate(target))

    def _own_arguments(self, target: Any, weights: Tensor | None) -> int:
        assert self.own is not None
        wanted = 1 + (target is not None) + (weights is not None)
        return max(self.own.required, min(wanted, self.own.most))

    def _term(self, key: Key, outputs: Any, target: Any, weights: Tensor | None, is_training: bool) -> Tensor:
        plan = self.terms[key]
        said = answer_in(outputs) if key is None else outputs[key]
        true = target if key is None else target[key]
        said = said.movedim(-1, 1) if plan.classes_last else said
        smooth = {"label_smoothing": self.smoothing} if self.smoothing and is_training else {}
        if weights is None:
            return plan.loss.mean(said, true, **smooth)
        each = plan.loss.each(said, true, **smooth)  # type: ignore[misc]
        each = each.flatten(1).mean(dim=1) if each.dim() > 1 else each  # (B,)
        return (each * weights).sum() / weights.sum().clamp(min=torch.finfo(each.dtype).tiny)


def choose(
    loss: Any, outputs: Any, target: Any, classes: dict[Key, Any], module: nn.Module, names: dict[Key, str]
) -> tuple[Objective, list[Guess]]:
    """The objective that was asked for, or the one that outputs and target call for; and what was guessed.

    Args:
        loss: As `fit` got it.
        outputs: Of the module for a few examples.
        target: Of these examples, with as many others as show what it holds.
        classes: Of each target that held words.
        module: Its last layer may say what its outputs are.
        names: Of the targets.

    Raises:
        OptionError: If nothing can be guessed; DataError: if outputs and target do not fit.
    """
    if isinstance(loss, Mapping | list | tuple):
        given = dict(loss) if isinstance(loss, Mapping) else dict(enumerate(loss))
        pairs = {key: losses.loss_of(one) for key, one in given.items()}
        return _of_terms(pairs, outputs, target, classes, module, names)
    if loss is not None:
        known = losses.loss_of(loss)
        if known.kind == "own":
            return Objective(own=known, meaning=meaning_of(outputs, target, module, classes)), []
        return _of_terms({None: known}, outputs, target, classes, module, names)
    keys = _shared_keys(outputs, target)
    return _of_terms(dict.fromkeys(keys), outputs, target, classes, module, names)


def meaning_of(outputs: Any, target: Any, module: nn.Module, classes: dict[Key, Any]) -> TargetPlan | None:
    """How answers and target would be read if the loss had to be guessed; None where they tell nothing."""
    said = answer_in(outputs)
    if not (isinstance(said, Tensor) and isinstance(target, Tensor) and said.dim() > 0):
        return None
    try:
        plan = plan_target(guess_loss(said, target, module)[0], said, target, "y", classes.get(None))
    except DataError:
        return None
    is_as_it_came = plan.tail is None and not (plan.signs or plan.one_hot or plan.classes_last)
    return plan if is_as_it_came else None


def loss_in(outputs: Any) -> Tensor | None:
    """The loss among the outputs of a module that computes it itself: `outputs.loss`, or the one number in a tuple."""
    found = outputs.get("loss") if isinstance(outputs, Mapping) else getattr(outputs, "loss", None)
    if found is None and isinstance(outputs, tuple):
        found = next((part for part in outputs if isinstance(part, Tensor) and part.dim() == 0), None)
    return found if isinstance(found, Tensor) and found.numel() == 1 else None


def answer_in(outputs: Any) -> Any:
    """The answer among the outputs: the tensor itself, `logits`, or the first of several beside a loss."""
    if isinstance(outputs, Tensor):
        return outputs
    found = outputs.get("logits") if isinstance(outputs, Mapping) else getattr(outputs, "logits", None)
    if found is None and isinstance(outputs, tuple) and loss_in(outputs) is not None:
        found = next((part for part in outputs if isinstance(part, Tensor) and part.dim() > 0), None)
    return outputs if found is None else found


def _shared_keys(outputs: Any, target: Any) -> list[Key]:
    """Where outputs and target belong together; [None] where both are one."""
    if isinstance(answer_in(outputs), Tensor) and isinstance(target, Tensor):
        return [None]
    if isinstance(outputs, Mapping) and isinstance(target, Mapping) and target.keys() <= outputs.keys():
        return list(target)
    if isinstance(outputs, list | tuple) and isinstance(target, list | tuple) and len(outputs) == len(target):
        return list(range(len(target)))
    raise OptionError(
        f"loss: the module answers with {described(outputs)}, the target is {described(target)}: say how they are "
        "compared, with a function loss=lambda outputs, target: …, or a loss for each of the same names"
    )


def _of_terms(
    pairs: dict[Key, Loss | None],
    outputs: Any,
    target: Any,
    classes: dict[Key, Any],
    module: nn.Module,
    names: dict[Key, str],
) -> tuple[Objective, list[Guess]]:
    terms, guesses = {}, []
    for key, loss in pairs.items():
        said, true = _picked(outputs, key, "module"), _picked(target, key, "target")
        if not (isinstance(said, Tensor) and isinstance(true, Tensor)):
            raise OptionError(
                f"loss: {loss.name if loss else 'a loss'} compares two tensors, the module answers with "
                f"{described(said)} and the target is {described(true)}: give a function loss=lambda outputs, target: …"
            )
        if loss is None:
            loss, guess = guess_loss(said, true, module)
            guesses.append(guess)
        terms[key] = plan_target(loss, said, true, names.get(key, "y"), classes.get(key))
        guesses += terms[key].guesses
    return Objective(terms), guesses


def guess_loss(outputs: Tensor, target: Tensor, module: nn.Module) -> tuple[Loss, Guess]:
    """The loss that outputs (n, ...) and target (N, ...) call for.

    Whole numbers are classes of several outputs, and yes or no of one; what has a point is a value.
    """
    name, why = _likely(outputs, target)
    last = [layer for layer in module.modules() if not any(layer.children())][-1]
    if name == "bce" and isinstance(last, nn.Sigmoid):
        return losses.of_probabilities(), Guess("loss", "bce of probabilities", f"{why}, after a sigmoid", "loss=")
    return losses.named(name), Guess("loss", name, why, "loss=")


def _likely(outputs: Tensor, target: Tensor) -> tuple[str, str]:
    has_one, is_same = outputs[0].numel() == 1, outputs.shape[1:] == target.shape[1:]
    if target.is_floating_point():
        is_whole = not has_one and not is_same and bool((target == target.round()).all())
        if is_whole and target[0].numel() == 1 and outputs.dim() == 2:
            return "cross-entropy", f"whole numbers, and {outputs.shape[1]} outputs"
        return "mse", "the target is a number" + "; loss='bce' if 0 and 1 are classes" * _is_yes_or_no(target)
    if has_one and _is_yes_or_no(target):
        return "bce", "two classes, and one output"
    if has_one:
        return "mse", "whole numbers, and one output"
    if is_same and not bool((target.flatten(1).sum(dim=1) == 1).all()):
        return "bce", "several yes or no an example"
    return "cross-entropy", f"whole numbers, and {outputs.shape[1]} outputs" if outputs.dim() > 1 else "whole numbers"


def _is_yes_or_no(target: Tensor) -> bool:
    return bool(((target == 0) | (target == 1)).all()) or bool(((target == -1) | (target == 1)).all())


def _picked(structure: Any, key: Key, what: str) -> Any:
    if key is None:
        return answer_in(structure) if what == "module" else structure
    try:
        return structure[key]
    except (KeyError, IndexError, TypeError):
        raise OptionError(f"loss: the {what} has no {key!r}, only {described(structure)}") from None


def described(structure: Any) -> str:
    """`a dict (label, value)`, `a tuple of 2`, `a tensor (N, 3)`: outputs or a target, in words."""
    if isinstance(structure, Tensor):
        return f"a tensor {shape_of(structure)}" if structure.dim() else "one number"
    if isinstance(structure, Mapping):
        return f"a dict ({listing(structure)})"
    if isinstance(structure, list | tuple):
        return f"a {type(structure).__name__} of {len(structure)}"
    return "nothing" if structure is None else f"a {type(structure).__name__}"
