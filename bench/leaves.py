"""What a network knows of potato leaves, and what the background knew: macro-F1 on potato-leaves (135 train, 54 test).

    python -m bench.leaves                       # three seeds of every way
    python -m bench.leaves --epochs 15           # short trainings, kept beside the usual ones

The pictures were taken leaf by leaf on a bench, and the background differs between the classes.

border     eight pixels at the border of each picture, by a random forest, as Noyan did
whole      deepglass train potato-leaves
masked     the same, of pictures in whose place of background there is one grey, in training and test

`on_masked` is the score of the network of `whole` on the test pictures of `masked`. What is leaf is found by colour: it
reflects less blue than the grey or brown bench does; the limit is Otsu's, the largest connected part is the leaf, its
holes are filled. That cuts off a part of some leaves that are wholly brown, and leaves their outline, which may tell
something too. The test is as declared, of the same origin as the training.

References:
    Noyan (2022), Uncovering Bias in the PlantVillage Dataset, https://arxiv.org/abs/2206.04374
    Otsu (1979), A threshold selection method from gray-level histograms, https://doi.org/10.1109/TSMC.1979.4310076
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score

import deepglass as dg
from bench import records
from deepglass.core import files
from deepglass.core.console import console
from deepglass.data.config import DataConfig
from deepglass.data.picture_survey import thumbnails
from deepglass.data.reading import source
from deepglass.data.telling_border import eight

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "leaves.json"
DATA = ROOT.parent / "shared" / "data" / "potato-leaves"
PLAIN = {"device": "cpu", "precision": "float32", "threads": 1}
WAYS = ("border", "whole", "masked")
GREY, SMOOTH, CLOSED = 128, 1.5, 6  # in the place of the background; pixels that are averaged; gaps that are closed


def main() -> None:
    """Measure what was asked for; each record is kept as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, help="of the networks; as the command chooses if not given")
    asked, kept = parser.parse_args(), records.known(RESULTS)
    console.mode = "quiet"
    with tempfile.TemporaryDirectory() as folder:
        masked = masked_copy(Path(folder) / "masked")
        for seed in asked.seeds:
            for way in asked.ways:
                records.keep(RESULTS, kept, measured(way, seed, masked, asked.epochs), "way", "seed", "epochs")
                kept["mean"] = means(kept["runs"])
                files.write_json(RESULTS, kept)
                print(kept["runs"][-1], flush=True)


def measured(way: str, seed: int, masked: Path, epochs: int | None) -> dict[str, Any]:
    """Macro-F1 of one way."""
    began = records.processor_seconds()
    if way == "border":
        epochs, found = 0, of_border(seed)
    else:
        found = of_network(masked if way == "masked" else DATA, seed, epochs, masked / "test")
    seconds = round(records.processor_seconds() - began, 1)
    return {"way": way, "seed": seed, "epochs": epochs, **found, "cpu_seconds": seconds}


def of_border(seed: int) -> dict[str, Any]:
    """Eight pixels of a thumbnail, as `deepglass check` looks at."""
    images: Any = source.read(str(DATA), DataConfig())
    small, _ = thumbnails(images, np.arange(len(images)))
    pixels, train, test = eight(small, 0), images.splits["train"], images.splits["test"]
    forest = RandomForestClassifier(300, random_state=seed).fit(pixels[train], images.labels[train])
    return {"f1": float(f1_score(images.labels[test], forest.predict(pixels[test]), average="macro"))}


def of_network(data: Path, seed: int, epochs: int | None, masked_test: Path) -> dict[str, Any]:
    """The command's own network; that of whole pictures is asked of the masked test, too."""
    with tempfile.TemporaryDirectory() as folder:
        length = {} if epochs is None else {"epochs": epochs}
        run = dg.train(str(data), run=str(Path(folder) / "run"), seed=seed, **PLAIN, **length)
        test = files.read_json(run.path / "metrics.json")["test"]
        found = {"f1": test["f1_macro"]["value"], "interval": [test["f1_macro"][end] for end in ("low", "high")]}
        if data == DATA:
            found["on_masked"] = run.evaluate(str(masked_test))["f1_macro"]["value"]
    return found


def masked_copy(to: Path) -> Path:
    """The pictures with one grey in the place of their background."""
    for path in sorted(DATA.glob("*/*/*.JPG")):
        pixels = np.asarray(Image.open(path).convert("RGB"))
        copy = (to / path.relative_to(DATA)).with_suffix(".png")
        copy.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.where(leaf_of(pixels)[..., None], pixels, GREY).astype(np.uint8)).save(copy)
    return to


def leaf_of(pixels: np.ndarray) -> np.ndarray:
    """(H, W) whether a pixel of a picture (H, W, 3) is leaf."""
    red, green, blue = np.moveaxis(pixels.astype(np.float32), -1, 0)
    yellow = ndimage.gaussian_filter(np.maximum(red, green) - blue, SMOOTH)
    parts, count = ndimage.label(yellow > otsu(yellow))
    sizes = ndimage.sum(parts > 0, parts, range(1, count + 1))
    leaf = ndimage.binary_closing(np.pad(parts == 1 + np.argmax(sizes), CLOSED), iterations=CLOSED)
    return ndimage.binary_fill_holes(leaf)[CLOSED:-CLOSED, CLOSED:-CLOSED]


def otsu(values: np.ndarray) -> float:
    """The limit that parts values into two groups whose means lie farthest apart, for their sizes."""
    counts, edges = np.histogram(values, 256)
    centres = (edges[1:] + edges[:-1]) / 2
    below, sums = counts.cumsum()[:-1], (counts * centres).cumsum()
    above = counts.sum() - below
    apart = (sums[:-1] / below - (sums[-1] - sums[:-1]) / above) ** 2
    return float(edges[1 + np.argmax(below * above * apart)])


def means(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Over the seeds, of every way and length of training."""
    kinds = dict.fromkeys((one["way"], one["epochs"]) for one in runs)
    border = float(np.mean([one["f1"] for one in runs if one["way"] == "border"] or [np.nan]))
    found = []
    for way, epochs in kinds:
        own = [one for one in runs if (one["way"], one["epochs"]) == (way, epochs)]
        scores = [one["f1"] for one in own]
        record = {
            "way": way, "epochs": epochs, "seeds": len(own), "f1": float(np.mean(scores)),
            "spread": float(np.std(scores)), "border": border,
            "cpu_seconds": round(float(np.mean([one["cpu_seconds"] for one in own])), 1),
        }  # fmt: skip
        if way == "whole":
            record["on_masked"] = float(np.mean([one["on_masked"] for one in own]))
        found.append(record)
    return found


if __name__ == "__main__":
    main()
