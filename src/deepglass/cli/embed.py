"""`deepglass embed RUN [INPUT]`: the codes of new examples, or of those of the training, and a map of them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument
from deepglass.core import files
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.core.wording import listing

GROUP = "make and act"
NEEDS_ARGUMENTS = True


def command(
    run: RunArgument,
    input: Annotated[
        str | None,
        typer.Argument(help="A file or a folder; the examples of the training by default.", metavar="INPUT"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write .csv, .json, .parquet or .npz instead.")
    ] = None,
    map: Annotated[bool, typer.Option("--map", help="Write a page with a map of the codes: RUN/map.html.")] = False,
    data: Annotated[str | None, typer.Option(help="Where the data of the training are now, if they moved.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Write short codes of examples, from which they can be made again, with a name for each and what is lost of it."""
    console.narrates_on_stderr = True
    console.mode = "quiet" if quiet else "normal"
    from deepglass.api.run import load

    if output is not None and (json or output.suffix.lower() not in WRITERS):
        what = "--json prints the codes: leave it out, or leave --output out" if json else _endings(output)
        raise OptionError(what)
    trained = load(run, device)
    found = trained.embed(input, data)
    if map:
        _write_map(run, trained, found)
    if output is not None:
        WRITERS[output.suffix.lower()](found, output)
        console.say(f"wrote {len(found.codes):,} codes of {found.codes.shape[1]} numbers to {output}")
    elif not map or json:
        sys.stdout.write((_as_json if json else _as_csv)(found))


def _write_map(run: Path, trained: Any, found: Any) -> None:
    from deepglass.evaluate import code_page

    about = {"name": run.resolve().name, "task": trained.config["task"], "model": trained.config["model"]}
    told = code_page.write(run / "map.html", about, found)
    console.say(f"  the map shows {told['share_on_map']:.0%} of how {len(found.codes):,} codes differ")
    if told["neighbours_agree"] is not None:
        agree, chance = told["neighbours_agree"], told["chance"]
        console.say(
            f"  of the {code_page.NEAR} nearest codes {agree:.0%} are of the same group; {chance:.0%} by chance"
        )
    console.say(f"  wrote {run / 'map.html'}")


def _endings(path: Path) -> str:
    return f"{path}: expected a file that ends in {listing(WRITERS, len(WRITERS))}"


def _as_csv(found: Any) -> str:
    from deepglass.cli.predict import as_csv

    return as_csv(found.records())


def _as_json(found: Any) -> str:
    from deepglass.cli.predict import as_json

    return as_json(found.records())


def _write_parquet(found: Any, path: Path) -> None:
    import pandas as pd

    with files.atomic(path) as draft:
        pd.DataFrame(found.records()).to_parquet(draft, index=False)


def _write_arrays(found: Any, path: Path) -> None:
    import numpy as np

    names = {name: np.array(cells) for name, cells in found.names.items()}
    with files.atomic(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, codes=found.codes, errors=found.errors, **names)


WRITERS: dict[str, Callable[[Any, Path], None]] = {
    ".csv": lambda found, path: files.write_text(path, _as_csv(found)),
    ".json": lambda found, path: files.write_text(path, _as_json(found)),
    ".parquet": _write_parquet,
    ".npz": _write_arrays,
}
