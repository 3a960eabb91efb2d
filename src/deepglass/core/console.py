"""What Deepglass says on a terminal, in a pipe, or not at all.

One console for the whole program; the command line sets its mode. Narration goes to standard error when standard
output carries data (predictions, JSON), so both can be piped.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from deepglass.core.guesses import Guess

Mode = Literal["normal", "quiet", "json", "silent"]
PIPE_WIDTH = 200  # columns: nobody needs a table folded in a pipe


class Console:
    """Lines, tables and results in one look.

    Args:
        mode: "normal" narrates, "quiet" only reports errors, "json" prints one JSON document at the end, "silent"
            leaves even warnings to another process.
    """

    def __init__(self, mode: Mode = "normal"):
        self.mode: Mode = mode
        self.narrates_on_stderr = False

    @property
    def rich(self) -> Any:
        """The rich console for narration."""
        from rich.console import Console as RichConsole

        is_pipe = not self.is_terminal
        width = PIPE_WIDTH if is_pipe and "COLUMNS" not in os.environ else None  # None: the terminal's own
        return RichConsole(stderr=self.narrates_on_stderr, highlight=False, soft_wrap=is_pipe, width=width)

    @property
    def is_terminal(self) -> bool:
        """Whether a user watches, so that a bar may move."""
        return (sys.stderr if self.narrates_on_stderr else sys.stdout).isatty()

    @property
    def speaks(self) -> bool:
        """Whether narration is wanted."""
        return self.mode == "normal"

    def say(self, text: str = "", style: str | None = None) -> None:
        """One line of narration."""
        if self.speaks:
            self.rich.print(text, style=style, markup=False)

    def heading(self, text: str) -> None:
        """A line that begins a new part."""
        self.say(text, style="bold")

    def guesses(self, guesses: Iterable[Guess]) -> None:
        """What was guessed, each with the option that overrides it."""
        for guess in guesses:
            self.say(f"  guessed {guess}", style="dim")

    def warn(self, text: str) -> None:
        """Something the user should know; shown even where narration is not."""
        if self.mode not in ("json", "silent"):
            print(f"warning: {text}", file=sys.stderr)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
        """A small table; numbers are right-aligned."""
        if not self.speaks:
            return
        from rich import box
        from rich.table import Table

        rows = [[_cell(value) for value in row] for row in rows]
        table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
        for i, column in enumerate(columns):
            is_number = all(row[i][:1].isdigit() or row[i][:1] in "-+." for row in rows if row[i])
            table.add_column(column, justify="right" if is_number and rows else "left", overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.rich.print(table)

    def result(self, content: Any) -> None:
        """The one JSON document of `--json`."""
        if self.mode == "json":
            print(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


console = Console()
