"""A saved state is read back: every value has the type, length and range that its reader needs, or it is refused.

    horizon = read(state, "horizon", int)                  # a whole number that is not negative
    levels = read(state, "levels", list[str], default=[])  # absent in runs of an earlier version
    number = build(Number, state)                          # a dataclass, each field as it is annotated
    require(len(knots) == len(scores), "as many knots as scores")

What a run or a bundle holds may have been changed by anybody. A value that does not fit is found here, where its name
is known, and not by the arithmetic that it would end in. Whoever opens the file turns the `ValueError` into a message
that names it.

The standard library alone: this very file is a part of `deploy/runtime` too.
"""

import dataclasses
import sys
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

MOST = 1 << 40  # of a whole number in a state; sizes have closer bounds where something is made of them
LARGEST = sys.float_info.max
MISSING = object()
SHOWN = 40  # characters of a value that a message repeats


def read(state: Any, name: str, hint: Any, default: Any = MISSING) -> Any:
    """A value of a state, checked.

    Args:
        state: A mapping as JSON holds it.
        name: Of the value.
        hint: Its type, such as `int` (not negative), `float` (finite), `list[str]`, `tuple[float, ...]`, `str | None`,
            `dict[str, list[str]]`, a `Literal`, or a dataclass.
        default: Taken where there is no such value.

    Raises:
        ValueError: If it is missing or does not fit; says what was expected and what came.
    """
    require(isinstance(state, Mapping), f"an object with {name!r}", state)
    if name not in state:
        require(default is not MISSING, f"{name!r}, which is missing")
        return default
    return checked(state[name], hint, name)


def build(cls: Any, state: Any, **given: Any) -> Any:
    """An instance of a dataclass, each field checked by its annotation.

    Args:
        cls: The dataclass; a field with a default may be missing in the state.
        state: A mapping as JSON holds it.
        given: Fields that were read otherwise.

    Raises:
        ValueError: If a field is missing or does not fit; if one is not known, unless the class has `MAY_HAVE_MORE`.
    """
    require(isinstance(state, Mapping), f"an object for {cls.__name__}", state)
    hints, fields = get_type_hints(cls), {field.name: field for field in dataclasses.fields(cls) if field.init}
    unknown = [name for name in state if name not in fields]
    require(not unknown or getattr(cls, "MAY_HAVE_MORE", False), f"no field {unknown[:1]} of {cls.__name__}")
    for name, field in fields.items():
        if name in given or (name not in state and _has_default(field)):
            continue
        given[name] = read(state, name, hints[name])
    return cls(**given)


def require(is_fit: bool, expected: str, came: Any = MISSING) -> None:
    """Go on only where something fits.

    Raises:
        ValueError: If it does not; says what was expected and what came.
    """
    if not is_fit:
        raise ValueError(f"expected {expected}" + ("" if came is MISSING else f", got {_shown(came)}"))


def require_between(value: float, low: float, high: float, name: str) -> None:
    """Go on only where low ≤ value ≤ high.

    Raises:
        ValueError: If it is not.
    """
    require(low <= value <= high, f"{name} from {low:g} to {high:g}", value)


def checked(value: Any, hint: Any, name: str) -> Any:
    """A value as its type wants it: JSON knows neither tuples nor dataclasses.

    Raises:
        ValueError: If it is of another type.
    """
    if hint is Any:
        return value
    if plain := PLAIN.get(hint):
        words, fits = plain
        require(fits(value), f"{words} for {name!r}", value)
        return value
    kind, inner = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        return _one_of(value, inner, name)
    if kind is Literal:
        require(isinstance(value, str) and value in inner, f"one of {', '.join(map(str, inner))} for {name!r}", value)
        return value
    if kind in (list, tuple):
        return _sequence(value, kind, inner, name)
    if kind is dict:
        require(isinstance(value, Mapping), f"an object for {name!r}", value)
        return {key: checked(part, inner[1], f"{name}.{key}"[:SHOWN]) for key, part in value.items()}
    if dataclasses.is_dataclass(hint):
        return build(hint, value)
    raise TypeError(f"{hint} has no form in a saved state")


def _one_of(value: Any, kinds: tuple[Any, ...], name: str) -> Any:
    if value is None and NoneType in kinds:
        return None
    (kind,) = [kind for kind in kinds if kind is not NoneType]
    return checked(value, kind, name)


def _sequence(value: Any, kind: Any, inner: tuple[Any, ...], name: str) -> Any:
    require(isinstance(value, list | tuple), f"a list for {name!r}", value)
    if kind is tuple and inner[-1] is not Ellipsis:
        require(len(value) == len(inner), f"{len(inner)} values for {name!r}", value)
        return tuple(checked(part, own, name) for part, own in zip(value, inner, strict=True))
    return kind(checked(part, inner[0], name) for part in value)


def _is_whole(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST


def _is_finite(value: Any) -> bool:
    return type(value) in (int, float) and -LARGEST <= value <= LARGEST


def _is_truth(value: Any) -> bool:
    return type(value) is bool


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


PLAIN: dict[Any, tuple[str, Callable[[Any], bool]]] = {
    int: ("a whole number", _is_whole),
    float: ("a finite number", _is_finite),
    bool: ("true or false", _is_truth),
    str: ("a text", _is_text),
}


def _has_default(field: Any) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # of a whole number of thousands of digits
        text = type(value).__name__
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
