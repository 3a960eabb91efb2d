"""Options that would change nothing: they are refused, for whoever sets one expects something to happen.

Nobody keeps a list of all options. Who acts upon one says so where it does:

    a reader     `@acts_on("delimiter", "header")` above the function that looks at them
    a task       `HONOURS` in its class, and `unused_options` for what depends on the data or on other options
    a training   `unused_options` in the file that acts upon the option

What was asked for and nobody acts upon is an `Unused`, with the reason and what to do instead.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from deepglass.core.errors import OptionError

F = TypeVar("F", bound=Callable[..., Any])
_used: ContextVar[set[str] | None] = ContextVar("options_used", default=None)


class Unused(NamedTuple):
    """An option that would change nothing, for instance
    `Unused("momentum", "adamw keeps means of its own", "leave it out, or choose --optimizer momentum")`."""

    name: str
    why: str
    advice: str = "leave it out"

    def __str__(self) -> str:
        return f"--{self.name.replace('_', '-')} has no effect: {self.why}; {self.advice}"

    @property
    def in_python(self) -> str:
        """The same of an argument."""
        return f"{self.name} has no effect: {self.why}; {self.advice}"


def refuse(unused: Iterable[Unused], in_python: bool = False) -> None:
    """Refuse options that would change nothing.

    Args:
        unused: These options.
        in_python: Whether they were given as arguments of a function, and not on a command line.

    Raises:
        OptionError: If there is one; names all of them.
    """
    spelled = [one.in_python if in_python else str(one) for one in unused]
    if sentences := list(dict.fromkeys(spelled)):
        raise OptionError("\n  ".join(sentences))


def acts_on(*names: str) -> Callable[[F], F]:
    """Say above a function which options it acts upon: inside `options_used`, calling it notes them."""

    def decorate(function: F) -> F:
        @wraps(function)
        def noted(*args: Any, **more: Any) -> Any:
            if (used := _used.get()) is not None:
                used.update(names)
            return function(*args, **more)

        return noted  # type: ignore[return-value]

    return decorate


def note(name: str) -> None:
    """Say inside a function that an option has just changed something, where only the data decide whether it does."""
    if (used := _used.get()) is not None:
        used.add(name)


@contextmanager
def options_used() -> Iterator[set[str]]:
    """Collects the names of the options upon which the functions called inside act."""
    used: set[str] = set()
    token = _used.set(used)
    try:
        yield used
    finally:
        _used.reset(token)
