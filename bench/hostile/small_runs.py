"""Runs that are trained in a second or two, with data to predict: what is done to their files is the point."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

import deepglass as dg

USUAL = {"epochs": 1, "device": "cpu", "precision": "float32", "threads": 1, "compile": "off"}
WORDS = ("warm", "bright", "calm", "kind", "cold", "grey", "loud", "rude")  # four of each mood
NOUNS = ("day", "room", "voice", "letter", "garden", "street")


@dataclass(frozen=True)
class Small:
    """Data of one kind, and how a run is made of them.

    write: Writes the data into a folder; returns what `train` and `predict` are given.
    options: Of the training, beside the usual ones.
    """

    name: str
    write: Callable[[Path], Path]
    options: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def words(self) -> list[str]:
        """The options as on the command line."""
        options = [(f"--{name.replace('_', '-')}", value) for name, value in (USUAL | self.options).items()]
        given = [[word] if value is True else [word, str(value)] for word, value in options if value is not False]
        off = [[f"--no-{word[2:]}"] for word, value in options if value is False]
        return [word for words in (*given, *off) for word in words]

    def make(self, folder: Path) -> tuple[Path, Path]:
        """Train; returns the run and its data."""
        (folder / "data").mkdir(exist_ok=True)
        data = self.write(folder / "data")
        return dg.train(data, run=folder / self.name, **USUAL | self.options).path, data


def write_table(folder: Path) -> Path:
    """Two classes in numbers and words."""
    rng = np.random.default_rng(0)
    lines = ["width,height,colour,kind"]
    for _ in range(90):
        width, height, colour = rng.normal(), rng.normal(), rng.choice(["red", "blue"])
        lines.append(f"{width:.3f},{height:.3f},{colour},{'long' if height + (colour == 'red') > width else 'wide'}")
    return _written(folder / "table.csv", lines)


def write_prices(folder: Path) -> Path:
    """A number that follows a date, a number with gaps and a truth value; written as in Germany."""
    rng = np.random.default_rng(3)
    lines = ["sold;area;garden;price"]
    for day in range(80):
        area, garden = rng.uniform(30, 200), rng.random() < 0.5
        shown = "" if day % 9 == 0 else f"{area:.1f}".replace(".", ",")
        price = f"{900 + 12 * area + 300 * garden + day:.2f}".replace(".", ",")
        lines.append(f"{1 + day % 28:02d}.{1 + day // 28:02d}.2024;{shown};{str(garden).lower()};{price}")
    return _written(folder / "prices.csv", lines)


def write_pictures(folder: Path) -> Path:
    """Bright and dark pictures of eight pixels a side."""
    rng = np.random.default_rng(1)
    for name, level in (("dark", 60), ("light", 190)):
        (folder / "pictures" / name).mkdir(parents=True)
        for i in range(12):
            pixels = rng.normal(level, 30, (8, 8, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{i}.png")
    return folder / "pictures"


def write_series(folder: Path) -> Path:
    """One series of a hundred hours."""
    rng = np.random.default_rng(2)
    hours = np.datetime64("2024-01-01T00:00") + 60 * np.arange(120)
    values = np.sin(np.arange(120) / 4) + rng.normal(0, 0.1, 120)
    return _written(folder / "series.csv", ["hour,load", *(f"{h},{v:.3f}" for h, v in zip(hours, values, strict=True))])


def write_shops(folder: Path) -> Path:
    """The sales of three shops on working days, with a price that is known in advance and a region that stays; the
    last days are the future."""
    rng = np.random.default_rng(4)
    days = np.busday_offset("2024-01-01", np.arange(60), roll="forward")
    lines = ["day,shop,region,price,sales"]
    for i, shop in enumerate(("north", "south", "east")):
        for day in days:
            price = rng.uniform(1, 3)
            sales = "" if day in days[-3:] else f"{20 * (i + 1) - 5 * price:.2f}"
            lines.append(f"{day},{shop},{'land' if i else 'sea'},{price:.2f},{sales}")
    return _written(folder / "shops.csv", lines)


def write_texts(folder: Path) -> Path:
    """Sentences of two moods."""
    rng = np.random.default_rng(5)
    lines = ["text,mood"]
    for i in range(80):
        words = rng.choice(WORDS[:4] if i % 2 else WORDS[4:], 3)
        text = " ".join(f"{word} {rng.choice(NOUNS)}" for word in words)
        lines.append(f"a {text},{'good' if i % 2 else 'bad'}")
    return _written(folder / "texts.csv", lines)


def write_language(folder: Path) -> Path:
    """A long text of few words."""
    rng = np.random.default_rng(6)
    sentences = [f"The {rng.choice(NOUNS)} is {rng.choice(WORDS)}." for _ in range(120)]
    return _written(folder / "language.txt", [" ".join(sentences)])


def write_arrays(folder: Path) -> Path:
    """The pictures as arrays."""
    rng = np.random.default_rng(7)
    labels = np.arange(24) % 2
    images = rng.normal(60 + 130 * labels[:, None, None], 30, (24, 8, 8)).clip(0, 255).astype(np.uint8)
    np.savez(folder / "arrays.npz", images=images, labels=labels)
    return folder / "arrays.npz"


def write_records(folder: Path) -> Path:
    """The table as JSON lines."""
    names, *rows = (line.split(",") for line in write_table(folder).read_text().splitlines())
    return _written(folder / "records.jsonl", [json.dumps(dict(zip(names, row, strict=True))) for row in rows])


def write_parquet(folder: Path) -> Path:
    """The table as Parquet."""
    pd.read_csv(write_table(folder)).to_parquet(folder / "table.parquet")
    return folder / "table.parquet"


def write_packed(folder: Path) -> Path:
    """The table, packed."""
    (folder / "table.csv.gz").write_bytes(gzip.compress(write_table(folder).read_bytes()))
    return folder / "table.csv.gz"


def _written(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


TINY_GPT = {"model": "gpt", "num_layers": 1, "num_heads": 2, "embed_dim": 16, "context": 16, "batch_size": 16}

TABLE = Small(
    "table", write_table, {"target": "kind", "model": "mlp", "hidden_dim": 8, "bags": 1, "blend": True}
)  # answered by a blend of a network and simple models
PICTURES = Small("shades", write_pictures, {"model": "lenet5", "image_size": 32})
SERIES = Small("hours", write_series, {"target": "load", "task": "forecasting", "horizon": 4, "context": 12})
TEXTS = Small("moods", write_texts, {"target": "mood", "task": "text-classification", "bags": 1, "blend": False})
LANGUAGE = Small("sentences", write_language, {"task": "language-modelling", **TINY_GPT})
BAG = Small(
    "prices",
    write_prices,
    {"target": "price", "task": "tabular-regression", "model": "mlp", "hidden_dim": 8, "bags": 2, "blend": False},
)
SHOPS = Small(
    "shops",
    write_shops,
    {"target": "sales", "task": "forecasting", "series_column": "shop", "known": "price", "static": "region",
     "horizon": 3, "context": 8},
)  # fmt: skip
PAIRS = Small(
    "pairs", write_language, {"task": "language-modelling", "tokens": "byte-pairs", "vocab_size": 280, **TINY_GPT}
)

ARRAYS = Small("arrays", write_arrays, {"model": "lenet5", "image_size": 32})
RECORDS, PARQUET, PACKED = (
    Small(write.__name__.removeprefix("write_"), write, TABLE.options)
    for write in (write_records, write_parquet, write_packed)
)

ALL = (TABLE, PICTURES, SERIES, TEXTS, LANGUAGE)  # one of each task
MORE = (*ALL, BAG, SHOPS, PAIRS)  # and what else a state may hold: bags, dates, many series, byte pairs
TEXT_FILES = (write_table, write_prices, write_series, write_shops, write_texts, write_language)
SOURCES = (*ALL, BAG, SHOPS, ARRAYS, RECORDS, PARQUET, PACKED)  # every form of data that is one file or a folder
