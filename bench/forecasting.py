"""How well series are forecast by the default command, beside the seasonal naive forecast and the paper.

ETTh1 is run by the standard protocol: horizon 96, all seven variables, 12, 4 and 4 months of 30 days, standardised with
the training part (Zeng et al. 2023 report 0.375 and 0.399 for DLinear). The other series are run with no option at all.

    python bench/forecasting.py --data ../shared/data --json forecasting.json
    python bench/forecasting.py --models dlinear lstm gru patch-transformer --seeds 0 --only ett-h1
"""

import argparse
import json
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from deepglass.api.train import train
from deepglass.core import environment

ETT = {"horizon": 96, "splits": "360d,120d,120d"}
WORK: dict[str, tuple[str, dict[str, Any], dict[str, float]]] = {  # file, options, goals
    "ett-h1": ("ett-h1/ETTh1.csv", ETT, {"mse_standardized": 0.385, "mae_standardized": 0.40}),
    "daily-min-temperatures": ("daily-min-temperatures/daily-min-temperatures.csv", {}, {"mase": 1.0}),
    "airline-passengers": ("airline-passengers/airline-passengers.csv", {}, {"mase": 1.0}),
}
SHOWN = ("mse_standardized", "mae_standardized", "mase", "mae")


def main() -> None:
    arguments = parse_arguments()
    results = [
        measure(name, model, arguments.seeds, arguments.data) for name in arguments.only for model in arguments.models
    ]
    print_table(results)
    if arguments.json:
        arguments.json.write_text(json.dumps({"environment": environment.describe(), "results": results}, indent=2))


def measure(name: str, model: str, seeds: list[int], data: Path) -> dict[str, Any]:
    """Train once a seed; the scores of each run, the seconds, and the baseline."""
    file, options, goals = WORK[name]
    scores: dict[str, list[float]] = {score: [] for score in SHOWN}
    seconds, baseline = [], {}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            run = train(str(data / file), task="forecasting", model=model, run=f"{folder}/run", seed=seed, **options)
            seconds.append(time.perf_counter() - started)
            test, baseline = run.metrics["test"], run.metrics["baseline"]
        for score in SHOWN:
            scores[score].append(test[score]["value"])
    return {
        "data": name,
        "model": model,
        "seeds": seeds,
        "scores": scores,
        "seconds": seconds,
        "baseline": {"name": baseline["name"], **{score: baseline[score]["value"] for score in SHOWN}},
        "goals": goals,
        "reached": {score: max(scores[score]) <= goal for score, goal in goals.items()},
    }


def print_table(results: list[dict[str, Any]]) -> None:
    """Mean ± spread over seeds, the baseline in brackets, and whether every seed reached the goal."""
    versions = environment.versions(("torch", "numpy"))
    print(f"{platform.processor() or platform.machine()}, torch {versions['torch']}, numpy {versions['numpy']}")
    print(f"{'data':24} {'model':18} " + " ".join(f"{score:>24}" for score in SHOWN) + f" {'seconds':>9}  goals")
    for result in results:
        cells = [_cell(result["scores"][score], result["baseline"][score]) for score in SHOWN]
        reached = ", ".join(
            f"{score} ≤ {goal:g} {'reached' if result['reached'][score] else 'MISSED'}"
            for score, goal in result["goals"].items()
        )
        seconds = statistics.mean(result["seconds"])
        print(
            f"{result['data']:24} {result['model']:18} {' '.join(f'{c:>24}' for c in cells)} {seconds:9.1f}  {reached}"
        )


def _cell(values: list[float], baseline: float) -> str:
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.4f} ± {spread:.4f} ({baseline:.3f})"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--only", nargs="+", choices=list(WORK), default=list(WORK))
    parser.add_argument("--models", nargs="+", default=["dlinear"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
