"""What is there of a topic and what is missing: the rows of `deepglass topics`.

A row is whole when its lesson is there, its code is found, its command is known, its proof is a test that exists, and
the recorded figures reach its floor. Whether the command and the test succeed is for those who run them to say.
"""

import ast
from typing import Any

from deepglass.api import floors, read
from deepglass.core import catalogue
from deepglass.core.catalogue import CHECKOUT, PACKAGE, tree_of
from deepglass.core.topics import Topic
from deepglass.core.topics import topics as all_topics

LINKS = ("lesson", "read", "run", "proof", "floor")
NO_DEED = {"see", "read", "topics", "demo"}  # commands that show an idea and do nothing with data


def topics() -> list[dict[str, Any]]:
    """Every topic with its links, `missing` and `is_whole`, as plain as JSON."""
    return [row(topic) for topic in all_topics().values()]


def row(topic: Topic) -> dict[str, Any]:
    """One topic with its links; `missing` names those of them that are not there."""
    absent = missing(topic)
    return {**vars(topic), "missing": absent, "is_whole": not absent}


def missing(topic: Topic) -> list[str]:
    """Of lesson, read, run, proof and floor, those that are not there; a floor only where one is asked for.

    Tests and results are part of the checkout: where the package is installed without them, what is named is believed.
    """
    there = {
        "lesson": all_of(topic.lesson, lambda slug: (PACKAGE / "lessons" / f"{slug}.py").is_file()),
        "read": all_of(topic.read, read.has_code),
        "run": all_of(topic.run, is_known_command),
        "proof": all_of(topic.proof, has_test),
        "floor": all(has_floor(floor) for floor in topic.floor),
    }
    return [link for link in LINKS if not there[link]]


def all_of(entries: tuple[str, ...], is_there: Any) -> bool:
    """Whether there is one at least, and all are there."""
    return bool(entries) and all(map(is_there, entries))


def is_known_command(line: str) -> bool:
    """Whether `deepglass …`, or `torchrun … -m deepglass …`, calls a command that does something with data."""
    command = line.partition("deepglass ")[2].partition(" ")[0]
    return command in set(catalogue.entries("cli")) - {"main"} - NO_DEED


def has_test(proof: str) -> bool:
    """Whether the test is in its file, which is parsed and not imported."""
    file, _, name = proof.partition("::")
    if not (CHECKOUT / "tests").is_dir():
        return True
    path = CHECKOUT / file
    tests = ast.walk(tree_of(path)) if path.is_file() else ()
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tests)


def has_floor(floor: str) -> bool:
    """Whether a recorded figure reaches it."""
    return floor != floors.UNMEASURED and (not floors.RESULTS.is_dir() or floors.is_met(floor))
