"""Passages: one's own texts in pieces that can be found, one a paragraph, a row, or a reply.

notes.txt, folder/*.md       paragraphs, which an empty line divides; lines where there is none
faq.csv                      rows of the column of running text
talks.jsonl                  the turns that answer
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout, Table, Text
from deepglass.data.dialogues import Dialogue
from deepglass.data.reading import dialogues, source
from deepglass.data.reading.roles import guess_text_column
from deepglass.data.reading.text import SUFFIXES, texts_handed_over

EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")


def passages_of(texts: Any, config: DataConfig) -> list[tuple[str, str]]:
    """Where each passage is from, and the passage.

    Args:
        texts: A file, a folder of text files, several of these, or texts themselves in a list.
        config: How files are read.

    Raises:
        DataError: If a file is missing or broken, or no passage is in it.
    """
    several = texts if isinstance(texts, list | tuple) else [texts]
    items = [str(one) if isinstance(one, Path) else one for one in several]
    found = [one for item in texts_handed_over(items) for one in _of_one(str(item), config)]
    if not found:
        raise DataError(f"there is no passage in {listing(map(repr, map(str, items)))}: expected texts")
    return found


def _of_one(item: str, config: DataConfig) -> Iterable[tuple[str, str]]:
    if not item.strip():
        return []
    path = Path(item).expanduser()
    if not _is_path(path, item):
        return [("text", item.strip())]
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        if not files:
            raise DataError(f"{path} holds no file of text: expected {', '.join(SUFFIXES)}")
        return [one for file in files for one in _of_data(source.read(file, config), file.name)]
    return _of_data(source.read(path, config), path.name)


def _is_path(path: Path, item: str) -> bool:
    """Whether it is there, or looks like the name of a file that should be."""
    try:
        return path.exists() or (len(item.split()) == 1 and bool(path.suffix) and path.suffix[1:].isalnum())
    except OSError:  # a text that is longer than any name
        return False


def _of_data(data: Data, name: str) -> list[tuple[str, str]]:
    if isinstance(data, Text):
        parts = EMPTY_LINE.split(data.text) if EMPTY_LINE.search(data.text.strip()) else data.text.splitlines()
        return _numbered(parts, name, "passage")
    if isinstance(data, Table) and (column := guess_text_column(data, DataConfig())):
        return _numbered(data.frame[column[0]].fillna("").astype(str), name, "row")
    if isinstance(data, Layout) and data.kind == dialogues.KIND:
        content: list[Dialogue] = data.content
        return _numbered(list(dict.fromkeys(_replies(content))), name, "reply")
    raise DataError(f"{name} holds no running text: expected a text, a table with a column of texts, or conversations")


def _replies(content: list[Dialogue]) -> Iterable[str]:
    return (text for one in content for told in one.told() for role, text in told.turns if role == "assistant")


def _numbered(texts: Iterable[str], name: str, what: str) -> list[tuple[str, str]]:
    return [(f"{name}, {what} {i}", " ".join(text.split())) for i, text in enumerate(texts, 1) if text.strip()]
