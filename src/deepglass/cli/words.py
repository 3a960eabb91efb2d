"""`deepglass words TEXT`: the words of a text, their stems, their lemmas, and how often each occurs."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core.console import console

GROUP = "learn"
NEEDS_ARGUMENTS = True
MOST_LINES = 1_000_000
EXAMPLES = 6  # of words that meet


def command(
    text: Annotated[
        str, typer.Argument(help="A text, a file, a folder, a bundled name, or - for standard input.", metavar="TEXT")
    ],
    text_column: Annotated[str | None, typer.Option(help="Of a table: the column with the texts.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LINES, help="Words to show, the most frequent ones.")] = 20,
    json: JsonOption = False,
) -> None:
    """Take a text apart: its words as they are counted, and what stemming or lemmatising makes of them (English)."""
    set_mode(quiet=False, as_json=json)
    from deepglass.cli._standard_input import named_file
    from deepglass.core.errors import DataError
    from deepglass.data.word_counts import count_words, meeting

    with named_file(text, ".txt") as name:
        words = count_words(texts_of(name, text_column))
    if not words:
        raise DataError("the text has no words: expected at least one")
    stems, lemmas = ({getattr(word, form) for word in words} for form in ("stem", "lemma"))
    size = {"tokens": sum(word.count for word in words), "words": len(words), "stems": len(stems)}
    size |= {"lemmas": len(lemmas)}
    met = {form: meeting(words, form) for form in ("stem", "lemma")}
    console.heading(", ".join(f"{count:,} {what}" for what, count in size.items()))
    console.table(("token", "stem", "lemma", "count"), [list(asdict(word).values()) for word in words[:limit]])
    if (more := len(words) - limit) > 0:
        console.say(f"  and {more:,} more: --limit {len(words)} shows them all")
    for form, found in met.items():
        shown = [f"{name} ({', '.join(found[name])})" for name in list(found)[:EXAMPLES]]
        if shown:
            console.say(f"  meet in one {form}: {'; '.join(shown)}")
    console.result({**size, "counts": [asdict(word) for word in words], "meet": met})


def texts_of(name: str, text_column: str | None) -> list[str]:
    """A text itself, or those of a file, a folder or a bundled set.

    Raises:
        DataError: If there is no text in it.
    """
    from pathlib import Path

    from deepglass.core.errors import DataError
    from deepglass.data.config import DataConfig
    from deepglass.data.containers import Table, Text
    from deepglass.data.reading import source
    from deepglass.data.reading.roles import guess_text_column

    if not name.strip():
        raise DataError("the text is empty: expected a text, a file, a folder or a bundled name")
    if text_column is None and not is_place(name, source.bundled_names()):
        return [name]
    config = DataConfig(text_column=text_column)
    data: Any = source.read(name, config)
    if isinstance(data, Text):
        return [data.text]
    found = guess_text_column(data, config) if isinstance(data, Table) else None
    if found is None:
        raise DataError(f"{Path(name).name} has no text: expected a text file, or a table with a column of texts")
    column, guess = found
    console.guesses([guess])
    return data.frame[column].dropna().astype(str).tolist()


def is_place(name: str, bundled: list[str]) -> bool:
    """Whether a name is that of a file, a folder or a bundled set, and not a text."""
    from pathlib import Path

    from deepglass.core.files import is_there

    return name in bundled or is_there(name) or (" " not in name and len(Path(name).suffix) > 1)
