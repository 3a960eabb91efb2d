"""What a hidden part becomes, where somebody asks for it: `--base mean|zeros|blur|row:N|FILE`.

Every contribution is a difference, and the base is what it differs from. Each kind of input knows which bases it has by
name (`inputs/`); another example, of the same data or of a file, can be the base of all that have a fixed shape, and
another text of as many tokens that of a prompt.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.explain.inputs import Parts
from deepglass.explain.rows import Rows

ROW = re.compile(r"row:(\d+)")


def on(parts: Parts, base: str, rows: Rows, place: int, run: Any, read: Any) -> tuple[Parts, list[Guess]]:
    """The same parts on another base, and what was guessed.

    Args:
        parts: Of the example.
        base: As it was asked for.
        rows: Of which the example is one; place: which.
        run: Whose task knows the bases by name.
        read: From a path to the `Rows` in it.

    Raises:
        OptionError: If this kind of input has no such base; says which it has.
        DataError: If a file does not fit what the run was trained on.
    """
    if base in parts.BASES:
        made, words = parts.named_base(base, run.task)
        return _with(parts, made, words, base), []
    if parts.TAKES_TEXT:
        return _with(parts, parts.base_of_text(base, run.task), repr(base), base), []
    if not parts.TAKES_EXAMPLES or not (ROW.fullmatch(base) or Path(base).exists()):
        raise OptionError(_refused(parts, base))
    if found := ROW.fullmatch(base):
        number = int(found[1])
        if (other := rows.require(number, "--base row:")) == place:
            raise OptionError(f"--base row:{number} is the example itself: nothing would change where a part is hidden")
        return _with(parts, rows.inputs([other]), f"row {number}", base), []
    others, name = read(base), Path(base).name
    guesses = [Guess("base", f"row 1 of {name}", f"it has {len(others):,}", "")] if len(others) > 1 else []
    return _with(parts, others.inputs([0]), f"the first row of {name}" if guesses else name, base), guesses


def _refused(parts: Parts, base: str) -> str:
    known = [*parts.BASES, *(("row:N", "a file") if parts.TAKES_EXAMPLES else ())]
    if not known:
        return f"--base {base}: of {parts.kind} there is one base alone, {parts.base_is}: leave it out"
    if parts.TAKES_EXAMPLES and ("." in base or "/" in base):
        return f"--base {base}: there is no such file; expected one of {', '.join(known)}"
    return f"--base: {catalogue.unknown('base', base, known)}" + f" ({parts.kind})"


def _with(parts: Parts, made: tuple[Tensor, ...], words: str, base: str) -> Parts:
    """Entries that are nobody's stay those of the example. Raises OptionError if shapes differ."""
    for x, other in zip(parts.inputs, made, strict=True):
        if x.shape != other.shape:
            shapes = " and ".join("×".join(map(str, one.shape[1:])) for one in (x, other))
            raise OptionError(f"--base {base}: expected an example of the same shape, got {shapes}")
    kept = zip(parts.inputs, made, parts.owner, strict=True)
    whole = tuple(torch.where(owner < 0, x, other) for x, other, owner in kept)
    return replace(parts, base=whole, chosen_base=words)
