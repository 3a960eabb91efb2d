"""Nested lists of JSON → their values in order, and the shape of the nesting, read off what came."""

from itertools import chain
from typing import Any

from .strict_json import kind

DEEPEST = 8  # a batch of pictures needs 4


def flatten(data: Any) -> tuple[list[Any], list[int]]:
    """All values, row by row, and how long the lists are on each level.

    Raises:
        ValueError: If it is not a list, too deep, ragged, or holds a list or an object in the place of a value.
    """
    if not isinstance(data, list):
        raise ValueError(f"expected a list of values, got {kind(data)}")
    shape: list[int] = []
    level: list[Any] = [data]
    while level and isinstance(level[0], list):
        if len(shape) == DEEPEST:
            raise ValueError(f"lists nested more than {DEEPEST} deep: expected fewer")
        sizes = {len(item) if isinstance(item, list) else -1 for item in level}
        if len(sizes) > 1:
            raise ValueError("lists of different lengths inside each other: expected as many values in each")
        shape.append(sizes.pop())
        level = list(chain.from_iterable(level))
    if not {list, dict}.isdisjoint(map(type, level)):
        odd = next(item for item in level if isinstance(item, list | dict))
        raise ValueError(f"{kind(odd)} where a value was expected")
    return level, shape
