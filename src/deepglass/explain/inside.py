"""Inside a network of blocks: what each block gives to the next, read as it passes, or replaced.

Reading changes nothing: a hook that returns nothing leaves the output as it is, to the bit.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.core.hooks import hooked


def blocks_of(model: nn.Module, inputs: tuple[Tensor, ...]) -> dict[str, nn.Module]:
    """By name the blocks that pass a stream (B, T, C) on, in their order: the members of the longest list of modules.

    Raises:
        OptionError: If the network has none.
    """
    gives = {module for module, output in outputs_of(model, inputs) if isinstance(output, Tensor) and output.dim() == 3}
    found: dict[str, nn.Module] = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.ModuleList) and len(module) > len(found) and all(one in gives for one in module):
            found = {f"{name}.{place}": one for place, one in enumerate(module)}
    if not found:
        raise OptionError("this network is not made of blocks that pass on a stream of vectors: expected such as gpt")
    return found


@torch.no_grad()
def outputs_of(model: nn.Module, inputs: tuple[Tensor, ...]) -> list[tuple[nn.Module, Any]]:
    """Every module that was called, with what it gave."""
    found: list[tuple[nn.Module, Any]] = []
    with hooked(model.modules(), lambda m, _, output: found.append((m, output))):
        model(*inputs)
    return found


@contextmanager
def reading(blocks: Sequence[nn.Module]) -> Iterator[list[Tensor]]:
    """What the blocks give while it is on, (B, T, C) each, in the order in which they are called."""
    seen: list[Tensor] = []
    with hooked(blocks, lambda m, _, output: seen.append(output)):
        yield seen


@contextmanager
def writing(block: nn.Module, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """While it is on, the block gives `change` of what it would give."""
    with hooked([block], lambda m, _, output: change(output)):
        yield


def chosen(blocks: dict[str, nn.Module], asked: str | None) -> tuple[str, nn.Module]:
    """The block that was asked for, or the one in the middle.

    Raises:
        OptionError: If there is no such block.
    """
    name = asked or list(blocks)[(len(blocks) - 1) // 2]
    if name not in blocks:
        raise OptionError("--layer: " + catalogue.unknown("layer", name, list(blocks)))
    return name, blocks[name]
