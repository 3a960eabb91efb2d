"""Faults in what `dg.train` is given, written before it was looked at how the rules answer them."""

from pathlib import Path

import numpy as np
import pandas as pd

from bench.faults import RunFault, run_data


def _kept(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _flats(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    """Rents of flats; sick: with a column that was computed from them."""
    frame = pd.DataFrame({"area": rng.uniform(20, 140, 500), "floor": rng.integers(0, 9, 500),
                          "town": rng.choice(["Bern", "Graz", "Lyon"], 500)})  # fmt: skip
    rent = 300 + 9 * frame["area"] + 25 * frame["floor"] + (frame["town"] == "Bern") * 200 + rng.normal(0, 40, 500)
    if sick:
        frame["deposit"] = (3 * rent).round(-1)
    return _kept(frame.assign(rent=rent.round(1)), folder)


def _plain_flats(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    return _flats(rng, folder, False)


def _noisy(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    """Classes; sick: three of ten labels are exchanged."""
    frame = run_data.table(rng)
    wrong = rng.random(len(frame)) < (0.3 if sick else 0.0)
    other = frame["label"].map({"yes": "no", "no": "yes"})
    return _kept(frame.assign(label=frame["label"].where(~wrong, other)), folder)


def _reviews(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    return _kept(run_data.texts(rng), folder)


def _few_reviews(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    """Sick: thirty texts in the place of six hundred."""
    return _kept(run_data.texts(rng, 30 if sick else 600), folder)


def _twice(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    """Sick: every text is there four times, in a new order."""
    frame = run_data.texts(rng, 400)
    if sick:
        frame = pd.concat([frame] * 4).sample(frac=1, random_state=0)
    return _kept(frame, folder)


def _days(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    return _kept(run_data.series(rng), folder)


def _bars(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    return run_data.pictures(rng, folder / "bars")


def _exchanged(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    """Pictures; sick: three of ten lie in the folder of another class."""
    made = run_data.pictures(rng, folder / "bars")
    labels = sorted(path.name for path in made.iterdir())
    files = [(label, path) for label in labels for path in sorted((made / label).iterdir())]
    for label, path in files:
        if sick and rng.random() < 0.3:
            other = labels[(labels.index(label) + 1) % 3]
            path.rename(made / other / f"moved-{label}-{path.name}")
    return made


MLP = {"target": "rent", "model": "mlp", "epochs": 12}
READ = {"target": "label", "model": "lstm", "epochs": 6}
NEW_RUNS = (
    RunFault("run: deposits are three rents", "table", _flats, ("leakage",), {"target": "rent"}, seed=301),
    RunFault("run: a weight decay of 50", "table", _plain_flats, ("weight-decay",), MLP | {"weight_decay": 50.0}, MLP,
             seed=302),
    RunFault("run: a dropout of 0.95", "table", _plain_flats, ("dropout",), MLP | {"dropout": 0.95}, MLP, seed=303),
    RunFault("run: three of ten labels exchanged", "table", _noisy, ("labels-noisy",), {"target": "label"}, seed=304),
    RunFault("run: texts at a rate of 1", "text", _reviews, ("learning-rate-high",), READ | {"learning_rate": 1.0},
             READ, seed=305),
    RunFault("run: thirty texts", "text", _few_reviews, ("overfitting", "little-data"), READ | {"epochs": 30}, READ,
             seed=306),
    RunFault("run: every text four times", "text", _twice, ("duplicates",), {"target": "label"}, seed=307),
    RunFault("run: a series at a rate of 3", "series", _days, ("learning-rate-high",),
             {"task": "forecasting", "model": "gru", "epochs": 6, "learning_rate": 3.0},
             {"task": "forecasting", "model": "gru", "epochs": 6}, seed=308),
    RunFault("run: pictures at a rate of 1e-7", "picture", _bars, ("learning-rate-low",),
             {"learning_rate": 1e-7, "epochs": 4}, {"epochs": 6}, seed=309),
    RunFault("run: pictures in the wrong folders", "picture", _exchanged, ("labels-noisy",), {"epochs": 8}, seed=310),
)  # fmt: skip
