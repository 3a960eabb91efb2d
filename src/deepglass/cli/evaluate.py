"""`deepglass evaluate RUN DATA`: every metric on new data that carries the truth, or in new episodes."""

from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core import effects
from deepglass.core.console import console
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError

GROUP = "understand"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Data of the same form as in training, target included; - reads standard input.", metavar="DATA"
        ),
    ] = None,
    episodes: Annotated[int | None, typer.Option(help="Of a run that acts: how many (default: 100).")] = None,
    seed: Annotated[int | None, typer.Option(help="Of a run that acts: of the environment (default: 0).")] = None,
    environment: Annotated[
        str | None, typer.Option(help="Of a run that acts: where; needed where it is code in a file.")
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Judge a trained model on other data."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.cli._standard_input import named_file

    trained = load(run)
    given = {"episodes": episodes, "seed": seed, "environment": environment}
    given = {name: value for name, value in given.items() if value is not None}
    if trained.ACTS:
        result = trained.evaluate(data, **given)  # type: ignore[call-arg]
        show(result, f"{result['count']:,} episodes of {environment or trained.config['source']}")
        console.result(result)
        return
    effects.refuse(Unused(name, f"{run} was trained on data") for name in given)
    if data is None:
        raise OptionError(f"nothing to judge {run} on: give DATA of the same form as in training, target included")
    with named_file(data, trained.task.plain_text) as path:
        result = trained.evaluate(path)
    seen, unseen = result.get("seen", {}), result.get("unseen")
    show(result, f"{result['count']:,} examples of {data}")
    if seen.get("examples"):
        console.warn(
            f"{seen['examples']:,} of the {seen['of']:,} examples were seen in training: their scores flatter"
            + ("; those of the others stand below" if unseen else "")
        )
    if unseen:
        show(unseen, f"{unseen['count']:,} examples that were not seen in training")
    console.result(result)


def show(result: dict[str, Any], title: str) -> None:
    """The scores as a table."""
    from deepglass.evaluate import scores

    rows = [
        (scores.metric(name).title, scores.show(name, score["value"]), scores.show_interval(name, score))
        for name, score in scores.scores_of(result).items()
    ]
    console.table(("score", "value", "95 % interval"), rows, title=title)
