"""`deepglass generate RUN`: let a language model write, or a generator make new rows or pictures."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import RunArgument
from deepglass.cli._drawing_tokens import MinPOption, TemperatureOption, TopKOption, TopPOption
from deepglass.core import files
from deepglass.core.console import console
from deepglass.core.errors import OptionError

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    prompt: Annotated[str | None, typer.Option(help="How a text begins, or what to paint.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Tokens to write; 400 by default.")] = None,
    temperature: TemperatureOption = None,
    top_k: TopKOption = None,
    top_p: TopPOption = None,
    min_p: MinPOption = None,
    repetition_penalty: Annotated[
        float | None, typer.Option(help="Weakens what was written before; 1 leaves it, 1.2 is usual.")
    ] = None,
    count: Annotated[int | None, typer.Option(help="Rows or pictures to make; 100 by default, 1 of a prompt.")] = None,
    steps: Annotated[int | None, typer.Option(help="From noise to a painted picture; 20 by default.")] = None,
    guidance: Annotated[
        float | None,
        typer.Option(help="How narrowly a picture follows its words: 1 as it was learnt, 2 by default."),
    ] = None,
    draft: Annotated[
        str | None,
        typer.Option(help="A smaller run of the same tokens proposes: fewer readings write the same.", metavar="RUN"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed makes the same; 0 by default.")] = None,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", help="Write pictures into this folder.", metavar="FOLDER")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of CSV.")] = False,
) -> None:
    """Make something new with a trained model: text that goes on, rows or pictures like those learnt."""
    console.narrates_on_stderr = True
    from deepglass.api.run import load
    from deepglass.cli import _pictures
    from deepglass.cli.predict import as_csv, as_json

    options = {"max_tokens": max_tokens, "temperature": temperature, "top_k": top_k, "top_p": top_p}
    options |= {"min_p": min_p, "repetition_penalty": repetition_penalty, "draft": draft}
    options |= {"count": count, "steps": steps, "guidance": guidance, "seed": seed}
    pieces = load(run).generate(prompt or "", **options)
    text, records = prompt or "", []
    for number, piece in enumerate(pieces):
        if number == 0 and isinstance(piece, str) and output is None:
            sys.stdout.write(text)
        if not isinstance(piece, str):
            records.append(piece)
        elif output is None:
            sys.stdout.write(piece)
            sys.stdout.flush()
        else:
            text += piece
    if records:
        records = _pictures.drawn(records, pictures, is_json=json)
    elif pictures is not None:
        raise OptionError(f"--pictures has no effect: {run} makes no pictures; leave it out")
    text = (as_json(records) if json else as_csv(records)) if records else f"{text}\n"
    if output is not None:
        files.write_text(output, text)
        console.say(f"wrote {output}")
    else:
        sys.stdout.write(text if records else "\n")
