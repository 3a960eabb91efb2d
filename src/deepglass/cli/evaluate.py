"""`deepglass evaluate RUN DATA`: every metric on new data that carries the truth."""

from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    data: Annotated[str, typer.Argument(help="Data of the same form as in training, target included.", metavar="DATA")],
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Judge a trained model on other data."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.evaluate.scores import metric, scores_of, show, show_interval

    result = load(run).evaluate(data)
    rows = [
        (metric(n).title, show(n, score["value"]), show_interval(n, score)) for n, score in scores_of(result).items()
    ]
    console.table(("score", "value", "95 % interval"), rows, title=f"{result['count']:,} examples of {data}")
    console.result(result)
