"""The report of a run: one self-contained page, made from the files of the run folder and nothing else.

Gathers what the page shows; the words and the order are in `templates/report.html.j2`, the looks in
`templates/report.css`, the pictures in `plots.py`. A part whose file is missing is left out.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import files
from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import forecast_plots, plots
from deepglass.evaluate.judges import MAX_ROWS, BaseJudge, judge_of_test
from deepglass.evaluate.page_templates import render
from deepglass.evaluate.scores import metric, scores_of, show, show_interval
from deepglass.evaluate.wording import lead, notes, plain

SHOWN_CELLS = 6  # of a row among the mistakes; the others are folded

READ = (
    "config.json", "task.json", "metrics.json", "history.json", "mistakes.json", "guesses.json", "environment.json",
    "importance.json", "profile.json", "outputs.npz", "weights.safetensors", "audit.json",
)  # fmt: skip

SECTIONS = {
    "scores": "Scores",
    "learning": "How it learned",
    "answers": "Answers in detail",
    "importance": "What the columns are worth",
    "mistakes": "Worst mistakes",
    "data": "Data",
    "model": "Model",
    "environment": "Time and hardware",
    "repeat": "Repeat and go on",
}

Record = dict[str, Any]


def write_report(folder: RunFolder) -> Path:
    """Write report.html into the run folder; returns its path.

    Raises:
        RunError: If a file of the run is damaged, or the folder cannot be written to.
    """
    path = folder / "report.html"
    files.write_text(path, render("report.html.j2", **gather(folder)))
    return path


def gather(folder: RunFolder) -> Record:
    """Everything that the template shows, from the files that are there."""
    config, metrics = folder.read_record("config.json"), folder.read_record("metrics.json")
    environment, judge = folder.read_record("environment.json"), judge_of_test(metrics)
    parts: Record = {
        "scores": scores_part(metrics),
        "learning": learning_part(folder.read_record("history.json")),
        "answers": judge.answers(metrics, outputs_of(folder)) if judge else {},
        "importance": plots.importance(listed(folder, "importance.json")),
        "mistakes": [mistake for item in listed(folder, "mistakes.json") if (mistake := mistake_of(item))],
        "data": data_part(config, folder.read_record("task.json"), listed(folder, "guesses.json"), metrics),
        "model": model_part(folder, config, environment),
        "environment": environment,
        "profile": folder.read_record("profile.json"),
        "repeat": repeat_part(folder.path.name, config, environment, judge),
    }
    return {
        "name": folder.path.resolve().name,
        "config": config,
        "lead": lead(metrics),
        "notes": notes(metrics),
        "warnings": metrics.get("warnings") or [],
        "shown_cells": SHOWN_CELLS,
        "has_labels": judge is not None and judge.has_labels,
        "sections": {key: title for key, title in SECTIONS.items() if parts[key]},
        **parts,
    }


def listed(folder: RunFolder, name: str) -> list[Record]:
    """One of the run's JSON files that hold a list of records; empty where it is missing.

    Raises:
        RunError: If it is damaged.
    """
    found = folder.read(name) if files.lies_at(folder / name) else []
    if not isinstance(found, list):
        raise RunError(f"{folder / name} is damaged (expected a list, got a {type(found).__name__}): {files.RESTORE}")
    return found


def outputs_of(folder: RunFolder) -> dict[str, np.ndarray]:
    """The arrays of the test split; empty where they are missing."""
    return folder.read_outputs() if files.lies_at(folder / "outputs.npz") else {}


def scores_part(metrics: Record) -> Record:
    """Tiles for the headline, a table for all scores, and cross-validation where it was run."""
    test, val, baseline = (metrics.get(part) or {} for part in ("test", "val", "baseline"))
    if not scores_of(test):
        return {}
    return {
        "count": test.get("count"),
        "counted": judge.counted if (judge := judge_of_test(metrics)) else "",
        "baseline_name": baseline.get("name", "baseline"),
        "tiles": [_tile(name, test[name], baseline.get(name) or {}) for name in test["headline"] if name in test],
        "rows": [
            {
                "name": name,
                "test": entry,
                "val": (val.get(name) or {}).get("value"),
                "baseline": (baseline.get(name) or {}).get("value"),
            }
            for name, entry in scores_of(test).items()
        ],
        "beside": beside_part(metrics),
        "groups": metrics.get("groups") or {},
        "fair": metrics.get("fair") or {},
        "privacy": metrics.get("privacy") or {},
        "folds": metrics.get("cross_validation") or {},
    }


def beside_part(metrics: Record) -> Record:
    """The run beside its network alone, the simple model that comes closest, and the baseline; {} without the model."""
    if "rival" not in metrics:
        return {}
    test, blend = metrics["test"], metrics.get("blend") or {}
    titles = {"network": "network alone"}
    columns = {"this run": test}
    for part in ("network", "rival", "baseline"):
        if part in metrics:
            columns[titles.get(part) or metrics[part].get("name", part)] = metrics[part]
    rows = [
        {"name": name, "values": [(result.get(name) or {}).get("value") for result in columns.values()]}
        for name in test["headline"]
    ]
    return {
        "columns": list(columns),
        "rows": rows,
        "verdict": metrics["rival"].get("verdict"),
        "weights": blend.get("weights") or {},
        "temperature": blend.get("temperature", 1.0),
    }


def learning_part(history: Record) -> list[Record]:
    """Learning curves with their captions."""
    epochs, best = history.get("epochs") or [], history.get("best_epoch")
    figures = [
        ("Loss", plots.losses(epochs, best)),
        ("Validation scores", plots.validation_scores(epochs, best)),
        ("Learning rate", plots.learning_rate(epochs)),
    ]
    return [{"caption": caption, "svg": svg} for caption, svg in figures if svg]


def mistake_of(item: Record) -> Record | None:
    """A mistake as the page shows it: what was said, what was true, and the example itself."""
    image = item.get("image")
    is_image = isinstance(image, str) and image.startswith("data:image/")
    series = item.get("series")
    shown = {
        "id": plain(item.get("id")),
        "target": _short(item.get("target")),
        "predicted": _short(item.get("predicted")),
        "probability": item.get("probability"),
        "loss": item.get("loss"),
        "image": image if is_image else None,
        "text": item.get("text"),
        "record": item.get("record"),
        "cells": _cells(item.get("record") or {}, item.get("unusual") or {}),
        "svg": _series_picture(item, series) if series is not None else None,
    }
    return shown if any(shown[key] is not None for key in ("image", "text", "record", "svg", "loss")) else None


def _cells(record: Record, unusual: Record) -> list[Record]:
    """The cells of a row, what is unusual first."""
    names = [name for name in record if name in unusual] + [name for name in record if name not in unusual]
    return [{"name": name, "value": record[name], "unusual": unusual.get(name, "")} for name in names]


def data_part(config: Record, task: Record, guesses: list[Record], metrics: Record) -> Record:
    """What was read, what was guessed, and the schema of the inputs."""
    state = task.get("state") or {}
    counts = {part: (metrics.get(part) or {}).get("count") for part in ("val", "test")}
    facts = {"Source": config.get("source"), "Test examples": counts["test"], "Validation examples": counts["val"]}
    facts |= {_words(name): value for name, value in (config.get("data") or {}).items() if value is not None}
    flat = {_words(name): plain(value) for name, value in state.items() if _is_flat(value)}
    nested = {name: value for name, value in state.items() if not _is_flat(value)}
    facts |= {name: value for name, value in flat.items() if len(value) < 300}
    if not (config or guesses or state):
        return {}
    return {
        "facts": {name: value for name, value in facts.items() if value not in (None, "")},
        "guesses": guesses,
        "schema": json.dumps(nested, indent=1, ensure_ascii=False)[:12_000] if nested else "",
    }


def model_part(folder: RunFolder, config: Record, environment: Record) -> Record:
    """Name, size, settings and layers."""
    layers = layers_of(folder)
    if not (config.get("model") or layers):
        return {}
    chosen = {**(config.get("model_options") or {}), **(config.get("task_options") or {})}
    size = environment.get("parameters")
    facts = {"Name": config.get("model"), "Parameters": f"{size:,}" if size else None}
    training = {_words(name): plain(value) for name, value in (config.get("train") or {}).items() if value is not None}
    structure = environment.get("layers")
    return {
        "facts": facts | {_words(name): value for name, value in chosen.items()},
        "training": training,
        "layers": layers[:MAX_ROWS],
        "layers_left_out": max(0, len(layers) - MAX_ROWS),
        "structure": structure if isinstance(structure, str) else "",
    }


def layers_of(folder: RunFolder) -> list[Record]:
    """Layers by name with the shapes and the number of their weights, read off the header of the weights file.

    Raises:
        RunError: If it is damaged.
    """
    if not files.lies_at(folder / "weights.safetensors"):
        return []
    from safetensors import safe_open

    layers: dict[str, Record] = {}
    weights = folder / "weights.safetensors"
    with folder.understanding(weights.name), safe_open(weights, framework="numpy") as tensors:
        for key in tensors.keys():  # noqa: SIM118
            shape = tensors.get_slice(key).get_shape()
            layer = layers.setdefault(key.rpartition(".")[0] or key, {"shapes": [], "numbers": 0})
            layer["shapes"].append(f"{key.rpartition('.')[2]} {'×'.join(map(str, shape)) or 'scalar'}")
            layer["numbers"] += int(np.prod(shape))
    return [{"name": name, **layer} for name, layer in layers.items()]


def repeat_part(run: str, config: Record, environment: Record, judge: BaseJudge | None) -> Record:
    """Commands that repeat the run and that go on from it."""
    stopped = str(environment.get("stopped", "")).partition(";")[0]
    note = ""
    if budget := config.get("train", {}).get("budget"):
        note = f"What a budget of {budget} is worth is the machine's: {stopped}. The command repeats just these steps."
    next_steps = [judge.next_command(run)] if judge else []
    again = f"deepglass train --config {run}"
    next_steps += [
        (judge or BaseJudge).test_command(run),
        ("Try another model: `deepglass models` lists them", f"{again} --model NAME"),
        ("See which of two is better, or whether it was luck", f"deepglass compare {run} OTHER_RUN"),
    ]
    return {"command": again, "note": note, "next": next_steps}


def _tile(name: str, entry: Record, baseline: Record) -> Record:
    """A headline score with where it lies between the baseline and the ends of its interval, in percent."""
    value, trivial = entry["value"], baseline.get("value")
    points = [point for point in (value, trivial, entry["low"], entry["high"]) if point is not None]
    start, end = (0.0, 1.0) if metric(name).is_share else (min(0.0, *points), max(0.0, *points) * 1.05 or 1.0)

    def place(point: float | None) -> float | None:
        return None if point is None else round(100 * (point - start) / (end - start), 2)

    return {
        "name": name,
        "title": metric(name).title,
        "value": show(name, value),
        "interval": show_interval(name, entry),
        "meaning": metric(name).meaning,
        "better": metric(name).better,
        "baseline": show(name, trivial) if trivial is not None else None,
        "places": {key: place(point) for key, point in {**entry, "baseline": trivial}.items()},
    }


def _series_picture(item: Record, series: Any) -> Any:
    """A window that went wrong: a record of its parts, or the past alone beside `target` and `predicted`."""
    parts = dict(series) if isinstance(series, Mapping) else {"past": series}
    for name in ("target", "predicted"):
        if isinstance(item.get(name), list):
            parts.setdefault(name, item[name])
    return forecast_plots.window(parts)


def _short(value: Any) -> str | None:
    """An answer in a few words; arrays are drawn, not written."""
    return None if value is None or isinstance(value, list | dict) else plain(value)


def _is_flat(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(isinstance(item, str | int | float | bool | None) for item in items)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
