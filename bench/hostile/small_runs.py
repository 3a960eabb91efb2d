"""Runs that are trained in a second or two, with data to predict: what is done to their files is the point."""

from pathlib import Path

import numpy as np
from PIL import Image

import deepglass as dg

USUAL = {"epochs": 1, "device": "cpu", "precision": "float32", "threads": 1, "compile": "off"}


def table(folder: Path) -> tuple[Path, Path]:
    """Two classes in numbers and words; answered by a blend of a network and simple models."""
    rng = np.random.default_rng(0)
    lines = ["width,height,colour,kind"]
    for _ in range(90):
        width, height, colour = rng.normal(), rng.normal(), rng.choice(["red", "blue"])
        lines.append(f"{width:.3f},{height:.3f},{colour},{'long' if height + (colour == 'red') > width else 'wide'}")
    data = folder / "table.csv"
    data.write_text("\n".join(lines) + "\n")
    run = dg.train(data, target="kind", model="mlp", hidden_dim=8, bags=1, blend=True, run=folder / "table", **USUAL)
    return run.path, data


def pictures(folder: Path) -> tuple[Path, Path]:
    """Bright and dark pictures of eight pixels a side."""
    rng = np.random.default_rng(1)
    for name, level in (("dark", 60), ("light", 190)):
        (folder / "pictures" / name).mkdir(parents=True)
        for i in range(12):
            pixels = rng.normal(level, 30, (8, 8, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{i}.png")
    run = dg.train(folder / "pictures", model="lenet5", image_size=32, run=folder / "shades", **USUAL)
    return run.path, folder / "pictures"


def series(folder: Path) -> tuple[Path, Path]:
    """One series of a hundred hours."""
    rng = np.random.default_rng(2)
    hours = np.datetime64("2024-01-01T00") + np.arange(120)
    values = np.sin(np.arange(120) / 4) + rng.normal(0, 0.1, 120)
    data = folder / "series.csv"
    data.write_text("hour,load\n" + "".join(f"{h},{v:.3f}\n" for h, v in zip(hours, values, strict=True)))
    options = {"target": "load", "task": "forecasting", "model": "dlinear", "horizon": 4, "context": 12}
    return dg.train(data, run=folder / "hours", **options, **USUAL).path, data


ALL = (table, pictures, series)
