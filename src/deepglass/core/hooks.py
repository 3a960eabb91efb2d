"""Looking into a network while it computes: hooks that are taken off again, whatever happens."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def hooked(modules: Iterable[Any], hook: Callable[..., Any]) -> Iterator[None]:
    """While it is on, `hook(module, inputs, output)` follows every call of the modules; what it returns, if anything,
    takes the place of the output.
    """
    handles = [module.register_forward_hook(hook) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
