"""What was decided about single columns, gathered: one line for a kind of decision and not one for each column."""

from dataclasses import dataclass, field
from typing import Any

from deepglass.core.guesses import Guess
from deepglass.core.wording import listing

SHOWN = 3  # columns that a line names


@dataclass
class Notes:
    """Decisions by kind, in the order in which they first came."""

    found: dict[tuple[str, Any, str], list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, what: str, value: Any, column: str, why: str, option: str) -> None:
        """One decision about one column; of several with the same kind and value the first says why."""
        self.found.setdefault((what, value, option), []).append((column, why))

    def guesses(self) -> list[Guess]:
        """One guess for each kind of decision."""
        made = []
        for (what, value, option), columns in self.found.items():
            names = listing([name for name, _ in columns], SHOWN)
            option = option.replace("COLUMN", ",".join(name for name, _ in columns[:SHOWN]))
            made.append(Guess(what, value, f"{columns[0][1]} in {names}", option))
        return made
