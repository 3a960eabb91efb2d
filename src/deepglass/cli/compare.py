"""`deepglass compare RUN RUN`: is one model better than the other, or is it chance?"""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "understand"
NEEDS_ARGUMENTS = True


def command(
    first: RunArgument,
    second: Annotated[Path, typer.Argument(help="Another run on the same test examples.", metavar="RUN")],
    json: JsonOption = False,
) -> None:
    """Compare two runs with a paired test on the same test examples."""
    set_mode(quiet=False, as_json=json)
    from deepglass.api.run import load
    from deepglass.evaluate.scores import metric, show

    result = load(first).compare(load(second))
    rows = [
        (metric(t["measure"]).title, show(t["measure"], t["a"]), show(t["measure"], t["b"]), t["test"], t["p_value"])
        for t in result["tests"]
    ]
    console.table(("measure", str(first), str(second), "test", "p-value"), rows)
    console.say(result["verdict"])
    console.result(result)
