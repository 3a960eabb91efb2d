"""Reading conversations: JSON lines of messages or turns, tables of prompts and responses, texts with speakers.

{"messages": [{"role": …, "content": …}]}    as OpenAI's fine-tuning takes them; also "conversations" with "from"
{"turns": ["…", "…"], "topic": …}            also "dialog", "dialogue", "conversation"
prompt,response                              a row each, or several rows of one `conversation` in order
Ann: Hello!                                  lines; an empty one ends a conversation
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.containers import Data, Layout, Table, Text
from deepglass.data.dialogues import ALIASES, Dialogue, of_equals, of_roles
from deepglass.data.reading.opening import opened, stem

KIND = "dialogues"
SUFFIXES = (".jsonl", ".ndjson", ".json")
BEGINNING = 1 << 16  # bytes of a file in which its first names must stand
LISTS = ("messages", "turns", "conversations", "conversation", "dialog", "dialogue")
ROLE_KEYS, TEXT_KEYS = ("role", "from", "speaker"), ("content", "value", "text")
PROMPTS = ("prompt", "question", "input", "user", "instruction")
RESPONSES = ("response", "answer", "output", "completion", "assistant", "bot", "reply")
CONVERSATIONS, TOPICS = ("conversation", "conversation_id", "dialogue", "dialogue_id", "dialog"), ("topic", "category")
SPOKEN = re.compile(r"^\s*([^\s:][^:]{0,30}?)\s*:\s+(.*)$")
EXPECTED = (
    'expected JSON lines such as {"messages": [{"role": "user", "content": "Hi"}, …]} or {"turns": ["Hi", "Hello!"]}, '
    "a table with columns prompt and response, or lines such as `Ann: Hello!`"
)


def of_json(path: Path) -> Layout | None:
    """A file of conversations, or None where its first record holds none.

    Raises:
        DataError: If a later one is broken; names the line.
    """
    records = records_with(path, _is_likely, lambda first: _list_of(first) is not None)
    return layout([_dialogue(record, f"{path}, {where}") for where, record in records], stem(path)) if records else None


def _is_likely(begin: bytes) -> bool:
    return any(f'"{name}"'.encode() in begin for name in LISTS)


def records_with(
    path: Path, is_likely: Callable[[bytes], bool], holds: Callable[[dict[str, Any]], bool]
) -> list[tuple[str, Any]]:
    """The records of a JSON file that begins as it should and whose first record holds what is looked for; else none.

    Raises:
        DataError: If a later one is broken; names the line.
    """
    with opened(path) as file:
        begin = file.read(BEGINNING)
    if not is_likely(begin):
        return []
    try:
        records = [*json_records(path)]
    except DataError:
        raise
    except ValueError:
        return []  # whoever reads tables says it better
    return records if records and isinstance(records[0][1], dict) and holds(records[0][1]) else []


def json_records(path: Path) -> Iterator[tuple[str, Any]]:
    """Each record with its place: one per line, or the items of one list.

    Raises:
        DataError: If a line is not JSON; names it.
        ValueError: If the first is not.
    """
    with opened(path) as file:
        content = file.read()
    if content.lstrip()[:1] == b"[":
        yield from ((f"record {i}", record) for i, record in enumerate(json.loads(content), 1))
        return
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except (ValueError, RecursionError) as error:
                if number == 1:
                    raise ValueError(str(error)) from None
                raise DataError(f"{path}, line {number}: not JSON ({error}); expected one object per line") from None


def _list_of(record: dict[str, Any]) -> list[Any] | None:
    return next((record[name] for name in LISTS if isinstance(record.get(name), list)), None)


def _dialogue(record: Any, where: str) -> Dialogue:
    turns = _list_of(record) if isinstance(record, dict) else None
    if turns is None:
        raise DataError(f"{where}: no list of turns; {EXPECTED}")
    topic = next((str(record[name]) for name in TOPICS if record.get(name)), "")
    return dialogue_of(turns, where, topic)


def dialogue_of(turns: list[Any], where: str, topic: str = "") -> Dialogue:
    """A conversation from texts in turn, or from messages with roles.

    Raises:
        DataError: If a turn is neither, or its role is unknown.
    """
    if all(isinstance(turn, str) for turn in turns):
        return of_equals(turns, topic)
    try:
        return of_roles([_said(turn, number) for number, turn in enumerate(turns, 1)], topic)
    except ValueError as error:
        raise DataError(f"{where}: {error}") from None


def _said(turn: Any, number: int) -> tuple[str, str]:
    """Role and text of a message."""
    if not isinstance(turn, dict):
        raise ValueError(f"turn {number} is {str(turn)[:40]!r}: expected an object with role and content")
    role = next((turn[key] for key in ROLE_KEYS if isinstance(turn.get(key), str)), None)
    text = next((turn[key] for key in TEXT_KEYS if key in turn), None)
    if isinstance(text, list) and all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in text):
        text = "".join(part["text"] for part in text)
    if role is None or not isinstance(text, str):
        raise ValueError(f"turn {number} lacks a role or a text: expected an object with role and content")
    return role, text


def as_dialogues(data: Data) -> Layout:
    """Conversations, whatever container a reader found for them.

    Raises:
        DataError: If there are none in it.
    """
    if isinstance(data, Layout) and data.kind == KIND:
        return data
    if isinstance(data, Table) and (found := of_table(data)):
        return found
    if isinstance(data, Text) and (found := of_text(data)):
        return found
    what = f"columns {listing(map(repr, data.frame.columns))}" if isinstance(data, Table) else "no conversations"
    raise DataError(f"{data.name} holds {what}: {EXPECTED}")


def prompt_columns(frame: pd.DataFrame) -> tuple[str, str] | None:
    """The columns of what is asked and what is answered, by their usual names."""
    names = {str(column).lower(): str(column) for column in frame.columns}
    found = [next((names[name] for name in known if name in names), None) for known in (PROMPTS, RESPONSES)]
    return (found[0], found[1]) if found[0] and found[1] else None


def of_table(table: Table) -> Layout | None:
    """A table with a column of prompts and one of responses, or None."""
    frame, columns = table.frame, prompt_columns(table.frame)
    if columns is None:
        return None
    names = {str(column).lower(): str(column) for column in frame.columns}
    key, topic = (next((names[name] for name in known if name in names), None) for known in (CONVERSATIONS, TOPICS))
    keys = [str(i) for i in range(len(frame))] if key is None else frame[key].astype(str).tolist()
    topics = [""] * len(frame) if topic is None else frame[topic].astype(str).tolist()
    by_key: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row, (prompt, response) in enumerate(zip(frame[columns[0]], frame[columns[1]], strict=True)):
        turns = by_key.setdefault((topics[row], keys[row]), [])
        turns += [("user", _cell(prompt)), ("assistant", _cell(response))]
    found = layout([of_roles(turns, topic) for (topic, _), turns in by_key.items()], table.name)
    why = f"columns {columns[0]!r} and {columns[1]!r}" + (f", put together by {key!r}" if key else ", a row each")
    found.guesses = [*table.guesses, Guess("dialogues", f"{len(by_key):,}", why, "--task")]
    return found


def _cell(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell)


def of_text(text: Text) -> Layout | None:
    """Lines of speakers, or None where most have none. The first who speaks is the user, unless names say otherwise.

    Raises:
        DataError: If a conversation has more than two speakers who are not known by their roles.
    """
    blocks = [block for block in re.split(r"\n\s*\n", text.text) if block.strip()]
    spoken = [[SPOKEN.match(line) for line in block.splitlines() if line.strip()] for block in blocks]
    lines = [match for block in spoken for match in block]
    if not lines or sum(match is not None for match in lines) < len(lines) / 2:
        return None
    found = [_spoken(block, f"{text.name}, conversation {i}") for i, block in enumerate(spoken, 1)]
    content = layout([dialogue for dialogue in found if dialogue], text.name)
    content.guesses = [*text.guesses, Guess("dialogues", f"{len(found):,}", "lines of speakers", "--task")]
    return content


def _spoken(block: list[re.Match[str] | None], where: str) -> Dialogue | None:
    said = [match.groups() for match in block if match is not None]
    speakers = list(dict.fromkeys(name.strip().lower() for name, _ in said))
    if all(name in ALIASES for name in speakers):
        return of_roles([(name, text) for name, text in said])
    if len(speakers) > 2:
        raise DataError(f"{where} has {counted(len(speakers), 'speaker')} ({listing(speakers)}): expected two")
    roles = dict(zip(speakers, ("user", "assistant"), strict=False))
    return of_roles([(roles[name.strip().lower()], text) for name, text in said]) if said else None


def layout(dialogues: list[Dialogue], name: str, licence: str | None = None) -> Layout:
    """What a task is handed: conversations, as they were found."""
    turns, answers = (sum(count) for count in zip(*((len(one.turns), one.answers) for one in dialogues), strict=True))
    facts = {"dialogues": len(dialogues), "turns": turns, "answers": answers}
    return Layout(KIND, name, "dialogues", facts, content=dialogues, licence=licence)


def answered(data: Layout) -> tuple[list[Dialogue], list[Guess]]:
    """The conversations in which something is answered; that others are left out is said.

    Raises:
        DataError: If there are none.
    """
    found = [dialogue for dialogue in data.content if dialogue.answers]
    if not found:
        raise DataError(
            f"{data.name} holds {counted(len(data.content), 'dialogue')} without a single answer: expected two "
            f"speakers, and the assistant among them; {EXPECTED}"
        )
    if missing := len(data.content) - len(found):
        why = "they have no turn that answers another"
        return found, [Guess("left out", counted(missing, "dialogue"), why, "--task")]
    return found, []
