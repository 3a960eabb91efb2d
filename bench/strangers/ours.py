"""A default run from files, as a user gives them: what it costs on each test row, and what its network alone costs."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from bench.strangers import contenders, forecasters
from bench.strangers.set import Set, is_classification

OURS, ALONE = "deepglass", "network alone"


def losses(one: Set, train: pd.DataFrame, test: pd.DataFrame, seed: int, seconds: float, began: float) -> dict:
    """The losses of a default run (n,), in the order of the test rows, and the loss of its network alone.

    Args:
        began: When the time began, on the clock of `time.monotonic`.
    """
    import deepglass as dg
    from deepglass.core.console import console

    console.mode = "quiet"
    with TemporaryDirectory() as folder:
        make = {"pictures": _pictures, "series": _series}.get(one.kind, _table)
        source, options = make(one, train, test, Path(folder))
        run = dg.train(source, run=f"{folder}/run", seed=seed, budget=f"{seconds:g}s", started=began, **options)
        outputs = run.folder.read_outputs()
        is_series = one.kind == "series"
        each = _forecast_errors(one, train, test, outputs) if is_series else _row_losses(train, test, outputs)
        loss = "log_loss" if "log_loss" in run.metrics["test"] else "mae" if is_series else "rmse"
        alone = run.metrics.get("network")
        return {OURS: each, ALONE: alone[loss]["value"] if alone else None, "blend": run.metrics.get("blend")}


def _table(one: Set, train: pd.DataFrame, test: pd.DataFrame, folder: Path) -> tuple[str, dict[str, Any]]:
    kind = "classification" if is_classification(train["target"]) else "regression"
    task = f"{'text' if one.kind == 'text' else 'tabular'}-{kind}"
    return _files(train, test, folder, task=task, target="target")


def _series(one: Set, train: pd.DataFrame, test: pd.DataFrame, folder: Path) -> tuple[str, dict[str, Any]]:
    options = {"target": "value", "time_column": "time", "horizon": one.horizon}
    return _files(train, test, folder, task="forecasting", **options)


def _files(train: pd.DataFrame, test: pd.DataFrame, folder: Path, **options: Any) -> tuple[str, dict[str, Any]]:
    for name, frame in (("train", train), ("test", test)):
        frame.to_csv(folder / f"{name}.csv", index=False)
    return str(folder / "train.csv"), {"test": str(folder / "test.csv"), **options}


def _pictures(one: Set, train: pd.DataFrame, test: pd.DataFrame, folder: Path) -> tuple[str, dict[str, Any]]:
    from PIL import Image

    for part, frame in (("train", train), ("test", test)):
        for i, (picture, target) in enumerate(zip(frame["picture"], frame["target"], strict=True)):
            path = folder / "set" / part / target / f"{i:06}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(path)
    return str(folder / "set"), {"task": "image-classification"}


def _row_losses(train: pd.DataFrame, test: pd.DataFrame, outputs: dict[str, np.ndarray]) -> np.ndarray:
    """In the order of the test rows; NaN where a row was left out."""
    found = np.full(len(test), np.nan)
    rows = np.arange(len(test))
    if "picture" in test:  # read class by class
        rows = np.lexsort([rows, test["target"]])
    if is_classification(train["target"]):
        each = np.minimum(outputs["losses"], -np.log(contenders.LEAST_SHARE))
    else:
        each = (outputs["predictions"] - outputs["targets"]).astype(np.float64) ** 2
    found[rows[outputs["ids"] - len(train)]] = each
    return found


def _forecast_errors(one: Set, train: pd.DataFrame, test: pd.DataFrame, outputs: dict[str, np.ndarray]) -> np.ndarray:
    """Of the forecasts that begin at the places where the others begin."""
    problem = forecasters.problem_of(train, test, one.horizon)
    place = pd.Index(outputs["begins"].astype("datetime64[s]")).get_indexer(problem.times.to_numpy("datetime64[s]"))
    chosen, futures = place[problem.places], problem.futures
    is_there, is_whole = chosen >= 0, np.isfinite(futures).all(axis=1)
    if (is_whole & ~is_there).any():
        raise ValueError(f"{one.name}: no forecast begins at {problem.times[problem.places[is_whole & ~is_there][0]]}")
    found = np.full(len(chosen), np.nan)  # where a gap reaches to the end nothing is forecast
    found[is_there] = forecasters.errors(outputs["predictions"][chosen[is_there], :, 0], futures[is_there])
    return found
