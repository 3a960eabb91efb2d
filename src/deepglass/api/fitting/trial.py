"""A module is tried on a few examples before it is trained: what it takes, what it answers, whether its loss adds up.

It is tried in evaluation mode, and neither its weights nor the random numbers of the training notice. Errors of PyTorch
that would come in the first step come here, with the names and shapes of what was handed over.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, product
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from deepglass.api.fitting.layout import Layout, sizes
from deepglass.core import seeds
from deepglass.core.errors import DataError
from deepglass.data.examples import Batch

TRIED = 5  # examples; an odd number that few layers have as a width
MOST_TRIES = 16  # combinations of types
FEW_COLUMNS = 64  # a flat row of fewer bytes is hardly a picture
Cast = str | torch.dtype | None  # a type, or "scaled": bytes to 0 … 1


@contextmanager
def at_rest(module: nn.Module) -> Iterator[None]:
    """Evaluation mode; afterwards everything is as it was, the random numbers included."""
    random, was_training = seeds.rng_state(), module.training
    module.eval()
    try:
        yield
    finally:
        module.train(was_training)
        seeds.set_rng_state(random)


def answer(module: nn.Module, layout: Layout, batch: Batch) -> tuple[Any, list[Cast]]:
    """What the module says of a few examples, and the types that it wants its inputs in.

    Whole numbers and bytes go in as they are where the module takes them so, as an embedding does; else as numbers.

    Raises:
        DataError: If the module fails on all types; with its own error, and the shapes of the inputs.
    """
    first: Exception | None = None
    choices = [casts_for(module, tensor) for tensor in batch[: layout.num_inputs]]
    for casts in islice(product(*choices), MOST_TRIES):
        try:
            with at_rest(module):
                return layout.call(module, cast(batch, casts)), list(casts)
        except DataError:
            raise
        except Exception as error:  # a module may raise whatever it likes
            first = first or error
    assert first is not None
    raise refusal(first, layout, batch) from first


def refusal(error: Exception, layout: Layout, batch: Batch) -> DataError:
    """What to say where a module fails on a batch: its own error, and what it was given."""
    given = sizes(layout.names[: layout.num_inputs], batch[: layout.num_inputs])
    as_one = any(not isinstance(argument, int) for argument in layout.args)
    how = " as one list or dict, since its forward takes one argument" if as_one else ""
    return DataError(f"the module cannot take {given}{how}: {_words(error)}{_advice(batch, layout)}")


def casts_for(module: nn.Module, tensor: Tensor) -> list[Cast]:
    """Types in which an input may go in, the likeliest first."""
    floats = float_type(module)
    if tensor.is_complex():
        return [None]
    if tensor.is_floating_point():
        return [floats]
    if tensor.dtype == torch.bool:
        return [None, floats]
    if tensor.dtype == torch.uint8:
        is_picture = tensor.dim() > 2 or (tensor.dim() == 2 and tensor.shape[1] >= FEW_COLUMNS)
        return [None, torch.int64, "scaled" if is_picture else floats]
    return [None, floats] if tensor.dtype == torch.int64 else [None, torch.int64, floats]


def cast(batch: Batch, casts: list[Cast] | tuple[Cast, ...]) -> Batch:
    """Inputs in the types that the module takes; what follows them stays."""
    changed = []
    for tensor, wanted in zip(batch, casts):
        if wanted == "scaled":
            tensor = tensor.to(torch.get_default_dtype()) / 255
        changed.append(tensor if wanted in (None, "scaled") else tensor.to(wanted))
    return (*changed, *batch[len(casts) :])


def float_type(module: nn.Module) -> torch.dtype:
    """The type of the module's own numbers; of one that has none PyTorch's default."""
    kinds = [parameter.dtype for parameter in module.parameters() if parameter.is_floating_point()]
    return kinds[0] if kinds else torch.get_default_dtype()


# -- broadcasting ---------------------------------------------------------------------------------------------------


class OuterProducts(TorchFunctionMode):
    """Notices when two tensors of different dimensions meet in one that is larger than both: (N, 1) and (N,) in (N, N).

    A function of one's own may do that to targets and outputs without an error, and then teaches something else.
    """

    def __init__(self, count: int):
        super().__init__()
        self.count = count  # examples
        self.found: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        pair = [value for value in args[:2] if isinstance(value, Tensor)]
        if len(pair) == 2 and isinstance(result, Tensor) and self._meets(*pair, result):
            self.found = self.found or (tuple(pair[0].shape), tuple(pair[1].shape))
        return result

    def _meets(self, a: Tensor, b: Tensor, result: Tensor) -> bool:
        has_all = a.dim() > 0 and b.dim() > 0 and a.dim() != b.dim() and len(a) == len(b) == self.count
        return has_all and self.count > 1 and result.numel() > max(a.numel(), b.numel())


@contextmanager
def watching(count: int) -> Iterator[list[str]]:
    """Collects the shapes that a loss broadcasts against each other, in words."""
    found: list[str] = []
    mode = OuterProducts(count)
    with warnings.catch_warnings(record=True) as caught, mode:
        warnings.simplefilter("always")
        yield found
    if mode.found:
        found.append(f"{mode.found[0]} and {mode.found[1]}")
    found += [str(w.message).partition(".")[0] for w in caught if "target size" in str(w.message)]
    for warning in caught:
        if "target size" not in str(warning.message):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


# -- words ----------------------------------------------------------------------------------------------------------


def _words(error: Exception) -> str:
    """The first line of an error, with its type where that says more."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return line if isinstance(error, RuntimeError) else f"{type(error).__name__}: {line}"


def _advice(batch: Batch, layout: Layout) -> str:
    for name, tensor in zip(layout.names, batch[: layout.num_inputs]):
        if tensor.dim() == 4 and tensor.shape[-1] in (1, 3, 4) and tensor.shape[1] not in (1, 3, 4):
            shape = (len(tensor), tensor.shape[3], *tensor.shape[1:3])
            remedy = f"{name}.permute(0, 3, 1, 2), or np.moveaxis({name}, -1, 1)"
            return f"; convolutions take channels first, {shape}: {remedy}"
    return ""
