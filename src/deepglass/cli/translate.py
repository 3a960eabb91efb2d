"""`deepglass translate RUN TEXT…`: sentences in another language."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import RunArgument
from deepglass.core import files
from deepglass.core.console import console
from deepglass.core.errors import OptionError

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    texts: Annotated[
        list[str] | None, typer.Argument(help="Sentences, each in quotation marks.", metavar="TEXT…")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--file", help="A text file with a sentence in every line.", metavar="FILE")
    ] = None,
    beam: Annotated[int, typer.Option(help="Beginnings that are kept at every token; 1 is greedy, 4 is usual.")] = 1,
    align: Annotated[
        bool, typer.Option("--align", help="Also where the network looked for every word; of recurrent models.")
    ] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of lines.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
) -> None:
    """Translate sentences with a run of translation: one line for each."""
    console.narrates_on_stderr = True
    from deepglass.api.run import load
    from deepglass.cli.predict import as_json
    from deepglass.data.reading.opening import existing
    from deepglass.data.reading.sentence_files import lines_of

    sentences = list(texts or [])
    if source is not None:
        sentences += lines_of(existing(source))
    if not sentences:
        raise OptionError('nothing to translate: give sentences, as in `deepglass translate RUN "A dog runs."`, or '
                          "--file FILE")  # fmt: skip
    records = load(run, device).translate(sentences, beam=beam, aligned=align)
    content = as_json(records) if json else "".join(map(_lines, records))
    if output:
        files.write_text(output, content)
        console.say(f"wrote {len(records):,} translations to {output}")
    else:
        sys.stdout.write(content)


def _lines(record: dict) -> str:
    """The translation, and below it the words and what each was written from."""
    pairs = "".join(f"    {written} <- {read}\n" for written, read in record.get("alignment", ()))
    return f"{record['sentence']}\n{pairs}"
