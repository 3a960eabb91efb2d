"""Data for `dg.train`, written as the files that a user would have; each function plants its fault where `sick`."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

GOOD, BAD = ["great", "lovely", "superb", "fine"], ["awful", "boring", "poor", "bad"]
FILL = ["the", "film", "was", "a", "story", "with", "actors", "and", "music", "of", "this", "it", "we", "saw"]


def table(rng: np.random.Generator, rows: int = 700) -> pd.DataFrame:
    """Six columns of which four say the class."""
    frame = pd.DataFrame(rng.normal(size=(rows, 6)), columns=list("abcdef"))
    score = 2 * frame["a"] - frame["b"] + frame["c"] * (frame["d"] > 0) + 0.3 * rng.normal(size=rows)
    return frame.assign(label=np.where(score > 0, "yes", "no"))


def numbers(rng: np.random.Generator, rows: int = 700) -> pd.DataFrame:
    """Five columns of which three say the value."""
    frame = pd.DataFrame(rng.normal(size=(rows, 5)), columns=list("abcde"))
    return frame.assign(price=100 + 20 * frame["a"] - 10 * frame["b"] * frame["c"] + 2 * rng.normal(size=rows))


def sentence(rng: np.random.Generator) -> tuple[str, str]:
    """A text and its label."""
    good = rng.random() < 0.5
    words = [*rng.choice(FILL, rng.integers(6, 11)), *rng.choice(GOOD if good else BAD, 2)]
    rng.shuffle(words)
    return " ".join(words), "good" if good else "bad"


def texts(rng: np.random.Generator, rows: int = 600) -> pd.DataFrame:
    """Texts and labels."""
    return pd.DataFrame([sentence(rng) for _ in range(rows)], columns=["text", "label"])


def pictures(rng: np.random.Generator, folder: Path, count: int = 150) -> Path:
    """Bars on the left, on the right, and lying, one folder a class."""
    for label in ("left", "right", "lying"):
        (folder / label).mkdir(parents=True)
        for i in range(count):
            picture, where = rng.normal(90, 25, (12, 12)), rng.integers(1, 5)
            if label == "lying":
                picture[where + 3, 2:10] += 110
            else:
                picture[2:10, where if label == "left" else 11 - where] += 110
            Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(folder / label / f"{i:03}.png")
    return folder


def series(rng: np.random.Generator, rows: int = 500) -> pd.DataFrame:
    """A daily series with two rhythms."""
    t = np.arange(rows)
    values = 50 + 10 * np.sin(2 * np.pi * t / 7) + 4 * np.sin(t / 20) + rng.normal(size=rows)
    return pd.DataFrame({"day": pd.date_range("2020-01-01", periods=rows).strftime("%Y-%m-%d"), "sales": values})
