"""Drawn scenes painted after captions: colour, shape and relation right, on pairs of things never seen together.

    python -m bench.text_to_image                       # seeds 0, 1 and 2, the default training
    python -m bench.text_to_image --seeds 0 --epochs 40
    python -m bench.text_to_image --show                # what was measured so far

The training has 53 of the 66 pairs of things, the test the other 13. For each of its 400 captions one picture is
painted, in 20 steps and with a guidance of 2; a reader by rule says what it shows (`data/scene_reader.py`), and a
caption is right if colours, shapes and relation are. Beside it what the reader says of the real test pictures, of
captions of the validation part, whose pairs were seen, and of the training pictures of the nearest captions. Seconds
are the processor's, of the whole command. Results are kept in bench/results/text_to_image.json.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

import deepglass as dg
from bench import records
from deepglass.core.console import console
from deepglass.data import scene_reader
from deepglass.data.containers import Images
from deepglass.data.datasets import drawn_scenes
from deepglass.evaluate.intervals import wilson

RESULTS = Path(__file__).resolve().parent / "results" / "text_to_image.json"
GOAL = 0.95
PARTS = ("right", "colours", "shapes", "relation")


def main() -> None:
    asked = arguments()
    results = records.known(RESULTS)
    for seed in [] if asked.show else asked.seeds:
        records.keep(RESULTS, results, measure(asked, seed), "model", "epochs", "seed")
    for run in results["runs"]:
        right, seen = run["never_together"]["right"], run["together"]["right"]["value"]
        print(
            f"{run['model']}, seed {run['seed']}: {right['value']:.1%} ({right['low']:.1%} to {right['high']:.1%}) of "
            f"{run['count']} captions never seen together (goal {GOAL:.0%}), {seen:.1%} of those seen; real pictures "
            f"{run['real']['right']['value']:.1%}; {run['epochs']} epochs, {run['cpu_seconds']:.0f} CPU s"
        )


def measure(asked: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One training in a fresh process, and a picture for each caption."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        words = ["--task", "text-to-image", "--seed", str(seed), "--run", str(path), "--quiet", "--threads", "1"]
        words += ["--epochs", str(asked.epochs)] if asked.epochs else []
        before = records.processor_seconds()
        subprocess.run([sys.executable, "-m", "deepglass", "train", "drawn-scenes", *words], check=True)
        seconds = records.processor_seconds() - before
        console.mode = "quiet"
        run, images = dg.load(path), drawn_scenes.load().content
        test, val = images.splits["test"], images.splits["val"]
        return {
            "model": run.config["model"],
            "seed": seed,
            "epochs": len(run.history),
            "parameters": sum(parameter.numel() for parameter in run.network.parameters()),
            "count": len(test),
            "cpu_seconds": seconds,
            "never_together": shares(painted(run, images, test), images, test),
            "together": shares(painted(run, images, val), images, val),
            "real": shares(images.pixels[test], images, test),
            "nearest_caption": shares(images.pixels[nearest(images, test)], images, test),
            "scores": {name: run.metrics["test"][name] for name in run.metrics["test"]["headline"]},
        }


def painted(run: dg.Run, images: Images, rows: np.ndarray) -> np.ndarray:
    """(n, 16, 16, 3) a picture for each of these captions."""
    tokens = torch.from_numpy(run.task.answer.encode(images)[rows]).long()
    return run.task.painted(run.model.eval(), tokens, torch.device("cpu"), seed=1)


def nearest(images: Images, rows: np.ndarray) -> np.ndarray:
    """The first training picture whose caption shares most words, each at its place, with that of each row."""
    words = [caption.split() for caption in images.frame["caption"]]
    train = images.splits["train"]

    def alike(one: list[str], other: list[str]) -> int:
        return sum(a == b for a, b in zip(one, other)) - abs(len(one) - len(other))

    return np.array([max(train, key=lambda place: alike(words[row], words[place])) for row in rows])


def shares(pictures: np.ndarray, images: Images, rows: np.ndarray) -> dict[str, Any]:
    """What a reader by rule finds right, each with its 95 % interval."""
    found = scene_reader.agreements(pictures, images.frame["caption"].iloc[rows])
    told = {}
    for name, column in zip(PARTS, found.T):
        low, high = wilson(int(column.sum()), len(column))
        told[name] = {"value": float(column.mean()), "low": low, "high": high}
    return told


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--show", action="store_true", help="only print what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
