"""Options of commands that let a language model write: how its next token is drawn."""

from typing import Annotated

import typer

TemperatureOption = Annotated[
    float | None, typer.Option(help="0 always takes the likeliest; 1 samples as it was learnt; 0.8 by default.")
]
TopKOption = Annotated[int | None, typer.Option(help="Sample among so many of the likeliest tokens only.")]
TopPOption = Annotated[float | None, typer.Option(help="Sample among the likeliest that together have this share.")]
MinPOption = Annotated[
    float | None, typer.Option(help="Sample among those at least so likely, as a share of the likeliest.")
]
