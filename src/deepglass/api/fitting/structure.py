"""Several tensors as one: lists, tuples and dicts of tensors, laid out flat for the loop and put together for a module.

    {"left": a, "right": b}  ──flattened──>  [a, b] and {"left": 0, "right": 1}  ──filled──>  {"left": a, "right": b}

The loop knows a batch as a flat tuple of tensors; the template remembers how they belong together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any


def flattened(structure: Any, name: str = "", start: int = 0) -> tuple[list[Any], list[str], Any]:
    """The leaves of a structure, what each is called, and the structure with positions in their places.

    Args:
        structure: Leaves in lists, tuples and mappings.
        name: Of the whole.
        start: Position of the first leaf.

    Example:
        >>> flattened({"left": 7, "right": [8, 9]}, "x")
        ([7, 8, 9], ["x['left']", "x['right'][0]", "x['right'][1]"], {'left': 0, 'right': [1, 2]})
    """
    found = list(_walk(structure, name))
    positions = iter(range(start, start + len(found)))
    return [leaf for _, leaf in found], [path for path, _ in found], mapped(lambda _: next(positions), structure)


def filled(template: Any, leaves: Sequence[Any]) -> Any:
    """A template with the leaves in the place of their positions."""
    return mapped(lambda position: leaves[position], template)


def mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    """A function applied to every leaf."""
    if isinstance(structure, Mapping):
        return {key: mapped(function, part) for key, part in structure.items()}
    if isinstance(structure, list | tuple):
        parts = [mapped(function, part) for part in structure]
        return parts if isinstance(structure, list) else tuple(parts)
    return function(structure)


def _walk(structure: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(structure, Mapping):
        for key, part in structure.items():
            yield from _walk(part, f"{path}[{key!r}]" if path else str(key))
    elif isinstance(structure, list | tuple):
        for i, part in enumerate(structure):
            yield from _walk(part, f"{path}[{i}]")
    else:
        yield path, structure
