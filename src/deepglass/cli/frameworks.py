"""`deepglass frameworks`: one network, one weight file, in PyTorch, Keras, TensorFlow, JAX, MXNet and PyTensor."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.core.console import console

GROUP = "learn"


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="pytorch, keras, tensorflow, jax, mxnet, pytensor (or theano), glass; all, if none is named.",
            metavar="[NAME]...", show_default=False,
        ),
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="Download what is missing, each into an environment of its own.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write a page: table, traps with their cures, scripts.")
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Run the same networks in several frameworks and compare: outputs, gradients, lines, seconds.

    What is not installed is answered by the row that was last measured, with its date.
    """
    set_mode(quiet, json)
    from dataclasses import asdict

    from deepglass.core.errors import OptionError
    from deepglass.frameworks import page, running, script

    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        raise OptionError(f"--output {output}: expected a page such as frameworks.html")
    rows = running.rows([script.checked(name) for name in names or []], may_install=install)
    console.table(page.COLUMNS, [page.cells(row) for row in rows])
    console.say(
        f"  differences: the largest from PyTorch in float64; outputs and gradients agree up to {running.TOLERANCE:g}"
    )
    for row in rows:
        if (exported := row.worst("exported")) is not None:
            console.say(f"  {script.TITLES[row.name]}: exported to ONNX and run by onnxruntime, {exported:.1e} away")
        if not row.agrees:
            console.warn(f"{script.TITLES[row.name]} does not agree")
        if row.note:
            console.say(f"  {script.TITLES[row.name]}: {row.note}", style="dim")
    if output is not None:
        page.write(output, rows)
        console.say(f"  wrote {output}")
    console.result([asdict(row) | {"agrees": row.agrees} for row in rows])
