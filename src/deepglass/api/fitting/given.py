"""Data as they were given, each kind with the same few questions: a first batch, a part for validation, examples.

Arrays are held as tensors, a Dataset is asked by number, and batches come as somebody else's code gives them.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Subset

from deepglass.api.fitting import source as sources
from deepglass.api.fitting.arrays import places, target_of, tensor_of
from deepglass.api.fitting.batching import Batcher
from deepglass.api.fitting.datasets import NumberedExamples, is_numbered, tensors_of
from deepglass.api.fitting.given_batches import GivenBatches
from deepglass.api.fitting.layout import Layout, lay_out
from deepglass.api.fitting.parts import sort
from deepglass.api.fitting.trial import cast
from deepglass.core import seeds
from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.examples import Batch, Examples, InMemory

Classes = dict[Any, np.ndarray]  # of a target's key (None for the only one) → what its codes mean
SEEN = 64  # examples of a Dataset from which its target is judged


@dataclass
class GivenArrays:
    """Arrays with one row per example, as tensors.

    rows: Where the examples were in what was given.
    """

    layout: Layout
    tensors: tuple[Tensor, ...]
    classes: Classes
    batcher: Batcher
    rows: Tensor

    def __len__(self) -> int:
        return len(self.tensors[0])

    def first(self) -> tuple[Layout, Batch, Batch]:
        """The layout, a first batch, and all there is to see of the target."""
        return self.layout, self.tensors, self.tensors

    def divide(self, fraction: float, seed: int) -> tuple["GivenArrays", "GivenArrays"]:
        """A part for learning and a share for validation, drawn by the seed."""
        order = seeds.epoch_order(len(self), seed, -1)
        held = sources.held_out(len(order), fraction)
        sources.require_two(len(order), held, self.batcher.where)
        return self._part(order[held:]), self._part(order[:held])

    def examples(self, weights: Tensor | None, seed: int) -> Examples:
        """The examples in the types that module and loss take; bytes of pictures stay bytes until they are used."""
        casts = self.batcher.casts
        now = [None if one == "scaled" else one for one in casts]
        finished = replace(self.batcher, casts=now).finished(self.tensors)
        finished = finished if weights is None else (*finished, weights)
        if now == list(casts):
            return InMemory(*finished)
        return InMemory(*finished, transform=lambda batch: cast(batch, casts))

    def _part(self, rows: Tensor) -> "GivenArrays":
        return replace(
            self, tensors=tuple(tensor.index_select(0, rows) for tensor in self.tensors), rows=self.rows[rows]
        )


@dataclass
class GivenDataset:
    """A Dataset whose examples have numbers."""

    dataset: Any
    batcher: Batcher
    rows: Tensor

    def __len__(self) -> int:
        return len(self.dataset)

    def first(self) -> tuple[Layout, Batch, Batch]:
        layout, tensors = self.batcher.raw(self._examples(0).raw(torch.arange(min(SEEN, len(self)))))
        return layout, tensors, tensors

    def divide(self, fraction: float, seed: int) -> tuple["GivenDataset", "GivenDataset"]:
        order = seeds.epoch_order(len(self), seed, -1)
        held = sources.held_out(len(order), fraction)
        sources.require_two(len(order), held, self.batcher.where)
        parts = (order[held:], order[:held])
        train, val = (replace(self, dataset=Subset(self.dataset, rows.tolist()), rows=rows) for rows in parts)
        return train, val

    def examples(self, weights: Tensor | None, seed: int) -> Examples:
        return self._examples(seed, weights)  # type: ignore[return-value]

    def _examples(self, seed: int, weights: Tensor | None = None) -> NumberedExamples:
        return NumberedExamples(self.dataset, self.batcher, seed, weights)


Given = GivenArrays | GivenDataset | GivenBatches


def given(
    data: Any,
    y: Any,
    batcher: Batcher,
    *,
    batch_size: int | None = None,
    steps: int | None = None,
    seed: int = 0,
    classes: Classes | None = None,
    is_judged: bool = False,
) -> Given:
    """Sort out what kind of data these are.

    Args:
        data, y: As `fit` got them.
        batcher: Knows the module.
        batch_size: To gather single examples to.
        steps: Batches that make an epoch.
        seed: Of the training.
        classes: Those of the training's target, where these are validation data.
        is_judged: Whether they are.

    Raises:
        DataError: If they are nothing that can be learnt from.
    """
    where = batcher.where
    if (tensors := tensors_of(data)) is not None:
        return _arrays(tensors, y, batcher, classes)
    if sources.is_stream(data) or is_numbered(data):
        if y is not None:
            raise DataError(f"y: a {type(data).__name__} brings its own target: leave y out")
        if sources.is_stream(data):
            return GivenBatches(data, batcher, batch_size, steps, seed, is_judged)
        if len(data) == 0:
            raise DataError(f"{where} is an empty {type(data).__name__}: expected at least one example")
        return GivenDataset(data, batcher, torch.arange(len(data)))
    return _arrays(data, y, batcher, classes)


def _arrays(data: Any, y: Any, batcher: Batcher, known: Classes | None) -> GivenArrays:
    layout, leaves = lay_out(sort(data, y, batcher.signature, batcher.where))
    prefix = "" if batcher.where == "train" else f"{batcher.where}: "
    tensors = [tensor_of(leaf, prefix + name) for leaf, name in zip(leaves[: layout.num_inputs], layout.names)]
    classes: Classes = {}
    keys = _keys(layout.target)
    for place in layout.target_places:
        tensor, found = target_of(leaves[place], prefix + layout.names[place])
        key = keys.get(place)
        if known is not None:
            tensor = _coded(tensor, found, known.get(key), prefix + layout.names[place])
        elif found is not None:
            classes[key] = found
        tensors.append(tensor)
    _require_one_length(layout.names, tensors, prefix)
    return GivenArrays(layout, tuple(tensors), classes, batcher, torch.arange(len(tensors[0])))


def _keys(template: Any) -> dict[int, Any]:
    """Position → key of a target's part; None for the only one."""
    if isinstance(template, int):
        return {template: None}
    pairs = template.items() if isinstance(template, dict) else enumerate(template or ())
    return {place: key for key, place in pairs if isinstance(place, int)}


def _coded(codes: Tensor, found: np.ndarray | None, known: np.ndarray | None, name: str) -> Tensor:
    """Labels of validation data by the codes of the training.

    Raises:
        DataError: If one does not occur there.
    """
    if (found is None) != (known is None):
        what, other = ("words", "numbers") if known is None else ("numbers", "words")
        raise DataError(f"{name} holds {what}, the target of train {other}: expected the same")
    if found is None or known is None:
        return codes
    place = {label: i for i, label in enumerate(known.tolist())}
    if odd := [label for label in found.tolist() if label not in place]:
        rows = np.flatnonzero(np.isin(codes.numpy(), [found.tolist().index(label) for label in odd]))
        raise DataError(
            f"{name} has labels that train does not have ({listing(map(repr, odd))}, in {places(name, rows)}): "
            f"expected {listing(map(repr, known.tolist()), 10)}"
        )
    return torch.tensor([place[label] for label in found.tolist()])[codes]


def _require_one_length(names: list[str], tensors: list[Tensor], prefix: str) -> None:
    if len({len(tensor) for tensor in tensors}) > 1:
        found = ", ".join(f"{name} {len(tensor):,}" for name, tensor in zip(names, tensors, strict=True))
        raise DataError(f"{prefix}expected arrays of one length, got rows: {found}")
