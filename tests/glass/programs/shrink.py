"""Cuts a program that differs down to the smallest one that still does."""

import numpy as np

from .pair import Pair

LONGEST = 2000  # programs that are tried


def difference_of(lines):
    """The first difference of a program, None if there is none."""
    pair = Pair()
    return next(filter(None, map(pair.run, lines)), None)


def shrink(lines, difference):
    """The smallest program found that differs in the same way, and its difference."""
    best, tries = lines[: lines.index(difference.line) + 1], 0
    smaller = candidates(best)
    while tries < LONGEST and (program := next(smaller, None)):
        tries += 1
        found = difference_of(program)
        if found and found.kind == difference.kind:
            best, difference, smaller = program, found, candidates(program)
    return best, difference


def candidates(lines):
    """Programs that are a little smaller: a line less, an input with fewer or simpler numbers."""
    for i in reversed(range(len(lines))):
        yield lines[:i] + lines[i + 1 :]
    for i, line in enumerate(lines):
        for simpler in simpler_inputs(line):
            yield [*lines[:i], simpler, *lines[i + 1 :]]


def simpler_inputs(line):
    """The line of an input without a gradient, with one entry of a dimension less, or with one number made 1."""
    start, end = line.find("T.tensor(") + 9, line.find(", dtype")
    if " = T.tensor(" not in line or end < 0:
        return
    head, data, tail = line[:start], line[start:end], line[end:]
    if "requires_grad" in tail:
        yield head + data + tail.replace(", requires_grad=True", "")
    array = np.array(eval(data, {"inf": np.inf, "nan": np.nan}))
    for d, n in enumerate(array.shape):
        for i in range(n if n > 1 else 0):
            yield head + repr(np.delete(array, i, d).tolist()) + tail
    for i in np.flatnonzero(array != 1):
        simple = array.copy()
        simple.flat[i] = 1
        yield head + repr(simple.tolist()) + tail


def script(lines):
    """A program as a file to run, on either engine."""
    used = "\n".join(lines)
    head = ["import torch as T  # or: from deepglass import glass as T"]
    head += ["F = T.nn.functional"] * ("F." in used) + ["from math import inf, nan"] * ("inf" in used or "nan" in used)
    return "\n".join([*head, *lines])
