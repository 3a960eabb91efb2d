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


def command(
    folder: Annotated[Path, typer.Argument(help="Where the runs are.")] = Path("runs"),
    json: JsonOption = False,
) -> None:
    """List the runs of a folder, the newest last."""
    set_mode(quiet=False, as_json=json)
    paths = sorted(folder.glob("*/config.json"), key=lambda path: path.stat().st_mtime)
    records = [record(path.parent) for path in paths]
    if not records:
        console.say(f"no runs in {folder}: begin with `deepglass train digits`")
    else:
        console.table(("run", "source", "model", "score", "baseline", "when"), [list(r.values()) for r in records])
    console.result(records)


def record(path: Path) -> dict[str, Any]:
    """One run in one line."""
    folder = RunFolder(path)
    config = folder.read("config.json")
    when = datetime.fromtimestamp((folder / "config.json").stat().st_mtime).strftime("%Y-%m-%d %H:%M")
    try:
        metrics = folder.read("metrics.json")
    except RunError:
        score, baseline = "not finished", ""
    else:
        name = metrics["test"]["headline"][0]
        score = f"{scores.metric(name).title} {scores.show(name, metrics['test'][name]['value'])}"
        baseline = scores.show(name, (metrics["baseline"].get(name) or {}).get("value"))
    return {
        "run": str(path),
        "source": Path(config["source"]).name,
        "model": config["model"],
        "score": score,
        "baseline": baseline,
        "when": when,
    }
