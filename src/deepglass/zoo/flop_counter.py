"""What a computation does and moves, operation by operation: FLOPs, bytes, and how many operations there were.

    with counted(model) as traffic:
        loss(model, batch).backward()
    traffic.flops, traffic.bytes, traffic.operations

An operation reads its inputs and writes its outputs, once each: what stays in a cache from one operation to the next is
counted as moved, as it is where the tensors are large. A view moves nothing. FLOPs are those of matrix products,
convolutions and attention, by PyTorch's own formulas.
"""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry


class FlopCounter(TorchDispatchMode):
    """Counts every operation inside its block, those of the backward pass included."""

    def __init__(self):
        super().__init__()
        self.flops = self.bytes = self.operations = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        read, written = tensors_in((args, kwargs)), tensors_in(result)
        if not is_view(func, read, written):
            self.operations += 1
            self.bytes += sum(map(bytes_of, read + written))
            formula = flop_registry.get(func.overloadpacket)
            self.flops += int(formula(*args, **kwargs, out_val=result)) if formula else 0
        return result


@contextmanager
def counted(model: nn.Module) -> Iterator[FlopCounter]:
    """Count what happens inside; recurrent layers are taken apart, for what is fused cannot be seen."""
    with ExitStack() as stack:
        if any(isinstance(layer, nn.RNNBase) for layer in model.modules()):
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")  # about accelerators that are not here
            stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
        yield stack.enter_context(FlopCounter())


def is_view(func: Any, read: list[Tensor], written: list[Tensor]) -> bool:
    """Whether an operation only looks at memory in another way, or only asks for some."""
    if func.overloadpacket.__name__.startswith(("empty", "new_empty")):
        return True
    memory = {tensor.untyped_storage()._cdata for tensor in read}
    return not func._schema.is_mutable and any(tensor.untyped_storage()._cdata in memory for tensor in written)


def bytes_of(tensor: Tensor) -> int:
    """Of its numbers; one that is broadcast is moved once."""
    return min(tensor.nbytes, tensor.untyped_storage().nbytes())


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors of nested tuples, lists and dictionaries."""
    return [leaf for leaf in tree_leaves(value) if isinstance(leaf, Tensor)]
