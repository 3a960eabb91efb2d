"""How well what does not belong is found: garments one against the rest, and windows of real streams.

    python -m bench.anomalies                            # ten garments, four streams, three seeds; hours on two cores
    python -m bench.anomalies --only fashion-mnist-7 nyc_taxi --seeds 0
    python -m bench.anomalies --show                     # the table of what was measured so far

fashion-mnist-K learns the 6,000 training pictures of class K alone and is judged on all 10,000 test pictures, in which
the other nine classes are anomalous (Ruff et al., 2018, Deep One-Class Classification). The goal is a mean ROC AUC of
0.93 over the ten.

A stream of the Numenta Anomaly Benchmark becomes windows of 48 values in a row, anomalous where the last of them lies
in a labelled window of time. The first 35 % train, the next 15 % set the threshold (the anomalous ones among them left
out), the rest is judged point by point. "adjusted" is the F1 in which one alarm within a labelled stretch counts for
all of it: it is only shown beside that of scores drawn at random, at their best threshold both, because random scores
do well by it (Kim et al., 2022, https://arxiv.org/abs/2109.05257). Windows overlap: intervals would be too narrow, and
none is shown.

Each run is the command in a fresh process; results are kept in bench/results/anomalies.json.
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

import numpy as np
import pandas as pd

from bench import records

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "anomalies.json"
GARMENTS = {f"fashion-mnist-{label}": str(label) for label in range(10)}
STREAMS = (
    "machine_temperature_system_failure", "nyc_taxi", "ambient_temperature_system_failure",
    "ec2_request_latency_system_failure",
)  # fmt: skip
WINDOW, TRAINS, CHOOSES = 48, 0.35, 0.5  # values; where training and validation end, as shares of the stream
RANDOM_DRAWS = 20
GOAL = 0.93  # mean ROC AUC of the garments


def main() -> None:
    asked = arguments()
    results = records.known(RESULTS)
    for name in [] if asked.show else asked.only:
        for seed in asked.seeds:
            run = measure(name, seed, asked.data)
            records.keep(RESULTS, results, run, "data", "seed")
            print(f"{name}, seed {seed}: {run['scores']} in {run['seconds']:.0f} s", flush=True)
    print(table(results))


def measure(name: str, seed: int, data: Path) -> dict[str, Any]:
    """One command in a fresh process and a fresh run folder."""
    with tempfile.TemporaryDirectory() as folder:
        path, is_garment = Path(folder) / "run", name in GARMENTS
        source = str(data / "fashion-mnist") if is_garment else str(windows_of(data, name, Path(folder)))
        own = ("--normal", GARMENTS[name]) if is_garment else ("--target", "state", "--split-column", "part")
        words = [source, "--task", "anomaly-detection", *own, "--seed", str(seed), "--run", str(path), "--quiet"]
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "deepglass", "train", *words], check=True)
        seconds = time.perf_counter() - started
        metrics = json.loads((path / "metrics.json").read_text())
        with np.load(path / "outputs.npz") as arrays:
            scores, truth = arrays["predictions"], arrays["targets"]
    names = ("roc_auc", "average_precision", "false_alarms", "anomaly_recall", "anomaly_precision")
    found = {
        part: {one: (metrics[part].get(one) or {}).get("value") for one in names}
        for part in ("test", "rival", "baseline")
        if part in metrics
    }
    adjusted = {} if is_garment else {"adjusted": best_adjusted(scores, truth), "by_chance": by_chance(truth, seed)}
    return {
        "data": name, "kind": "garment" if is_garment else "stream", "seed": seed, "scores": found["test"] | adjusted,
        "rival": found.get("rival"), "baseline": found["baseline"], "promised": metrics["test"]["details"]["promised"],
        "count": metrics["test"]["count"], "seconds": round(seconds, 1),
    }  # fmt: skip


def windows_of(data: Path, name: str, folder: Path) -> Path:
    """A table of windows: 48 values each, the state of the last of them, and the part that the row is of."""
    nab = data / "nab-anomaly"
    frame = pd.read_csv(nab / "realKnownCause" / f"{name}.csv", parse_dates=["timestamp"])
    stretches = json.loads((nab / "labels" / "combined_windows.json").read_text())[f"realKnownCause/{name}.csv"]
    is_odd = np.zeros(len(frame), bool)
    for begin, end in stretches:
        is_odd |= frame["timestamp"].between(pd.Timestamp(begin), pd.Timestamp(end)).to_numpy()
    values = np.lib.stride_tricks.sliding_window_view(frame["value"].to_numpy(), WINDOW)
    rows = pd.DataFrame(values, columns=[f"value_{WINDOW - i}" for i in range(WINDOW)])
    last = np.arange(len(rows)) / len(rows)
    rows["state"] = np.where(is_odd[WINDOW - 1 :], "anomalous", "normal")
    rows["part"] = np.select([last < TRAINS, last < CHOOSES], ["train", "val"], "test")
    path = folder / f"{name}.csv"
    rows.to_csv(path, index=False)
    return path


def best_adjusted(scores: np.ndarray, truth: np.ndarray) -> float:
    """The point-adjusted F1 at its best threshold: a stretch that is hit once counts as found in full."""
    odd = truth == 1
    stretch = np.where(odd, np.cumsum(np.diff(odd, prepend=False) & odd), 0)
    tops = {number: scores[stretch == number].max() for number in np.unique(stretch[odd])}
    lifted = np.where(odd, [tops.get(number, 0.0) for number in stretch], scores)
    order = np.argsort(-lifted, kind="stable")
    hits = np.cumsum(odd[order])
    f1 = 2 * hits / (np.arange(1, len(odd) + 1) + odd.sum())
    ends = np.append(np.diff(lifted[order]) != 0, True)  # equal scores are above a threshold together
    return float(f1[ends].max())


def by_chance(truth: np.ndarray, seed: int) -> float:
    """The same of scores drawn at random, on average."""
    rng = np.random.default_rng(seed)
    return statistics.mean(best_adjusted(rng.random(len(truth)), truth) for _ in range(RANDOM_DRAWS))


def table(results: dict[str, Any]) -> str:
    """A line per source: means over the seeds, ours beside an isolation forest's."""
    where = results["environment"]
    lines = [
        f"{where['cpu']}, {where['cores']} cores; Python {where['python']}, PyTorch {where['torch']}.",
        "",
        "| data | n | ROC AUC | isolation forest | average precision | isolation forest | promised | kept "
        "| adjusted F1 | by chance | seconds |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    runs = results["runs"]
    for name in [name for name in (*GARMENTS, *STREAMS) if any(run["data"] == name for run in runs)]:
        lines.append(row(name, [run for run in runs if run["data"] == name]))
    garments = [run["scores"]["roc_auc"] for run in runs if run["kind"] == "garment"]
    done = {run["data"] for run in runs if run["kind"] == "garment"}
    if garments:
        mean = f"{statistics.mean(garments):.4f} (goal of all ten {GOAL})"
        lines += ["", f"Mean ROC AUC of {len(done)} of 10 garments: {mean}."]
    return "\n".join(lines)


def row(name: str, runs: list[dict[str, Any]]) -> str:
    """One line of the table."""

    def mean(part: str, key: str) -> float:
        return statistics.mean(run[part][key] for run in runs)

    cells = [name, len(runs), f"{mean('scores', 'roc_auc'):.4f}{spread(runs)}", f"{mean('rival', 'roc_auc'):.4f}"]
    cells += [f"{mean(part, 'average_precision'):.4f}" for part in ("scores", "rival")]
    cells += [f"{statistics.mean(run['promised'] for run in runs):.1%}", f"{mean('scores', 'false_alarms'):.1%}"]
    cells += [f"{mean('scores', key):.3f}" if key in runs[0]["scores"] else "" for key in ("adjusted", "by_chance")]
    cells.append(f"{statistics.mean(run['seconds'] for run in runs):.0f}")
    return f"| {' | '.join(map(str, cells))} |"


def spread(runs: list[dict[str, Any]]) -> str:
    """Between seeds."""
    return f" ± {statistics.stdev(run['scores']['roc_auc'] for run in runs):.4f}" if len(runs) > 1 else ""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", nargs="+", choices=[*GARMENTS, *STREAMS], default=[*GARMENTS, *STREAMS])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
