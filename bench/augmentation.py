"""What augmentation is worth where labels are few: digits from 54 pictures, with and without, on the same test rows.

    python -m bench.augmentation             # ten seeds of each way; half an hour on two busy cores
    python -m bench.augmentation --show      # the table of what was measured so far

Of the 1,797 bundled digits, 108 have a label that may be used: one half trains, the other chooses the epoch; the other
1,689 are the test. A seed draws other pictures and other first weights, the same ones for every way. Epochs, precision
and threads are fixed, so that a busy machine changes nothing. The gain is the mean difference to training without, over
the seeds, with its 95 % interval (Student's t). Results are kept in bench/results/augmentation.json.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scipy import stats

from bench.made_with import made_with
from deepglass.core import files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "augmentation.json"
FIXED = (
    "digits", "--model", "cnn", "--epochs", "60", "--batch-size", "27", "--test-fraction", "0.94",
    "--val-fraction", "0.5", "--no-blend", "--precision", "float32", "--threads", "1", "--compile", "off",
)  # fmt: skip
PLAIN = "none"
WAYS = {  # each with the options in which it differs
    PLAIN: ("--augment", "none"),
    "crop and rotate": ("--augment", "crop,rotate"),
    "flip": ("--augment", "flip"),
    "mixup": ("--augment", "none", "--mixup", "0.2"),
}


def main() -> None:
    asked = arguments()
    results = files.read_json(RESULTS) if RESULTS.exists() else {"runs": []}
    if not asked.show:
        results["environment"] = made_with()
    for seed in [] if asked.show else asked.seeds:
        for way in [way for way in WAYS if way.startswith(asked.only)]:
            run = measure(way, seed)
            results["runs"] = [r for r in results["runs"] if (r["way"], r["seed"]) != (way, seed)] + [run]
            results["gains"] = gains(results["runs"])
            files.write_json(RESULTS, results)
            print(f"{way}, seed {seed}: {run['accuracy']:.1%}", flush=True)
    print(table(results))


def measure(way: str, seed: int) -> dict[str, Any]:
    """One command in a fresh process and a fresh run folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        words = [*FIXED, *WAYS[way], "--seed", str(seed), "--run", str(path), "--quiet"]
        subprocess.run([sys.executable, "-m", "deepglass", "train", *words], check=True)
        metrics = json.loads((path / "metrics.json").read_text())
    return {"way": way, "seed": seed, "accuracy": metrics["test"]["accuracy"]["value"]}


def gains(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By way what it gains over training without, over the seeds that have both."""
    scores = {(run["way"], run["seed"]): run["accuracy"] for run in runs}
    found = []
    for way in [way for way in WAYS if way != PLAIN]:
        seeds = [seed for name, seed in scores if name == way and (PLAIN, seed) in scores]
        differences = [scores[way, seed] - scores[PLAIN, seed] for seed in seeds]
        if len(differences) > 1:
            found.append({"way": way} | interval(differences))
    return found


def interval(differences: list[float]) -> dict[str, float]:
    """Mean of paired differences and its 95 % interval."""
    n, mean = len(differences), statistics.mean(differences)
    reach = float(stats.t.ppf(0.975, n - 1)) * statistics.stdev(differences) / n**0.5
    return {"n": n, "mean": mean, "low": mean - reach, "high": mean + reach}


def table(results: dict[str, Any]) -> str:
    """Accuracy and gain of every way, with the hardware and versions."""
    where, gained = results["environment"], {gain["way"]: gain for gain in results.get("gains", [])}
    lines = [
        f"{where['cpu']}, {where['cores']} cores; Python {where['python']}, PyTorch {where['torch']}.",
        "",
        "| 54 digits to learn from | n | accuracy: mean ± spread | gain, 95 % interval |",
        "|---|--:|--:|--:|",
    ]
    for way in WAYS:
        values = [run["accuracy"] for run in results["runs"] if run["way"] == way]
        if values:
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            gain = gained.get(way)
            said = f"{gain['mean']:+.1%}, {gain['low']:+.1%} to {gain['high']:+.1%}" if gain else ""
            lines.append(f"| {way} | {len(values)} | {statistics.mean(values):.1%} ± {spread:.1%} | {said} |")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="the ways whose names begin so, such as 'crop'")
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(10)))
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
