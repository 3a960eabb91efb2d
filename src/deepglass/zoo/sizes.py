"""How large a network may be that a file or an option asks for: counted before it takes any memory.

    require_numbers("mlp", "tabular-classification", values, most=40_000)

The network is built on PyTorch's meta device, where tensors have shapes and no numbers, and counted while it is built:
`hidden_dim` or `num_layers` of a milliard ends after the first layers and not with the memory of the machine.
"""

import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch.nn.modules import module as hooks

from deepglass.core import files
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.zoo import architectures
from deepglass.zoo.without_memory import without_memory

FEWEST = 1 << 20  # a size up to here costs no more than a second, whatever is made of it
MOST_BUFFERED = 1 << 28  # numbers that a network may keep besides its weights, such as masks: 1 GB
FEWEST_MODULES = 1 << 12
BYTES = 4  # of a number
MEMORY_SHARE = 2  # the weights alone may take half of the memory: their gradients are as large
UNFIT = (RuntimeError, TypeError, ValueError, OverflowError, ZeroDivisionError, IndexError, AssertionError, KeyError)


class TooLarge(Exception):
    """More numbers or layers than allowed."""


def require_memory(name: str, task: str, values: Mapping[str, Any]) -> None:
    """Refuse a network whose weights this machine cannot hold.

    Raises:
        OptionError: Says how large it may be; also if sizes are negative, or do not fit each other.
    """
    memory = files.memory_bytes()
    most = memory // BYTES // MEMORY_SHARE
    try:
        require_numbers(name, task, values, most)
    except DeepglassError:
        raise
    except TooLarge as error:
        raise OptionError(
            f"model {name!r}: {error}, and this machine has {memory / 2**30:.0f} GB of memory, of which weights may "
            f"take half ({most:,} numbers): choose smaller sizes"
        ) from None
    except UNFIT as error:
        raise OptionError(
            f"model {name!r} cannot be built with these sizes ({type(error).__name__}: {error}): choose others"
        ) from error


def require_numbers(name: str, task: str | None, values: Mapping[str, Any], most: int) -> None:
    """Count the numbers of a network while it is built without memory.

    Args:
        name: Of the model.
        task: Of the run.
        values: As for `architectures.load`.
        most: Numbers that its weights may have.

    Raises:
        TooLarge: If it has more; says what it would have at least.
        OptionError: As `architectures.load` does.
    """
    for size_name, value in values.items():
        _require_size(size_name, value, max(FEWEST, most))
    with without_memory(), _counted(most):
        architectures.load(name, task=task, **values)


def _require_size(name: str, value: Any, most: int) -> None:
    """No size of a network is larger than all its weights."""
    if isinstance(value, Mapping | list | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            _require_size(name, part, most)
    elif (size := _as_number(value)) is not None and not -most <= size <= most:
        raise TooLarge(f"{name} is {str(value)[:40]}, more than all numbers that it may have ({most:,})")


def _as_number(value: Any) -> float | None:
    """What a setting would be read as; None for words."""
    try:
        number = float(value)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        return None
    return None if math.isnan(number) else number


@contextmanager
def _counted(most: int) -> Iterator[None]:
    """Raise TooLarge as soon as this thread has made more than `most` weights, or too many layers or buffers."""
    thread, found = threading.get_ident(), {"weights": 0, "buffers": 0, "layers": 0}
    bounds = {
        "weights": most,
        "buffers": max(most, MOST_BUFFERED),
        "layers": FEWEST_MODULES + most,
    }

    def count(kind: str, number: int) -> None:
        if threading.get_ident() != thread:
            return
        found[kind] += number
        if found[kind] > bounds[kind]:
            raise TooLarge(f"it would have {found[kind]:,} {kind} or more, expected at most {bounds[kind]:,}")

    def on_parameter(_: Any, name: str, parameter: Any) -> None:
        count("weights", parameter.numel() if parameter is not None else 0)

    def on_buffer(_: Any, name: str, buffer: Any) -> None:
        count("buffers", buffer.numel() if buffer is not None else 0)

    def on_module(_: Any, name: str, module: Any) -> None:
        count("layers", 1)

    handles = (
        hooks.register_module_parameter_registration_hook(on_parameter),
        hooks.register_module_buffer_registration_hook(on_buffer),
        hooks.register_module_module_registration_hook(on_module),
    )
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
