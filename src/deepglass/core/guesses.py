"""What Deepglass decided by itself, said aloud with the option that overrides it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Guess:
    """One decision taken from the data, for instance `Guess("target", "species", "the last column", "--target")`."""

    what: str
    value: Any
    why: str
    option: str  # the option that overrides it, such as "--target"; "" where there is none

    def __str__(self) -> str:
        change = f"; change with {self.option}" if self.option else ""
        return f"{self.what}: {self.value} ({self.why}{change})"
