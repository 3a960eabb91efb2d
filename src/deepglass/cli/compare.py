"""`deepglass compare RUN RUN`: is one model better than the other, or is it chance?"""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, RunArgument, set_mode
from deepglass.core.console import console

NEEDS_ARGUMENTS = True


def command(
    first: RunArgument,
    second: Annotated[Path, typer.Argument(help="Another run on the same test examples.", metavar="RUN")],
    json: JsonOption = False,
) -> None:
    """Compare two runs with a paired test on the same test examples."""
    set_mode(quiet=False, as_json=json)
    from deepglass.api.run import load

    result = load(first).compare(load(second))
    console.heading(f"{first} against {second}")
    console.table(
        ("what", "value"), [(name, value) for name, value in result.items() if not isinstance(value, dict | list)]
    )
    console.result(result)
