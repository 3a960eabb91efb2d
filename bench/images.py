"""How well and how fast pictures are learnt by the default command, each run in a process of its own.

    python bench/images.py --data ../shared/data --json images.json
    python bench/images.py --only digits fashion-mnist-2m --seeds 0
    python bench/images.py --only cifar10 --models cnn resnet18 --seeds 0

Seconds are of the whole command: starting Python, reading, training, judging and writing the report.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from deepglass.core import environment
from deepglass.core.device import cpu_name


class Work(NamedTuple):
    """One row of the table: the source below the data folder, options, and what must be reached."""

    source: str
    options: list[str]
    accuracy: float | None = None
    seconds: float | None = None


WORK = {
    "digits": Work("digits", [], 0.985, 60),
    "fashion-mnist-2m": Work("fashion-mnist", ["--budget", "2m"], 0.91, 120),
    "fashion-mnist": Work("fashion-mnist", ["--budget", "8m"], 0.93, 480),
    "cifar10": Work("cifar10-images", []),
    "grocery-store": Work("grocery-store", []),
}


def main() -> None:
    arguments = parse_arguments()
    results = [
        measure(name, model, arguments.seeds, arguments.data) for name in arguments.only for model in arguments.models
    ]
    print_table(results)
    if arguments.json:
        content = {"environment": environment.describe(), "results": results}
        arguments.json.write_text(json.dumps(content, indent=2))


def measure(name: str, model: str, seeds: list[int], data: Path) -> dict[str, Any]:
    """Train once a seed; accuracy and seconds of each run, and the baseline."""
    work = WORK[name]
    runs = [train_once(work, model, seed, data) for seed in seeds]
    accuracies, seconds = [run["accuracy"] for run in runs], [run["seconds"] for run in runs]
    return {
        "data": name,
        "model": model,
        "options": work.options,
        "seeds": seeds,
        "accuracy": accuracies,
        "seconds": seconds,
        "epochs": [run["epochs"] for run in runs],
        "baseline": runs[0]["baseline"],
        "goal": {"accuracy": work.accuracy, "seconds": work.seconds},
        "reached": min(accuracies) >= (work.accuracy or 0) and max(seconds) <= (work.seconds or float("inf")),
    }


def train_once(work: Work, model: str, seed: int, data: Path) -> dict[str, Any]:
    """One command in a fresh process and a fresh run folder."""
    source = str(data / work.source) if (data / work.source).exists() else work.source
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = ["train", source, "--task", "image-classification", "--model", model, "--run", str(run)]
        started = time.perf_counter()
        program = [sys.executable, "-m", "deepglass.cli.main", *command, "--seed", str(seed), "--quiet", *work.options]
        subprocess.run(program, check=True)
        seconds = time.perf_counter() - started
        metrics = json.loads((run / "metrics.json").read_text())
        history = json.loads((run / "history.json").read_text())
    return {
        "seconds": round(seconds, 1),
        "accuracy": metrics["test"]["accuracy"]["value"],
        "baseline": metrics["baseline"]["accuracy"]["value"],
        "epochs": len(history["epochs"]),
    }


def print_table(results: list[dict[str, Any]]) -> None:
    """Mean ± spread over seeds, the slowest run, and whether every seed reached the goal."""
    versions = environment.versions(("torch", "numpy"))
    print(f"{cpu_name()}, torch {versions['torch']}, numpy {versions['numpy']}")
    print(f"{'data':20} {'model':10} {'test accuracy':>18} {'baseline':>9} {'epochs':>7} {'seconds':>9}  goal")
    for result in results:
        values, goal = result["accuracy"], result["goal"]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        wanted = f"{goal['accuracy']:.1%} in {goal['seconds']:g} s" if goal["accuracy"] else "none"
        reached = ("reached" if result["reached"] else "MISSED") if goal["accuracy"] else ""
        print(
            f"{result['data']:20} {result['model']:10} {statistics.mean(values):9.2%} ± {spread:6.2%} "
            f"{result['baseline']:9.1%} {max(result['epochs']):7} {max(result['seconds']):9.1f}  {wanted} {reached}"
        )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--only", nargs="+", choices=list(WORK), default=list(WORK))
    parser.add_argument("--models", nargs="+", default=["cnn"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
