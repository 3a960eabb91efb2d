"""`deepglass generate RUN --prompt …`: let a language model write."""

import sys
from typing import Annotated

import typer

from deepglass.cli._common import RunArgument

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    prompt: Annotated[str, typer.Option(help="How the text begins.")] = "",
    max_tokens: Annotated[int, typer.Option(help="Tokens to write.")] = 400,
    temperature: Annotated[float, typer.Option(help="0 always takes the likeliest; 1 samples as it was learnt.")] = 0.8,
    top_k: Annotated[int | None, typer.Option(help="Sample among so many of the likeliest tokens only.")] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Sample among the likeliest that together have this share.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed writes the same text.")] = 0,
) -> None:
    """Continue a prompt with a trained language model, piece by piece."""
    from deepglass.api.run import load

    options = {"max_tokens": max_tokens, "temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
    pieces = load(run).generate(prompt, **options)
    sys.stdout.write(prompt)
    for piece in pieces:
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")
