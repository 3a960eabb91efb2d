"""Planted faults: healthy training scripts, and edits that plant one fault into them.

A fault is a name, a healthy script, edits (old text → new text) and the causes that are right answers. Its twin is the
same script with the same seed and without the edits, or with `twin` edits where a healthy script that looks like the
sick one is the harder question. `held_out` were written before any rule, and are not looked at while rules are made.
"""

from dataclasses import dataclass, field
from typing import Any

Edits = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fault:
    """A fault in a plain PyTorch script.

    Attributes:
        name: Of the fault; kind: table, picture, text or series.
        script: The healthy script; edits: what plants the fault.
        causes: Slugs of findings that name it rightly.
        twin: Edits of the healthy twin; seed: of both.
    """

    name: str
    kind: str
    script: str
    edits: Edits
    causes: tuple[str, ...]
    twin: Edits = ()
    seed: int = 0

    def text(self, sick: bool) -> str:
        """The script. Raises ValueError if an edit does not fit it."""
        text = self.script.replace("SEED", str(self.seed))
        for old, new in self.edits if sick else self.twin:
            if old not in text:
                raise ValueError(f"{self.name}: {old!r} is not in the script")
            text = text.replace(old, new)
        return text


@dataclass(frozen=True)
class RunFault:
    """A fault in what `dg.train` is given: data (a function of a generator and whether it is sick) and options."""

    name: str
    kind: str
    data: Any
    causes: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    twin_options: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
