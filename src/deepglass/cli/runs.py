"""`deepglass runs`: what was trained so far."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core.console import console
from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import scores

GROUP = "train"


def command(
    folder: Annotated[Path, typer.Argument(help="Where the runs are.")] = Path("runs"),
    json: JsonOption = False,
) -> None:
    """List the runs of a folder, the newest last."""
    set_mode(quiet=False, as_json=json)
    paths = sorted(folder.glob("*/config.json"), key=lambda path: path.lstat().st_mtime)
    records = [record(path.parent) for path in paths]
    if not records:
        console.say(f"no runs in {folder}: begin with `deepglass train digits`")
    else:
        console.table(("run", "source", "model", "score", "baseline", "when"), [list(r.values()) for r in records])
    console.result(records)


def record(path: Path) -> dict[str, Any]:
    """One run in one line; a damaged one says so and hides none of the others."""
    folder = RunFolder(path)
    when = datetime.fromtimestamp((folder / "config.json").lstat().st_mtime).strftime("%Y-%m-%d %H:%M")
    try:
        found = _described(folder)
    except RunError as error:
        console.warn(str(error))
        found = {"source": "", "model": "", "score": "damaged", "baseline": ""}
    return {"run": str(path), **found, "when": when}


def _described(folder: RunFolder) -> dict[str, str]:
    config = folder.require_record("config.json", "source", "model")
    with folder.understanding("config.json"):
        found = {"source": Path(config["source"]).name, "model": str(config["model"])}
    if not folder.has("metrics.json"):
        return found | {"score": "not finished", "baseline": ""}
    metrics = folder.require_record("metrics.json")
    with folder.understanding("metrics.json"):
        name = metrics["test"]["headline"][0]
        score = f"{scores.metric(name).title} {scores.show(name, metrics['test'][name]['value'])}"
        return found | {
            "score": score,
            "baseline": scores.show(name, (metrics["baseline"].get(name) or {}).get("value")),
        }
