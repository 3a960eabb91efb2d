"""How a flat batch becomes a call of the module: which tensor goes where, which are the target, which the weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from deepglass.api.fitting.parts import Parts
from deepglass.api.fitting.structure import filled, flattened
from deepglass.core.errors import DataError
from deepglass.core.wording import counted
from deepglass.data.examples import Batch


@dataclass(frozen=True)
class Layout:
    """Positions in a batch, which is a flat tuple: inputs, then targets, then weights.

    args, kwargs: Templates of the call, see `structure`.
    target: Template of the target; None where there is none.
    names: What each tensor is called in messages.
    num_inputs: How many of the tensors are inputs.
    weights: Position of the weights of the examples, where there are any.
    target_keyword: The parameter by which the module itself takes the target, where it computes its own loss.
    """

    args: list[Any]
    kwargs: dict[str, Any]
    target: Any
    names: list[str]
    num_inputs: int
    weights: int | None = None
    target_keyword: str | None = None

    def call(self, module: Any, batch: Batch) -> Any:
        """What the module says of a batch."""
        kwargs = filled(self.kwargs, batch)
        if self.target_keyword is not None:
            kwargs[self.target_keyword] = self.target_of(batch)
        return module(*filled(self.args, batch), **kwargs)

    def target_of(self, batch: Batch) -> Any:
        """The target as it was handed over: a tensor, or several in a tuple, list or dict."""
        return None if self.target is None else filled(self.target, batch)

    def weights_of(self, batch: Batch) -> Tensor | None:
        """(B,) what each example counts; None where all count alike."""
        return None if self.weights is None else batch[self.weights]

    @property
    def target_places(self) -> range:
        """Positions of the target's tensors."""
        return range(self.num_inputs, len(self.names) - (self.weights is not None))

    def with_weights(self) -> "Layout":
        """The same with weights behind everything else."""
        return replace(self, names=[*self.names, "sample_weight"], weights=len(self.names))

    def require_same(self, other: "Layout", where: str) -> None:
        """Check that other data are laid out alike.

        Raises:
            DataError: If they have another number of inputs, or other names or targets.
        """
        has_one = self.num_inputs == other.num_inputs == 1  # which may have a name on one side and none on the other
        is_same = has_one or (self.args, self.kwargs) == (other.args, other.kwargs)
        if not is_same or self.target != other.target:
            raise DataError(f"{where} has {other}, train has {self}: expected the same")

    def __str__(self) -> str:
        targets = len(self.target_places)
        what = counted(targets, "target") if targets else "no target"
        return f"{counted(self.num_inputs, 'input')} ({', '.join(self.names[: self.num_inputs])}) and {what}"


def lay_out(parts: Parts) -> tuple[Layout, list[Any]]:
    """The layout of sorted data, and their arrays in its order."""
    leaves: list[Any] = []
    names: list[str] = []

    def placed(structure: Any, name: str) -> Any:
        found, paths, template = flattened(structure, name, len(leaves))
        leaves.extend(found)
        names.extend(paths)
        return template

    args = [placed(part, name) for part, name in zip(parts.args, parts.names, strict=True)]
    kwargs = {key: placed(part, key) for key, part in parts.kwargs.items()}
    num_inputs = len(leaves)
    target = None if parts.target is None else placed(parts.target, parts.target_name)
    return Layout(args, kwargs, target, names, num_inputs), leaves


def sizes(names: Sequence[str], tensors: Sequence[Tensor]) -> str:
    """`left (5, 3) float32, right (5, 2) float32`, for messages."""
    types = [str(tensor.dtype).removeprefix("torch.") for tensor in tensors]
    return ", ".join(f"{n} {tuple(t.shape)} {kind}" for n, t, kind in zip(names, tensors, types, strict=True))
