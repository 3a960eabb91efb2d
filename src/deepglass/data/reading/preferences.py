"""Reading preferences: tables and JSON lines of a prompt, the answer that was chosen, and the one that was rejected.

prompt,chosen,rejected                                      a row each, or JSON lines with these names
{"prompt": [messages], "chosen": [messages], …}             as trl takes them: roles and contents
{"chosen": [messages], "rejected": [messages]}              both whole conversations: what they share is the prompt
"""

from pathlib import Path
from typing import Any

import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.containers import Data, Layout, Table
from deepglass.data.dialogues import Dialogue, Said, of_roles
from deepglass.data.preferences import Preference
from deepglass.data.reading.dialogues import PROMPTS, dialogue_of, records_with
from deepglass.data.reading.opening import stem

KIND = "pairs of answers"
CHOSEN, REJECTED = ("chosen", "preferred"), ("rejected", "dispreferred")
EXPECTED = (
    "expected a table with columns prompt, chosen and rejected, or JSON lines such as "
    '{"prompt": "Hi", "chosen": "Hello!", "rejected": "What?"}'
)


def of_json(path: Path) -> Layout | None:
    """A file of preferences, or None where its first record holds none.

    Raises:
        DataError: If a later one is broken; names the line.
    """
    records = records_with(path, _is_likely, lambda first: _columns_of(first) is not None)
    if not records:
        return None
    return layout([_preference(record, f"{path}, {where}") for where, record in records], stem(path))


def _is_likely(begin: bytes) -> bool:
    return all(any(f'"{name}"'.encode() in begin for name in names) for names in (CHOSEN, REJECTED))


def as_preferences(data: Data) -> Layout:
    """Preferences, whatever container a reader found for them.

    Raises:
        DataError: If there are none in it, or a row is broken; names the row.
    """
    if isinstance(data, Layout) and data.kind == KIND:
        return data
    if isinstance(data, Table) and (columns := columns_of(data.frame)):
        return _of_table(data, columns)
    what = f"columns {listing(map(repr, data.frame.columns))}" if isinstance(data, Table) else "no preferences"
    raise DataError(f"{data.name} holds {what}: {EXPECTED}")


def columns_of(frame: pd.DataFrame) -> tuple[str, str, str] | None:
    """The columns of prompt, chosen and rejected answer, by their usual names; None where one is absent."""
    return _columns_of({str(column): None for column in frame.columns})


def layout(preferences: list[Preference], name: str, licence: str | None = None) -> Layout:
    """What a task is handed: comparisons, as they were found."""
    prompts = len({one.prompt.turns for one in preferences})
    facts = {"comparisons": len(preferences), "prompts": prompts}
    return Layout(KIND, name, "preferences", facts, content=preferences, licence=licence)


def different(data: Layout) -> tuple[list[Preference], list[Guess]]:
    """The comparisons of two answers that differ; that others are left out is said.

    Raises:
        DataError: If there are none.
    """
    found = [one for one in data.content if one.chosen != one.rejected]
    if not found:
        raise DataError(f"{data.name}: in each comparison both answers are the same; {EXPECTED}")
    if missing := len(data.content) - len(found):
        return found, [Guess("left out", counted(missing, "comparison"), "both answers are the same", "--task")]
    return found, []


def _of_table(table: Table, columns: tuple[str, str, str]) -> Layout:
    rows = table.frame[list(columns)].to_dict("records")
    found = [_preference(row, f"{table.name}, row {number}") for number, row in enumerate(rows, 1)]
    why = f"columns {listing(map(repr, columns))}"
    whole = layout(found, table.name)
    whole.guesses = [*table.guesses, Guess("comparisons", f"{len(found):,}", why, "--task")]
    return whole


def _columns_of(record: dict[str, Any]) -> tuple[str, str, str] | None:
    names = {name.lower(): name for name in record}
    prompt, chosen, rejected = (
        next((names[name] for name in known if name in names), "") for known in (PROMPTS, CHOSEN, REJECTED)
    )
    is_whole = isinstance(record.get(chosen), list) and isinstance(record.get(rejected), list)
    return (prompt, chosen, rejected) if chosen and rejected and (prompt or is_whole) else None


def _preference(record: Any, where: str) -> Preference:
    """One comparison from texts or messages."""
    columns = _columns_of(record) if isinstance(record, dict) else None
    if columns is None:
        raise DataError(f"{where}: no prompt, chosen and rejected answer; {EXPECTED}")
    prompt, chosen, rejected = (record.get(name) for name in columns)
    parts = [_turns(part, where, name) for part, name in zip((chosen, rejected), columns[1:], strict=True)]
    asked = _turns(prompt, where, columns[0], role="user") if columns[0] else _shared(*parts)
    answers = [_answer(part[len(asked) :] if not columns[0] else part, where, name)
               for part, name in zip(parts, columns[1:], strict=True)]  # fmt: skip
    if not asked or asked[-1][0] != "user":
        raise DataError(f"{where}: nobody asks anything before the answers: expected a user's turn at the end of the "
                        "prompt")  # fmt: skip
    return Preference(Dialogue(tuple(asked)), *answers)


def _turns(part: Any, where: str, name: str, role: str = "assistant") -> list[Said]:
    """What was said, from a text of one role or from messages."""
    if isinstance(part, list):
        return list(dialogue_of(part, f"{where}, {name}").turns) if not all(isinstance(x, str) for x in part) else []
    if part is None or (isinstance(part, float) and pd.isna(part)) or not str(part).strip():
        raise DataError(f"{where}: {name} is empty: expected a text; fill it, or leave the row out")
    return list(of_roles([(role, str(part))]).turns)


def _shared(one: list[Said], other: list[Said]) -> list[Said]:
    """The turns that two conversations begin with."""
    count = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    while count and one[count - 1][0] != "user":  # both end alike: the last answer is compared all the same
        count -= 1
    return one[:count]


def _answer(turns: list[Said], where: str, name: str) -> str:
    if len(turns) != 1 or turns[0][0] != "assistant":
        said = listing([role for role, _ in turns]) if turns else "nobody"
        raise DataError(f"{where}: in {name!r} {said} speaks: expected one turn of the assistant behind the prompt")
    return turns[0][1]


def from_records(records: list[dict[str, Any]], name: str) -> Layout:
    """Preferences that are given as they are.

    Raises:
        DataError: If a record lacks a part; names it.
    """
    return layout([_preference(record, f"{name} {i}") for i, record in enumerate(records, 1)], name)
