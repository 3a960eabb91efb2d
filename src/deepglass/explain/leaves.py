"""The inputs of a network as numbers that a gradient can be asked for: floats as they are, words and codes by vectors.

A token or a category has no gradient; the vector that stands for it has. So every `nn.Embedding` whose ids depend on
the example is cut off: what it gives becomes an input of its own, and walks from its vector of the base to that of the
example. Which parts of the example such a vector belongs to is found out by hiding them one by one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.errors import DataError
from deepglass.core.hooks import hooked
from deepglass.explain.inputs import Parts

AT_ONCE = 64  # examples that go through the network together


@dataclass
class Call:
    """One call of an embedding: ids (n, …) that went in, vectors (n, …, C) that came out."""

    module: nn.Module
    ids: Tensor
    vectors: Tensor


class Leaves:
    """Where a gradient of the score may be asked for.

    Args:
        model: In evaluation mode.
        parts: Of the example.
        of_said: From what the network says (n, …) to the score (n,), differentiable.

    Raises:
        DataError: If no part of the example differs from what it is hidden by.

    Attributes:
        points, base: One (1, …) for each leaf: at the example, and with every part hidden.
    """

    def __init__(self, model: nn.Module, parts: Parts, of_said: Any):
        self.model, self.parts, self.of_said = model, parts, of_said
        dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
        self.inputs, base = (tuple(as_dtype(x, dtype) for x in of) for of in (parts.inputs, parts.base))
        self.floats = [i for i, x in enumerate(self.inputs) if x.is_floating_point() and x.numel()]
        here, there = calls(model, self.inputs), calls(model, base)
        hidden = self._calls_with_parts_hidden(dtype)
        self.cut = [i for i, call in enumerate(here) if len(call.ids) == 1 and _differs(hidden[i], call.ids)]
        self.modules = {here[i].module for i in self.cut}
        self.calls = [call.module for call in here]
        self.owners = [_owners(hidden[i].ids, here[i].ids) for i in self.cut]
        self.points = [self.inputs[i] for i in self.floats] + [here[i].vectors for i in self.cut]
        self.base = [base[i] for i in self.floats] + [there[i].vectors for i in self.cut]
        if not self.points:
            raise DataError(f"there is nothing to explain by: it is {parts.base_is} already, before any is hidden")

    def score(self, leaves: Sequence[Tensor]) -> Tensor:
        """(n,) of leaves (n, …)."""
        n = len(leaves[0])
        inputs = [x.expand(n, *x.shape[1:]) for x in self.inputs]
        for i, leaf in zip(self.floats, leaves):
            inputs[i] = leaf
        with self._giving(leaves[len(self.floats) :]):
            return self.of_said(self.model(*inputs))

    def gradients(self, leaves: Sequence[Tensor]) -> list[Tensor]:
        """∂score/∂leaf, each as the leaf (n, …)."""
        found: list[list[Tensor]] = []
        for start in range(0, len(leaves[0]), AT_ONCE):
            asked = [leaf[start : start + AT_ONCE].detach().requires_grad_() for leaf in leaves]
            grads = torch.autograd.grad(self.score(asked).sum(), asked, allow_unused=True)
            found.append([torch.zeros_like(x) if g is None else g for g, x in zip(grads, asked, strict=True)])
        return [torch.cat(parts) for parts in zip(*found, strict=True)]

    def by_part(self, attributions: Sequence[Tensor]) -> np.ndarray:
        """(M,) sums of attributions, each as a leaf (1, …), over what belongs to a part; shared where to several."""
        total = torch.zeros(len(self.parts), dtype=torch.float64)
        count = len(self.floats)
        for i, values in zip(self.floats, attributions):
            owner = self.parts.owner[i].flatten()
            total.index_add_(0, owner[owner >= 0], values[0].double().flatten()[owner >= 0])
        for owners, values in zip(self.owners, attributions[count:], strict=True):
            at_place = values[0].double().sum(dim=-1).flatten()  # (places,)
            total += (owners / owners.sum(dim=0).clamp(min=1)) @ at_place
        return total.numpy()

    def map_of(self, attributions: Sequence[Tensor]) -> np.ndarray:
        """(H, W) attributions (1, C, H, W) of a picture, summed over its channels."""
        return attributions[0][0].double().sum(dim=0).numpy()

    # -- helpers ------------------------------------------------------------------------------------------------

    def _calls_with_parts_hidden(self, dtype: torch.dtype) -> list[Call]:
        """The calls of the embeddings, example j being the one without part j."""
        if not any(isinstance(module, nn.Embedding) for module in self.model.modules()):
            return []
        without = tuple(as_dtype(x, dtype) for x in self.parts.mixed(~np.eye(len(self.parts), dtype=bool)))
        chunks = [calls(self.model, chunk) for chunk in _chunks(without)]
        return [Call(c[0].module, *(_stack(c, name) for name in ("ids", "vectors"))) for c in zip(*chunks, strict=True)]

    @contextmanager
    def _giving(self, vectors: Sequence[Tensor]) -> Iterator[None]:
        """Embeddings that are cut off give these vectors."""
        given, place = dict(zip(self.cut, vectors, strict=True)), iter(range(len(self.calls)))

        def hook(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
            return given.get(next(place), output)

        with hooked(embeddings(self.model), hook):
            yield


@torch.no_grad()
def calls(model: nn.Module, inputs: tuple[Tensor, ...]) -> list[Call]:
    """Every call of an embedding in the order in which they come."""
    found: list[Call] = []

    def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
        found.append(Call(module, inputs[0], output))

    with hooked(embeddings(model), hook):
        model(*inputs)
    return found


def embeddings(model: nn.Module) -> list[nn.Module]:
    """Its tables of vectors."""
    return [module for module in model.modules() if isinstance(module, nn.Embedding)]


def as_dtype(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Floats in the precision of the weights; ids as they are."""
    return x.to(dtype) if x.is_floating_point() else x


def _chunks(inputs: tuple[Tensor, ...]) -> Iterator[tuple[Tensor, ...]]:
    for start in range(0, len(inputs[0]), AT_ONCE):
        yield tuple(x[start : start + AT_ONCE] for x in inputs)


def _stack(chunks: Sequence[Call], name: str) -> Tensor:
    return torch.cat([getattr(call, name) for call in chunks])


def _differs(hidden: Call, ids: Tensor) -> bool:
    """Whether its ids depend on the example; those of positions never do."""
    return hidden.ids.shape[1:] == ids.shape[1:] and bool((hidden.ids != ids).any())


def _owners(hidden: Tensor, ids: Tensor) -> Tensor:
    """(M, places) 1.0 where the id at a place changes with a part."""
    return (hidden != ids).reshape(len(hidden), -1).double()
