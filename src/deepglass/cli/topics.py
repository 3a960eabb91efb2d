"""`deepglass topics [TOPIC]`: every topic of the product, and what is there for it: lesson, code, command, proof."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core import topics
from deepglass.core.console import console

GROUP = "learn"
COUNTED = {"lesson": "a lesson", "read": "code to read", "run": "a command", "proof": "a test"}


def command(
    topic: Annotated[
        list[str] | None,
        typer.Argument(help="A topic (H06, batch norm), or the letter of a group (H).", metavar="[TOPIC]..."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """What is there and what is missing: all topics, those of one group, or one topic with its links."""
    set_mode(quiet=False, as_json=json)
    from deepglass.api import topics as rows

    wanted = " ".join(topic or [])
    group = [one for one in topics.topics().values() if one.id[0] == wanted.upper()]
    if wanted and not group:
        row = rows.row(topics.find(wanted))
        show_one(row)
        console.result(row)
        return
    listed = [rows.row(one) for one in group or topics.topics().values()]
    show_table(listed)
    console.result(listed)


def show_table(rows: Sequence[dict[str, Any]]) -> None:
    """One line per topic, then how many there are of everything."""
    from deepglass.api.topics import LINKS

    console.table(["", "topic", *LINKS, "whole"], [[row["id"], row["title"], *marks(row, LINKS)] for row in rows])
    counts = [f"{sum(link not in row['missing'] for row in rows)} with {noun}" for link, noun in COUNTED.items()]
    whole = sum(row["is_whole"] for row in rows)
    console.say(f"{len(rows)} topics: {', '.join(counts)}; {whole} whole.")


def marks(row: dict[str, Any], links: Sequence[str]) -> list[str]:
    """ "yes" for what is there, "no" for what is missing, nothing for a floor that nobody asks for."""
    marked = ["no" if link in row["missing"] else "yes" if row[link] else "" for link in links]
    return [*marked, "yes" if row["is_whole"] else "no"]


def show_one(row: dict[str, Any]) -> None:
    """A topic with its links, and what is missing."""
    console.heading(f"{row['id']}  {row['title']}")
    console.say(f"  {row['group']}")
    lines = {
        "words": [", ".join(row["words"])],
        "lesson": [f"{slug}  (deepglass see {row['id']})" for slug in row["lesson"]],
        "read": [f"{', '.join(row['read'])}  (deepglass read {row['id']})"] if row["read"] else [],
        "run": row["run"],
        "asks": [row["asks"]],
        "proof": row["proof"],
        "floor": [described(floor) for floor in row["floor"]],
    }
    for name, entries in lines.items():
        for entry in entries or ["nothing yet"] * (name != "floor"):
            console.say(f"{name:<8} {entry}")
    console.say(f"missing  {', '.join(row['missing'])}" if row["missing"] else "whole    everything is there")


def described(floor: str) -> str:
    """A floor, with what was measured."""
    from deepglass.api import floors

    if floor == floors.UNMEASURED:
        return "asked for, and not measured yet"
    found = floors.figures(floor)
    return f"{floor}  ({'not measured' if found is None else f'measured {found[0]:.4g}'})"
