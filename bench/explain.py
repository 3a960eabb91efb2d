"""How right explanations are where the truth is planted, and whether contributions add up on the zoo at full length.

    python -m bench.explain                    # everything; half an hour on two busy cores
    python -m bench.explain --only shapes --seeds 0

shapes      crosses, squares and rings at random places on noise; a network of fixed epochs. Of pictures that it answers
            rightly: the pointing game (is the strongest place in the shape?) and the share of the map that lies in it
columns     a table of planted and idle columns: the area under the ROC curve of what each method says they are worth
background  potato leaves, whose background tells the class, and shapes, whose background is noise: of how many test
            pictures explain warns of the border, and the mean score of the class with borders exchanged
additivity  every model of the zoo, small, with random weights: what contributions miss of f(x) − f(base), the steps
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image
from tests.explain.parts import parts_of
from tests.models import zoo

import deepglass as dg
from bench.made_with import made_with
from deepglass.core import files
from deepglass.core.console import console
from deepglass.explain.inputs import image as picture
from deepglass.explain.leaves import Leaves
from deepglass.explain.methods.integrated_gradients import integrate
from deepglass.explain.quality import border
from deepglass.explain.rows import Rows, new_rows
from deepglass.explain.subject import Subject

RESULTS = Path(__file__).resolve().parent / "results" / "explain.json"
SIDE, RADIUS, PER_CLASS, ASKED, EPOCHS = 24, 3, 200, 40, 12
MAPS = ("integrated-gradients", "gradient-input", "smooth-grad", "grad-cam", "occlusion")
OF_COLUMNS = ("importance", "shapley", "lime", "integrated-gradients")
MOST_WEIGHTS = 1_000_000  # of a zoo model that is walked at full length
ROWS, PLANTED, IDLE, ROWS_ASKED = 600, ("a", "b", "c", "town"), ("i", "j", "k", "l"), 20


def main() -> None:
    """Measure what was asked for; each part is kept, seed by seed, as soon as it is there."""
    parts: dict[str, Any] = {"shapes": shapes, "columns": columns, "background": background, "additivity": additivity}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--data", type=Path, default=RESULTS.parents[3] / "shared" / "data")
    asked, kept = parser.parse_args(), files.read_json(RESULTS) if RESULTS.exists() else {}
    console.mode = "quiet"
    for name in asked.only:
        of_seed = partial(background, asked.data / "potato-leaves") if name == "background" else parts[name]
        kept[name] = []
        for seed in asked.seeds:
            for record in of_seed(seed):
                print(record, flush=True)
                kept[name].append(record)
            kept["environment"] = made_with()
            files.write_json(RESULTS, kept)


# -- shapes ---------------------------------------------------------------------------------------------------------


def shape(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) bytes, and (H, W) whether a pixel lies in the square around the shape."""
    picture, row, column = rng.normal(90, 30, (SIDE, SIDE)), *rng.integers(RADIUS + 1, SIDE - RADIUS - 1, 2)
    down, across = np.mgrid[:SIDE, :SIDE]
    far, near = np.maximum(abs(down - row), abs(across - column)), np.minimum(abs(down - row), abs(across - column))
    inside = far <= RADIUS
    drawn = {"cross": inside & (near == 0), "square": far == RADIUS, "block": far <= 1}[kind]
    picture[drawn] = 230
    return picture.clip(0, 255).astype(np.uint8), inside


def shapes(seed: int) -> Iterator[dict[str, Any]]:
    """A record for each method."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name:
        folder, inside = Path(name), {}
        for kind in ("cross", "square", "block"):
            (folder / "train" / kind).mkdir(parents=True)
            (folder / "asked").mkdir(exist_ok=True)
            for i in range(PER_CLASS):
                Image.fromarray(shape(kind, rng)[0]).save(folder / "train" / kind / f"{i}.png")
            for i in range(ASKED // 3):
                picture, inside[f"{kind}-{i}.png"] = shape(kind, rng)
                Image.fromarray(picture).save(folder / "asked" / f"{kind}-{i}.png")
        run = dg.train(folder / "train", run=folder / "run", epochs=EPOCHS, seed=seed, width=16, augment="none")
        said = {Path(one["file"]).name: one["prediction"] for one in run.predict(folder / "asked")}
        right = [file for file in inside if said[file] == file.split("-")[0]]
        accuracy = run.metrics["test"]["accuracy"]["value"]
        for method in MAPS:
            began = time.monotonic()
            found = [_map(run, folder / "asked" / file, method) for file in right]
            yield {
                "method": method,
                "seed": seed,
                "pictures": len(right),
                "accuracy": accuracy,
                "pointing": float(np.mean([inside[file].ravel()[m.argmax()] for file, m in zip(right, found)])),
                "mass": float(np.mean([abs(m)[inside[file]].sum() / abs(m).sum() for file, m in zip(right, found)])),
                "seconds per picture": (time.monotonic() - began) / len(right),
            }


def _map(run: Any, file: Path, method: str) -> np.ndarray:
    """(H, W), positive parts only."""
    from deepglass.explain.figures import values_of_picture

    return np.maximum(values_of_picture(run.explain(file, method, row=1, quality=False)), 0)


# -- background -----------------------------------------------------------------------------------------------------


def background(leaves: Path, seed: int) -> Iterator[dict[str, Any]]:
    """A record for leaves, and one for shapes."""
    if not leaves.is_dir():
        raise SystemExit(f"--only background needs the pictures of {leaves}: say where they are with --data")
    with tempfile.TemporaryDirectory() as name:
        rng, folder = np.random.default_rng(seed), Path(name)
        for kind in ("cross", "square", "block"):
            for part, count in (("train", PER_CLASS), ("test", ASKED // 3)):
                (folder / "shapes" / part / kind).mkdir(parents=True)
                for i in range(count):
                    Image.fromarray(shape(kind, rng)[0]).save(folder / "shapes" / part / kind / f"{i}.png")
        for source in (leaves, folder / "shapes"):
            options: dict[str, Any] = {"image_size": 64} if source == leaves else {"width": 16}
            run = dg.train(
                source / "train",
                run=folder / source.name,
                epochs=EPOCHS,
                seed=seed,
                augment="none",
                compile="off",
                **options,
            )
            yield {"data": source.name, "seed": seed, **_by_border(run, source / "test")}


def _by_border(run: Any, test: Path) -> dict[str, Any]:
    """Of the pictures of a folder that the network answers rightly: what `explain` says of the border of each."""
    rows, said = new_rows(run, test), run.predict(test)
    right = [i for i, one in enumerate(said) if one["prediction"] == Path(one["file"]).parent.name]
    found = [border.of(_subject(run, rows, i, said[i]["prediction"])) for i in right]
    means = {name: float(np.mean([one[name] for one in found])) for name in ("same", "other", "brings")}
    return {
        "pictures": len(said),
        "accuracy": len(right) / len(said),
        "warned": float(np.mean([one["tells"] for one in found])),
        "share": float(np.median([one["share"] for one in found])),
        **means,
    }


def _subject(run: Any, rows: Rows, row: int, about: str) -> Subject:
    """What is explained of a picture: the class that it is taken for."""
    parts = picture.Parts.of(run.task, rows.inputs([row]), rows.shown(row))
    return Subject(run, parts, [str(name) for name in run.task.score_names].index(about), rows, row)


# -- columns --------------------------------------------------------------------------------------------------------


def columns(seed: int) -> Iterator[dict[str, Any]]:
    """A record for each method."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.normal(size=ROWS) for name in (*PLANTED[:3], *IDLE)})
    frame["town"] = rng.choice(["Rome", "Oslo", "Bern"], ROWS)
    frame["y"] = 2 * frame["a"] + frame["b"] * frame["c"] + frame["b"] + (frame["town"] == "Rome") * 2
    with tempfile.TemporaryDirectory() as name:
        frame.to_csv(Path(name) / "planted.csv", index=False)
        run = dg.train(Path(name) / "planted.csv", target="y", run=Path(name) / "run", epochs=60, seed=seed, bags=1)
        for method in OF_COLUMNS:
            worth = _worth(run, frame, method)
            pairs = [worth[good] > worth[idle] for good in PLANTED for idle in IDLE]
            yield {"method": method, "seed": seed, "auroc": float(np.mean(pairs))}


def _worth(run: Any, frame: pd.DataFrame, method: str) -> dict[str, float]:
    """By column the mean size of its contributions."""
    if method == "importance":
        return {part["name"]: part["contribution"] for part in run.explain(method=method).parts}
    found = [run.explain(frame, method, row=row + 1, quality=False).parts for row in range(ROWS_ASKED)]
    names = [part["name"] for part in found[0]]
    return dict(zip(names, np.abs([[part["contribution"] for part in parts] for parts in found]).mean(axis=0)))


# -- additivity -----------------------------------------------------------------------------------------------------


def additivity(seed: int) -> Iterator[dict[str, Any]]:
    """A record for each model that is small enough."""
    for case in zoo.CASES:
        torch.manual_seed(seed)
        model = zoo.build(case).double().eval().requires_grad_(False)
        zoo.fill_zeros(model)
        if (weights := sum(p.numel() for p in model.parameters())) > MOST_WEIGHTS:
            continue
        leaves = Leaves(model, parts_of(zoo.example(case).inputs), lambda said: said.reshape(len(said), -1)[:, 0])
        began = time.monotonic()
        found = integrate(leaves.score, leaves.gradients, leaves.points, leaves.base)
        facts = {"difference": found.difference, "gap": found.gap, "holds": found.holds, "steps": found.steps}
        yield {"model": str(case), "seed": seed, "weights": weights, **facts, "seconds": time.monotonic() - began}


if __name__ == "__main__":
    main()
