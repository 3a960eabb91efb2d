"""`deepglass near RUN WORD`: the words that lie near a word, or near "king - man + woman"."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.core.console import console

GROUP = "understand"
NEEDS_ARGUMENTS = True


def command(
    run: Annotated[
        Path, typer.Argument(help="A run of word vectors, or a file of them (.txt, .vec, .bin, .gz).", metavar="RUN")
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(help="A word; or a sum such as king - man + woman.", metavar="[WORD]...", show_default=False),
    ] = None,
    count: Annotated[int, typer.Option(help="Words to show.")] = 10,
    like: Annotated[str | None, typer.Option(help="Another word: how alike the two are.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write all vectors: .bin binary, else text; .gz packed.")
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Ask word vectors: neighbours, analogies, the likeness of two words; or write them to a file."""
    set_mode(quiet, json)
    from deepglass.api.near import vectors_of
    from deepglass.core.errors import OptionError
    from deepglass.data.reading.vector_files import write_vectors

    query = " ".join(words or [])
    if not query and output is None:
        raise OptionError('near which word? Expected one, or a sum such as "king - man + woman", or --output FILE')
    vectors = vectors_of(run)
    found: dict[str, object] = {}
    if query and like is not None:
        found = {"query": query, "like": like, "similarity": vectors.likeness(query, like)}
        console.say(f"{query} and {like}: {found['similarity']:.3f}")
    elif query:
        near = vectors.near(query, count)
        found = {"query": query, "near": [{"word": word, "similarity": cosine} for word, cosine in near]}
        console.table(("near " + query, "cosine"), [[word, f"{cosine:.3f}"] for word, cosine in near])
    if output is not None:
        write_vectors(vectors, output)
        found |= {"path": str(output)}
        console.say(f"wrote {len(vectors.words):,} vectors to {output}")
    console.result(found)
