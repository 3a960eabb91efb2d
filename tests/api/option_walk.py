"""What the tests of every option share: sources of all kinds, other values for a setting, and what a training leaves.

A value for a new option is found by its kind: the other truth value, another choice, another number, or a word that
names nothing. `OTHER` holds what cannot be found so.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image

from deepglass.core.errors import DeepglassError
from deepglass.core.settings import Setting
from deepglass.runs import fine_tuning
from deepglass.runs.job import plan_job
from tests.tasks import small

NOPE = "nope"  # names nothing: no column, no class, no file
BASE = {"epochs": 1, "batch_size": 16, "learning_rate": 0.01, "threads": 1, "precision": "float32", "device": "cpu"}
OTHER: dict[str, list[Any]] = {  # values that say something, where a kind alone does not
    "learning_rate": [0.2],
    "batch_size": [7],
    "budget": ["0.0001s"],
    "patience": [1],
    "ema": [0.9, 0.05],  # few steps are averaged alike by any large decay
    "momentum": [0.1],
    "warmup": [0.5],
    "weight_decay": [0.5],
    "clip_gradient": [0.01],
    "label_smoothing": [0.3],
    "mixup": [0.5],
    "cutmix": [1.0],
    "layer_decay": [0.3],
    "freeze": [1, "all"],
    "unfreeze_every": [1],
    "checkpoint_every": [7.0],
    "threads": [2],
    "epochs": [2, 3],
    "device": ["cpu"],
    "val_fraction": [0.3],
    "test_fraction": [0.3],
    "max_rows": [55],
    "delimiter": [";"],
    "encoding": ["utf-16"],
    "horizon": [4],
    "context": [12],
    "season": [3],
    "splits": ["90,30,30"],
    "min_count": [200],
    "max_words": [3],
    "max_length": [2],
    "missing": ["7", "blue", "yes"],
}
BESIDE: dict[str, dict[str, Any]] = {  # what an option needs to be seen
    "momentum": {"optimizer": "momentum", "epochs": 2},  # of episodes one step is an epoch
    "schedule": {"epochs": 2},
    "patience": {"learning_rate": 0.0, "epochs": 6},  # nothing improves
}


@dataclass
class Kind:
    """One kind of data with the task that it is for.

    others: Values for options, in addition to those that are found by kind.
    options: With which it is learnt, quickly.
    """

    source: Callable[[Path], Any]
    options: dict[str, Any]
    others: dict[str, list[Any]] = field(default_factory=dict)


def frame() -> pd.DataFrame:
    """A table that has a column for every part that a column can play."""
    rng = np.random.default_rng(0)
    count = 120
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(count), unit="D")
    x = rng.normal(size=count).round(3)
    return pd.DataFrame(
        {
            "day": day.strftime("%Y-%m-%d"),
            "x": x,
            "z": rng.integers(0, 9, count),
            "colour": rng.choice(["red", "grün", "blue"], count),
            "place": rng.choice(["here, near", "there, far", "here, far"], count),
            "person": [f"p{i % 13}" for i in range(count)],
            "note": [" ".join(w) for w in rng.choice(["the,", "film", "grün", "dull", "warm", "plot"], (count, 6))],
            "part": np.resize(["train", "train", "train", "train", "test", "val"], count),
            "label": np.where(x + rng.normal(size=count) * 0.3 > 0.4, "yes", "no"),
            "value": (2 * x + rng.normal(size=count) * 0.1).round(3),
        }
    )


def csv(folder: Path) -> Path:
    frame().to_csv(folder / "table.csv", index=False)
    return folder / "table.csv"


def parquet(folder: Path) -> Path:
    frame().to_parquet(folder / "table.parquet")
    return folder / "table.parquet"


def json_lines(folder: Path) -> Path:
    (folder / "table.jsonl").write_text("".join(json.dumps(row) + "\n" for row in frame().to_dict("records")))
    return folder / "table.jsonl"


def in_memory(folder: Path) -> pd.DataFrame:
    return frame()


def arrays(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    table = frame()
    return table[["x", "z", "value"]].to_numpy(), table["label"].to_numpy()


def series(folder: Path) -> Path:
    rng, steps = np.random.default_rng(1), np.arange(150)
    table = pd.DataFrame(
        {
            "day": (pd.Timestamp("2024-01-01") + pd.to_timedelta(steps, unit="D")).strftime("%Y-%m-%d"),
            "warmth": ((steps % 7 == 2) * 3.0 + rng.normal(size=150) * 0.1).round(3),
            "rain": rng.integers(0, 9, 150),
            "place": "Zürich, Höngg",
            "part": np.where(steps < 90, "train", np.where(steps < 120, "val", "test")),
        }
    )
    table.to_csv(folder / "series.csv", index=False)
    return folder / "series.csv"


def texts(folder: Path) -> Path:
    frame()[["note", "label", "person", "part"]].to_csv(folder / "texts.csv", index=False)
    return folder / "texts.csv"


def text_folder(folder: Path) -> Path:
    for i, row in enumerate(frame().itertuples()):
        path = folder / "texts" / str(row.label) / f"{i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(row.note))
    return folder / "texts"


def long_text(folder: Path) -> Path:
    rng = np.random.default_rng(2)
    (folder / "book.txt").write_text(" ".join(rng.choice(["the", "sea", "was", "calm", "and", "grey"], 900)))
    return folder / "book.txt"


def pictures(folder: Path) -> Path:
    rng = np.random.default_rng(3)
    for name, bright in (("dark", 60), ("light", 120), ("white", 190)):
        (folder / "pictures" / name).mkdir(parents=True)
        for i in range(20):
            pixels = rng.normal(bright, 40, (8, 8)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{i}.png")
    return folder / "pictures"


def picture_arrays(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    labels = np.arange(60) % 3
    return (rng.integers(0, 200, (60, 8, 8)) + 20 * labels[:, None, None]).astype(np.uint8), labels


SMALL = {"model": "mlp", "hidden_dim": 8}
TABLE = {"task": "tabular-classification", "target": "label", **SMALL}
TINY_GPT = {"context": 16, "num_layers": 1, "embed_dim": 16, "num_heads": 2, "batch_size": 64}
COLUMNS = {"target": [NOPE, "colour"], "ignore": [NOPE, "x"], "group_column": [NOPE, "person"]}
COLUMNS |= {"score_by": [NOPE, "colour"], "fair": [NOPE, "colour"]}
COLUMNS |= {"split_column": [NOPE, "part"], "time_column": [NOPE, "day"], "text_column": [NOPE, "note"]}
OF_SERIES = {**COLUMNS, "target": [NOPE, "rain"], "targets": [NOPE, "rain"], "ignore": [NOPE, "rain"]}
KINDS: dict[str, Kind] = {
    "table of classes": Kind(csv, TABLE, COLUMNS),
    "table of values": Kind(
        csv, {**TABLE, "task": "tabular-regression", "target": "value"}, {**COLUMNS, "target": [NOPE, "x"]}
    ),
    "parquet": Kind(parquet, TABLE, COLUMNS),
    "json lines": Kind(json_lines, TABLE, COLUMNS),
    "frame": Kind(in_memory, TABLE, COLUMNS),
    "arrays": Kind(arrays, {"task": "tabular-classification", **SMALL}),
    "bundled table": Kind(lambda folder: "iris", {"task": "tabular-classification", **SMALL}),
    "series": Kind(series, {"task": "forecasting", "horizon": 3, "context": 4, "batch_size": 64}, OF_SERIES),
    "texts": Kind(
        texts,
        {"task": "text-classification", "target": "label", "ngrams": 2, "buckets": 64},
        {**COLUMNS, "target": [NOPE, "person"], "score_by": [NOPE, "person"], "fair": [NOPE, "person"]},
    ),
    "folder of texts": Kind(text_folder, {"task": "text-classification", "ngrams": 2, "buckets": 64}, COLUMNS),
    "long text": Kind(long_text, {"task": "language-modelling", **TINY_GPT}, COLUMNS),
    "folder of pictures": Kind(pictures, {"task": "image-classification", "augment": "none", **SMALL}, COLUMNS),
    "picture arrays": Kind(picture_arrays, {"task": "image-classification", "augment": "none", **SMALL}, COLUMNS),
}
OF_OTHER_FORMS = (  # than the small data of the tasks, which are a CSV, a text and a folder of pictures
    "parquet", "json lines", "frame", "arrays", "bundled table", "folder of texts", "picture arrays",
)  # fmt: skip


def kind_of_task(name: str) -> Kind:
    """The small data of a task.

    Args:
        name: Of its file.
    """
    tiny = small.of(name)
    return Kind(tiny.data, {"task": name.replace("_", "-"), **tiny.OPTIONS}, getattr(tiny, "OTHERS", {}))


def outcome_of(attempt: Callable[[dict[str, Any]], Any], options: dict[str, Any]) -> Any:
    """What comes of an attempt with these options, or its refusal."""
    try:
        return attempt(options)
    except DeepglassError as error:
        return error


def values_for(setting: Setting, kind: Kind | None = None) -> list[Any]:
    """Values other than the default."""
    if kind is not None and setting.name in kind.others:
        return kind.others[setting.name]
    if setting.name in OTHER:
        return OTHER[setting.name]
    if setting.choices:
        others = [choice for choice in setting.choices if choice != setting.default]
        return [others[0], others[-1]]
    kinds = [name for name in setting.kinds if name != "None"]
    if kinds[0] == "bool":
        return [not setting.default] if setting.default is not None else [True, False]
    if kinds[0] in ("int", "float"):
        base = setting.default if isinstance(setting.default, int | float) else 1
        return [type(base)(base * 2 + 1)]
    return [NOPE]


def planned(source: Any, options: dict[str, Any], reading: Any = None) -> Any:
    """A job with these options.

    Args:
        reading: Of another job on the same source: where it was read alike, it is not read again.
    """
    given = {**BASE, **options}
    return plan_job(source, given.pop("task", None), given.pop("model", None), given, reading=reading)


def data_of(job: Any) -> list[bytes]:
    """The examples of all parts, as the network would get them."""
    found = [json.dumps([job.prepared.dims, job.task.state()], default=str).encode(), str(job.prepared.groups).encode()]
    for name in ("train", "val", "test"):
        examples = getattr(job.prepared, name)
        torch.manual_seed(0)
        found += [part.numpy().tobytes() for part in examples.batch(torch.arange(len(examples)))]
    return found


def learnt_by(job: Any, folder: Any = None) -> tuple[Any, ...]:
    """What a training leaves: weights, number of epochs, how it computed."""
    import time

    from deepglass.training.plan import seconds_of

    budget = job.train_config.budget
    network = job.build_model()
    sample_weights = job.sample_weights
    deadline = time.monotonic() + seconds_of(budget) if budget else None
    fitted, _ = fine_tuning.learn(
        job.task, job.prepared, network, job.model, job.train_config, sample_weights=sample_weights, deadline=deadline
    )
    weights = [parameter.detach().numpy().tobytes() for parameter in fitted.model.parameters()]
    return weights, len(fitted.history), str(fitted.way)
