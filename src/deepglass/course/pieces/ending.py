"""How a lesson closes: exercises, the command with its output, the reader's own file, sources, the way on."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import marimo as mo

from deepglass.core.errors import OptionError
from deepglass.course.pieces.opening import next_lesson, section
from deepglass.course.pieces.opening import sources as cited
from deepglass.course.style import row
from deepglass.course.widgets.command import run_command


def check(*exercises: Any, words: str = "", title: str = "Check yourself") -> Any:
    """The section of exercises.

    Args:
        *exercises: From `exercise`, `answer` and `choose`.
        words: Before them, in Markdown.
        title: Of the section; its id is that of its words by default.
    """
    return mo.vstack([section(title, words, name="check-yourself"), *exercises])


def ending(
    lesson: Mapping[str, Any],
    words: str,
    *,
    own_file: str,
    sources: Sequence[tuple[str, str]],
    onward: str = "",
    title: str = "Run",
) -> Any:
    """The last cell of a lesson: its commands with their output, the same for the reader's data, sources, what follows.

    Args:
        lesson: Its LESSON, whose `runs` are shown in order.
        words: What the commands do, in Markdown.
        own_file: In Markdown: the command with a file of the reader's in its place, between backticks, and what the
            file must look like.
        sources: (author, year and title; link) each.
        onward: Why the next lesson follows.
        title: Of the section.

    Raises:
        OptionError: If `own_file` names no command.
    """
    if not re.search(r"`deepglass [^`]+`", own_file):
        raise OptionError(
            "kit.ending: expected own_file to name a command, such as `deepglass train my.csv --target y`"
        )
    return mo.vstack(
        [
            section(title, words, name="run"),
            row(*(run_command(*commands) for commands in chains(lesson["runs"]))),
            section("Your own file", own_file, name="your-own-file", level=3),
            cited(*sources),
            next_lesson(lesson, onward),
        ]
    )


def chains(commands: Sequence[str]) -> list[list[str]]:
    """Commands that need the run of one before them, which are run in one folder with it; others each alone.

    Example:
        >>> chains(["deepglass train iris --run runs/a", "deepglass export runs/a", "deepglass check wine"])
        [['deepglass train iris --run runs/a', 'deepglass export runs/a'], ['deepglass check wine']]
    """
    found: list[list[str]] = []
    for command in commands:
        left = set(re.findall(r"--run (\S+)", " ".join(found[-1]))) if found else set()
        if left & set(command.split()):
            found[-1].append(command)
        else:
            found.append([command])
    return found
