"""What published weights are worth: MobileNet on five classes of groceries, from ImageNet weights and from random ones.

    python -m bench.transfer                 # three seeds of each; some minutes on two cores
    python -m bench.transfer --show          # the table of what was measured so far

150 photographs train, 75 test (shared/data/grocery-store); MobileNet v1 of width 0.25 at 224×224. Each run is the
command in a fresh process; seconds are of the whole command. Results are kept in bench/results/transfer.json.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.made_with import made_with
from deepglass.core import files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "transfer.json"
SOURCE, WEIGHTS = "grocery-store", "mobilenet-v1-025-imagenet"
MODEL = ("--model", "mobilenet-v1-0.25")
WAYS = {  # each with the options in which it differs; {weights} is their folder
    "random weights": ("--image-size", "224"),
    "ImageNet weights": ("--pretrained", "{weights}"),
    "ImageNet weights, only the head learns": ("--pretrained", "{weights}", "--freeze", "all"),
}
GAIN, SECONDS = 0.15, 120.0  # what must be reached


def main() -> None:
    asked = arguments()
    results = files.read_json(RESULTS) if RESULTS.exists() else {"runs": []}
    if not asked.show:
        results["environment"] = made_with()
    for way in [] if asked.show else [way for way in WAYS if way.startswith(asked.only)]:
        for seed in asked.seeds:
            run = measure(way, seed, asked.data)
            results["runs"] = [r for r in results["runs"] if (r["way"], r["seed"]) != (way, seed)] + [run]
            files.write_json(RESULTS, results)
            print(f"{way}, seed {seed}: {run['accuracy']:.1%} in {run['seconds']:.0f} s", flush=True)
    print(table(results))


def measure(way: str, seed: int, data: Path) -> dict[str, Any]:
    """One command in a fresh process and a fresh run folder."""
    options = [word.format(weights=data / WEIGHTS) for word in WAYS[way]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        words = [str(data / SOURCE), *MODEL, *options, "--seed", str(seed), "--run", str(path), "--quiet"]
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "deepglass", "train", *words], check=True)
        seconds = time.perf_counter() - started
        metrics = json.loads((path / "metrics.json").read_text())
    return {"way": way, "seed": seed, "accuracy": metrics["test"]["accuracy"]["value"], "seconds": round(seconds, 1)}


def table(results: dict[str, Any]) -> str:
    """Mean, spread, gain over random weights and time, with the hardware and versions."""
    where, runs = results["environment"], results["runs"]
    scores = {way: [run["accuracy"] for run in runs if run["way"] == way] for way in WAYS}
    start = statistics.mean(scores["random weights"] or [0.0])
    lines = [
        f"{where['cpu']}, {where['cores']} cores; Python {where['python']}, PyTorch {where['torch']}.",
        "",
        "| MobileNet v1 0.25 on grocery-store | n | accuracy: mean ± spread | gain | goal | reached | slowest, s |",
        "|---|--:|--:|--:|--:|---|--:|",
    ]
    for way, values in ((way, values) for way, values in scores.items() if values):
        mean, spread = statistics.mean(values), statistics.stdev(values) if len(values) > 1 else 0.0
        slowest = max(run["seconds"] for run in runs if run["way"] == way)
        is_start = way == "random weights"
        is_reached = mean - start >= GAIN and slowest <= SECONDS
        goal, reached = (
            ("", "") if is_start else (f"≥ {GAIN:.0%}, ≤ {SECONDS:.0f} s", "yes" if is_reached else "**no**")
        )
        gain = "" if is_start else f"{mean - start:+.1%}"
        lines.append(
            f"| {way} | {len(values)} | {mean:.1%} ± {spread:.1%} | {gain} | {goal} | {reached} | {slowest:.0f} |"
        )
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", default="", help="the ways whose names begin so, such as 'ImageNet'")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
