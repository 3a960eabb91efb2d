"""Tiny runs of every task and family of models, trained for an epoch: what is exported is not meant to be good."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import deepglass as dg
from deepglass.api.run import Run
from deepglass.core.console import console

COLOURS = ("red", "green", "blue", "grey")
WORDS = ("the", "film", "plot", "good", "bad", "dull", "warm", "never", "always", "is", "was", "not", "very", "we saw")
QUICK = {"epochs": 1, "device": "cpu", "precision": "float32"}


def shop(folder: Path) -> Path:
    """A table with numbers, empty cells, categories, a truth value, dates, and a column with an awkward name."""
    generator = np.random.default_rng(0)
    rows = []
    for _ in range(160):
        price, colour = generator.lognormal(3, 1), generator.choice(COLOURS)
        day = np.datetime64("2021-03-01") + int(generator.integers(0, 900))
        rows.append(
            {
                "price": f"{price:.3f}" if generator.random() > 0.1 else "",
                "numbers": f"{generator.normal(-122.4, 0.2):.4f}",
                "colour": colour if generator.random() > 0.1 else "",
                "member": generator.choice(["yes", "no"]),
                "size code": int(generator.integers(1, 5)) if generator.random() > 0.05 else "",
                "sold": f"{day} {generator.integers(0, 24):02d}:15:00",
                "returned": "yes" if (price > 25) ^ (colour == "red") else "no",
                "profit": f"{price * 0.3 + generator.normal():.3f}",
            }
        )
    return _table(folder / "shop.csv", rows)


def reviews(folder: Path) -> Path:
    """Sentences of few words, good or bad."""
    generator = np.random.default_rng(1)
    rows = []
    for _ in range(160):
        words = [str(word) for word in generator.choice(WORDS, generator.integers(1, 14))]
        rows.append({"text": " ".join(words) + ".", "mood": "glad" if "good" in words or "warm" in words else "sad"})
    return _table(folder / "reviews.csv", rows)


def pictures(folder: Path) -> Path:
    """Colour pictures of several sizes, a folder a class."""
    generator = np.random.default_rng(2)
    for name, bright in (("dark", 60), ("light", 190)):
        (folder / "pictures" / name).mkdir(parents=True)
        for i in range(24):
            height, width = generator.integers(20, 60, 2)
            pixels = generator.normal(bright, 40, (height, width, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{i}.png")
    return folder / "pictures"


def greys(folder: Path) -> Path:
    """Small grey pictures of one size."""
    generator = np.random.default_rng(5)
    for name, bright in (("night", 40), ("dusk", 110), ("day", 200)):
        (folder / "greys" / name).mkdir(parents=True)
        for i in range(20):
            pixels = generator.normal(bright, 30, (8, 10)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "greys" / name / f"{i}.png")
    return folder / "greys"


def scans(folder: Path) -> Path:
    """Twelve-bit scans in 16-bit files, of several sizes, some of them turned by a note."""
    generator = np.random.default_rng(6)
    for name, bright in (("dim", 900), ("bright", 2600)):
        (folder / "scans" / name).mkdir(parents=True)
        for i in range(20):
            height, width = generator.integers(12, 30, 2)
            pixels = generator.normal(bright, 300, (height, width)).clip(0, 4095).astype(np.uint16)
            note = Image.Exif()
            note[0x0112] = (1, 6, 3)[i % 3]
            Image.fromarray(pixels).save(folder / "scans" / name / f"{i}.png", exif=note)
    return folder / "scans"


def icons(folder: Path) -> Path:
    """White drawings on nothing."""
    generator = np.random.default_rng(7)
    for name in ("wide", "tall"):
        (folder / "icons" / name).mkdir(parents=True)
        for i in range(20):
            pixels = np.full((16, 16, 4), 255, np.uint8)
            at, strong = generator.integers(2, 12), generator.integers(120, 256)
            drawn = np.zeros((16, 16), np.uint8)
            drawn[at : at + 3] = strong
            pixels[..., 3] = drawn if name == "wide" else drawn.T
            Image.fromarray(pixels).save(folder / "icons" / name / f"{i}.png")
    return folder / "icons"


def weather(folder: Path) -> Path:
    """Two daily series and one that is only seen, with gaps."""
    generator = np.random.default_rng(3)
    rows = []
    for day in range(300):
        season = np.sin(2 * np.pi * day / 7)
        rows.append(
            {
                "date": str(np.datetime64("2020-01-01") + day),
                "warmth": f"{15 + 5 * season + generator.normal():.3f}" if day % 41 else "",
                "rain": f"{1000 + 90 * season + generator.normal() * 20:.2f}",
                "wind": f"{3 - season + generator.normal() * 0.2:.3f}",
            }
        )
    return _table(folder / "weather.csv", rows)


def story(folder: Path) -> Path:
    """A text of a few thousand characters."""
    generator = np.random.default_rng(4)
    path = folder / "story.txt"
    path.write_text(" ".join(str(word) for word in generator.choice(WORDS, 1500)))
    return path


def _table(path: Path, rows: list[dict]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


ALONE = {"bags": 1, "blend": False}  # one network, as for many rows; the others are what few rows get
SMALL_TEXT = {"embed_dim": 16, "num_layers": 1, "num_heads": 2}
RUNS: dict[str, tuple[Callable[[Path], Path], dict]] = {  # name: (data, options of the training)
    "shop-tabm": (shop, {"target": "returned", "ignore": "profit", "hidden_dim": 16, **ALONE}),
    "shop-blend": (shop, {"target": "returned", "ignore": "profit", "hidden_dim": 16, "bags": 2}),
    "shop-blend-profit": (shop, {"target": "profit", "hidden_dim": 16, "bags": 2}),
    "shop-mlp-profit": (shop, {"target": "profit", "scaling": "standard", "model": "mlp", "hidden_dim": 16, **ALONE}),
    "colours-only": (
        shop,
        {"target": "returned", "ignore": "profit,price,numbers,size code,sold", "hidden_dim": 16, **ALONE},
    ),
    "pictures-cnn": (pictures, {"width": 8, "image_size": 24, "blend": False}),
    "pictures-blend": (pictures, {"width": 8, "image_size": 24}),
    "pictures-lenet5": (pictures, {"model": "lenet5", "image_size": 20}),
    "greys-mlp": (greys, {"model": "mlp", "hidden_dim": 16}),
    "scans-cnn": (scans, {"width": 8, "image_size": 12, "blend": False}),
    "icons-mlp": (icons, {"model": "mlp", "hidden_dim": 16}),
    "reviews-bag": (reviews, {"target": "mood", "ngrams": 2, "buckets": 512, **ALONE}),
    "reviews-blend": (reviews, {"target": "mood", "bags": 2, "blend": True}),
    "reviews-networks": (reviews, {"target": "mood", "bags": 2, "blend": False}),
    "reviews-lstm": (reviews, {"target": "mood", "model": "lstm", "hidden_size": 16, "embed_dim": 16, **ALONE}),
    "reviews-transformer": (reviews, {"target": "mood", "model": "transformer-encoder", **SMALL_TEXT, **ALONE}),
    "weather-dlinear": (weather, {"task": "forecasting", "horizon": 7, "context": 28}),
    "weather-gru": (weather, {"task": "forecasting", "model": "gru", "horizon": 7, "context": 28, "hidden_size": 16}),
    "weather-patch": (
        weather,
        {
            "task": "forecasting",
            "model": "patch-transformer",
            "horizon": 7,
            "context": 28,
            "targets": "warmth,rain",
            "calendar": "none",
        },
    ),
    "story-gpt": (story, {"task": "language-modelling", "context": 32, **SMALL_TEXT}),
    "story-lstm": (story, {"task": "language-modelling", "model": "lstm", "context": 32, "hidden_size": 16}),
    "story-byte-pairs": (
        story,
        {"task": "language-modelling", "tokens": "byte-pairs", "vocab_size": 300, "context": 32, **SMALL_TEXT},
    ),
}


FAST = ("reviews-bag", "greys-mlp", "shop-tabm", "weather-dlinear", "story-gpt")  # one of every kind of data
SLOW = pytest.mark.slow("a run of its own is trained and exported")


def one_by_one(names: Iterable[str] = RUNS) -> list[Any]:
    """Names as parameters of a test; those beyond a few are slow."""
    return [name if name in FAST else pytest.param(name, marks=SLOW) for name in names]


def train(name: str, folder: Path) -> Run:
    """One of the runs; its data lie in the same folder."""
    data, options = RUNS[name]
    mode, console.mode = console.mode, "quiet"
    try:
        return dg.train(str(data(folder)), run=folder / name, **{**QUICK, **options})
    finally:
        console.mode = mode
