"""What the name of a world looks like: `CartPole-v1`, `Arm-v0:load=1`, `NAME.py:Maze`."""

import re

OF_FILE = re.compile(r"(?P<file>.+\.py):(?P<name>\w+)")
OF_GYMNASIUM = re.compile(r"(?:[\w:.-]+/)?[A-Za-z][\w.-]*-v\d+")
WITH_OPTIONS = re.compile(r"(?P<world>.+?):(?P<options>\w+=.*)")


def is_file(name: str) -> bool:
    """Whether a world is code in a file."""
    return OF_FILE.fullmatch(without_options(name)) is not None


def without_options(name: str) -> str:
    """ "Arm-v0:load=1" → "Arm-v0"."""
    found = WITH_OPTIONS.fullmatch(name)
    return found["world"] if found else name


def names_world(word: str) -> bool:
    """Whether a word of a command line can be nothing else."""
    return is_file(word) or OF_GYMNASIUM.fullmatch(without_options(word)) is not None
