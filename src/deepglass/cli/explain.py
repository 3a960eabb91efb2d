"""`deepglass explain RUN [INPUT]`: why a run answers as it does, in parts, and how far that can be trusted."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core import catalogue
from deepglass.core.console import console

GROUP = "understand"
NEEDS_ARGUMENTS = True

METHODS = ", ".join(name.replace("_", "-") for name in catalogue.entries("explain/methods"))
BAR, MOST_SHOWN, MOST_SQUARES = 24, 20, 8  # characters of the longest bar, parts in the terminal


def command(
    run: RunArgument,
    input: Annotated[
        str | None,
        typer.Argument(
            help="A file, a folder or a text; the test examples of the training by default.", metavar="INPUT"
        ),
    ] = None,
    method: Annotated[str | None, typer.Option(help=f"{METHODS}; by default one that suits the input.")] = None,
    row: Annotated[int | None, typer.Option(help="Which of the examples, from 1.")] = None,
    about: Annotated[
        str | None, typer.Option("--class", help="What is explained: a class, a label, a step ahead; else the answer.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="Where the data of the training are now, if they moved.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Page to write; RUN/explain.html by default.")] = None,
    samples: Annotated[int | None, typer.Option(help="Coalitions, neighbours or noisy copies that are drawn.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of what is drawn; 0 by default.")] = None,
    count: Annotated[int | None, typer.Option(help="Examples, or curves, that are shown; 5 by default.")] = None,
    column: Annotated[str | None, typer.Option(help="Of --method partial-dependence and odds: the column.")] = None,
    want: Annotated[str | None, typer.Option(help="Of --method counterfactual: the class to reach.")] = None,
    layer: Annotated[str | None, typer.Option(help="Of --method grad-cam and concepts: the layer.")] = None,
    concept: Annotated[str | None, typer.Option(help="Of --method concepts: pictures that show it.")] = None,
    against: Annotated[
        str | None,
        typer.Option(help="A method to compare with; of --method concepts: pictures that do not show it."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(help="What a hidden part becomes: mean, zeros, blur, row:N or a file, as the input allows."),
    ] = None,
    quality: Annotated[
        bool, typer.Option("--quality/--no-quality", help="Whether to measure how far the answer can be trusted.")
    ] = True,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Explain an answer of a run, or what the columns are worth to it; a page shows the pictures."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.cli._standard_input import named_file
    from deepglass.explain.page import record

    trained = load(run, "cpu")
    page = out or run / "explain.html"
    asked = {"samples": samples, "seed": seed, "count": count, "column": column, "want": want, "layer": layer}
    asked |= {"concept": concept, "against": against, "base": base}
    with named_file(input, trained.task.plain_text) if input is not None else nullcontext() as source:
        found = trained.explain(source, method, row=row, about=about, data=data, out=page, quality=quality, **asked)
    say(found)
    console.say(f"  wrote {page}")
    console.result(record(found))


def say(found: Any) -> None:
    """The explanation as text."""
    from deepglass.explain.page import about, curve_lines, figures_of, lead, quality_lines, shown_parts
    from deepglass.explain.wording import cell

    console.heading(f"{found.title}: {about(found)}")
    if sentence := lead(found):
        console.say(f"  {sentence}")
    if found.parts:
        columns, rows = shown_parts(found, MOST_SHOWN if found.picture is None else MOST_SQUARES, BAR)
        console.table(columns, rows)
    if found.map is not None:
        console.say(f"  the page shows the map of all {found.map.size:,} pixels; the table gathers it in squares")
    for curve in found.curves if found.parts else ():
        if "column" in curve:
            ends = ", ".join(f"{curve['mean'][i]:.4g} at {cell(curve['values'][i])}" for i in (0, -1))
            console.say(f"  {curve['column']}: {ends}")
    if found.examples:
        measure = "similarity" if "similarity" in found.examples[0] else "influence"
        rows = [(f"{one[measure]:+.4g}", one["target"], _example(one)) for one in found.examples]
        console.table((measure, "target", "example"), rows)
    for line in (*figures_of(found), *curve_lines(found), *quality_lines(found), *found.notes):
        console.say(f"  {line}")


def _example(one: dict[str, Any]) -> str:
    if "record" in one:
        return ", ".join(f"{name} {cell}" for name, cell in list(one["record"].items())[:4])
    return str(one.get("text") or one.get("file") or f"row {one.get('id', '')}")[:80]
