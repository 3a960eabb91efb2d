"""How well ill and well are told apart in breast ultrasound pictures of 28 x 28 pixels, beside what was published.

    python -m bench.breast                       # five seeds of every command
    python -m bench.breast --ways default --seeds 0

The splits are those of MedMNIST (546, 78 and 156 pictures). `mean` holds the mean of the AUC over the seeds; its
interval is a bootstrap over the test pictures, the same draws for every seed, so it says how much 156 pictures can say
and not how much seeds differ. `apart` is the same without test pictures that are near copies of training pictures
(`deepglass check` finds them).

short      deepglass train breastmnist.npz --card medical --epochs 3
default    the same without --epochs
flips      the same with --augment flip,crop: left and right mean nothing here, and names of classes cannot say so

References:
    Yang et al. (2023), MedMNIST v2, https://doi.org/10.1038/s41597-022-01721-8 (AUC 0.901 of a ResNet-18, 0.857 of a
    ResNet-50 on the same split)
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import deepglass as dg
from bench import records
from deepglass.core import files
from deepglass.core.console import console
from deepglass.data.config import DataConfig
from deepglass.data.picture_survey import survey
from deepglass.data.reading import source
from deepglass.evaluate import curves, intervals

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "breast.json"
DATA = ROOT.parent / "shared" / "data" / "breastmnist" / "breastmnist.npz"
WAYS: dict[str, dict[str, Any]] = {"short": {"epochs": 3}, "default": {}, "flips": {"augment": "flip,crop"}}
PLAIN = {"device": "cpu", "precision": "float32", "threads": 1, "card": "medical"}
PUBLISHED = 0.901  # of a ResNet-18


def main() -> None:
    """Measure what was asked for; each record is kept as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    asked, kept = parser.parse_args(), records.known(RESULTS)
    console.mode = "quiet"
    for way in asked.ways:
        for seed in asked.seeds:
            records.keep(RESULTS, kept, measured(way, seed), "way", "seed")
            kept["mean"] = [
                mean(name, kept["runs"]) for name in WAYS if any(one["way"] == name for one in kept["runs"])
            ]
            files.write_json(RESULTS, kept)
            print({k: v for k, v in kept["runs"][-1].items() if k != "risks"}, flush=True)


def measured(way: str, seed: int) -> dict[str, Any]:
    """One run: what its test says, and the risk of each test picture."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        run = dg.train(str(DATA), run=str(Path(folder) / "run"), seed=seed, **PLAIN, **WAYS[way])
        seconds = round(time.process_time() - began, 1)
        metrics = files.read_json(run.path / "metrics.json")
        with np.load(run.path / "outputs.npz") as outputs:
            risks = outputs["predictions"][np.argsort(outputs["ids"]), 0]
    test = metrics["test"]
    at_90 = next(point for point in metrics["thresholds"]["at_specificity"] if point["wanted"] == 0.9)
    return {
        "way": way, "seed": seed,
        "roc_auc": round(test["roc_auc"]["value"], 4),
        "interval": [round(test["roc_auc"][end], 4) for end in ("low", "high")],
        "accuracy": round(test["accuracy"]["value"], 4),
        "calibration_error": round(test["calibration_error"]["value"], 4),
        "sensitivity": round(at_90["sensitivity"]["value"], 4),
        "specificity": round(at_90["specificity"]["value"], 4),
        "cpu_seconds": seconds,
        "risks": risks.astype(float).round(4).tolist(),
    }  # fmt: skip


def mean(way: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Over the seeds, of all test pictures and of those without a near copy in training."""
    own = [one for one in runs if one["way"] == way]
    risks, is_case, has_copy = np.array([one["risks"] for one in own]).T, *truth()  # (156, seeds)
    areas = [one["roc_auc"] for one in own]
    return {
        "way": way, "seeds": len(own), "published": PUBLISHED,
        "roc_auc": round(float(np.mean(areas)), 4), "spread": round(float(np.std(areas)), 4),
        "interval": interval(risks, is_case),
        "apart": {
            "count": int((~has_copy).sum()), "roc_auc": round(area(risks[~has_copy], is_case[~has_copy]), 4),
            "interval": interval(risks[~has_copy], is_case[~has_copy]),
        },
        "cpu_seconds": round(float(np.mean([one["cpu_seconds"] for one in own])), 1),
    }  # fmt: skip


def truth() -> tuple[np.ndarray, np.ndarray]:
    """Which test pictures (156,) are malignant, and which are near copies of a training picture."""
    images: Any = source.read(str(DATA), DataConfig())
    rows = images.splits["test"]
    crossing = survey(images).copies.crossing(images.splits["train"], rows)
    return images.labels[rows] == 0, np.isin(rows, crossing[:, 0])


def area(risks: np.ndarray, is_case: np.ndarray) -> float:
    """The mean of the AUC over the columns (seeds) of risks (N, seeds)."""
    found = [curves.of_columns(one[:, None], is_case[:, None], ["ill"])["roc_auc"]["value"] for one in risks.T]
    return float(np.mean(found))


def interval(risks: np.ndarray, is_case: np.ndarray) -> list[float]:
    """95 % of it, over draws of test pictures."""
    return [round(end, 4) for end in intervals.bootstrap(area, risks, is_case)]


if __name__ == "__main__":
    main()
