"""What stands in the place of a value."""

import random
from typing import Any

NUMBERS = [
    0,
    -0.0,
    1,
    -1,
    1e308,
    -1e308,
    5e-324,
    2**31,
    2**31 - 1,
    2**53,
    2**63 - 1,
    2**63,
    2**64,
    -(2**63),
    10**30,
    10**400,
    float("nan"),
    float("inf"),
    float("-inf"),
    True,
    False,
    0.1 + 0.2,
    1e18,
    -1e300,
]
DATES = [
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "0000-00-00",
    "2020-02-30",
    "2020-01-31",
    "now",
    "1e9",
    "2020-W01-1",
    "20200131",
    "2020-01-31T25:61",
    "٢٠٢٠-٠١-٣١",
    "2020-01-31T00:00:00+99:99",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59.999999",
    "0001-01-01 00:00",
    "9999-12-31T23:00+00:00",
    "-0001-01-01",
    "10000-01-01",
    "2024-03-31 02:30",
    "2024-10-27 02:30",
    "2020-06-30T23:59:60",
    "2020-01-31T24:00",
    "1 " + "of" * 90,
    "1st" + "de" * 30 + "Jan",
]
TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\ufeff",
    "\u202e",
    "é" * 50,
    "😀" * 40,
    "NaN",
    "null",
    "true",
    "-0",
    "1,5",
    "1_000",
    "0x10",
    "１２",
    "=cmd|' /C calc'!A0",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE x; --",
    "../../etc/passwd",
    "%00%0d%0a",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "a" * 5000,
    "good " * 300,
    "-" + " " * 190 + "x",
    "(" + " " * 90 + "-" + " " * 90 + "5",
    "$" * 180,
    "1," * 99,
    "9" * 199 + "e",
    "\r\nX: y",
    "red",
    "green",
]
KEYS = [
    "",
    "x",
    "length",
    "width",
    "colour",
    "image",
    "text",
    "b64",
    "instances",
    "inputs",
    "__proto__",
    "\0",
    "a" * 300,
]


def value(rng: random.Random, depth: int = 3) -> Any:
    """Anything that JSON can hold, and some that it cannot."""
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(NUMBERS)
    if kind < 0.6:
        return rng.choice(TEXTS)
    if kind < 0.7:
        return rng.choice(DATES)
    if kind < 0.78 or depth == 0:
        return None
    if kind < 0.9:
        return [value(rng, depth - 1) for _ in range(rng.choice((0, 1, 2, 3, 40)))]
    return {rng.choice(KEYS): value(rng, depth - 1) for _ in range(rng.choice((0, 1, 2, 5)))}


def shape(rng: random.Random) -> Any:
    """The shape of a tensor, as it should not be."""
    sizes = (0, 1, 2, 3, -1, 2**31 - 1, 2**31, 2**63, True, 1.0, "1", None, [1], 10**30)
    kind = rng.random()
    if kind < 0.1:
        return [rng.choice((1, 2, 2**30))] * rng.choice((600, 3000, 20_000))
    if kind < 0.2:
        return value(rng)
    return [rng.choice(sizes) for _ in range(rng.choice((0, 1, 1, 2, 2, 2, 3, 4, 5)))]


def spoiled(rng: random.Random, content: Any) -> Any:
    """A request with one place of it changed: replaced, dropped, doubled, wrapped."""
    if isinstance(content, dict) and content and rng.random() < 0.85:
        key = rng.choice([*content])
        kind = rng.random()
        if kind < 0.1:
            return {name: part for name, part in content.items() if name != key}
        if kind < 0.2:
            return {**content, rng.choice(KEYS): value(rng)}
        return {**content, key: spoiled(rng, content[key])}
    if isinstance(content, list) and content and rng.random() < 0.8:
        place, kind = rng.randrange(len(content)), rng.random()
        if kind < 0.1:
            return content[:place] + content[place + 1 :]
        if kind < 0.25:
            return content * rng.choice((2, 3, 40))
        return [*content[:place], spoiled(rng, content[place]), *content[place + 1 :]]
    return rng.choice((value(rng), [content], {"a": content}, value(rng)))
