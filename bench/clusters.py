"""How well clusters of codes recover digits and garments that they were not shown, beside k-means on the pixels.

    python -m bench.clusters                             # digits and fashion-mnist, three seeds
    python -m bench.clusters --only digits --seeds 0 --ways neighbours
    python -m bench.clusters --show                      # the table of what was measured so far

Ten clusters are asked for. The labels are set aside; on the test part they judge, by ARI and NMI. fashion-mnist-5000
learns from the first 5,000 training pictures and is judged on the first 2,000 of the test. The goal there is an ARI of
0.45 in at most five minutes.

Two ways: codes that make the example again (`reconstruction`), and codes that also learn a graph of ten neighbours
(`neighbours`). That pictures are joined by their edges was chosen on the first 5,000 training pictures of
fashion-mnist, with their labels: spectral clusters agreed with these by an ARI of 0.502 (joined by pixels 0.432; by
edges with 15 neighbours 0.499, with 20 also). No label of the judged part chose anything, and digits chose nothing.

Each run is the command in a fresh process; "seconds" are those of the processor, which other work on the machine does
not lengthen. Results are kept in bench/results/clusters.json.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from tests import shared_data

from bench import records
from deepglass.data.reading import idx

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "clusters.json"
SOURCES = ("digits", "fashion-mnist-5000")
WAYS = {"reconstruction": (), "neighbours": ("--neighbours", "10")}
CLUSTERS = 10
LEARNT, JUDGED = 5000, 2000  # garments
GOALS = {"fashion-mnist-5000": 0.45}  # ARI
SECONDS = 300
SCORES = ("adjusted_rand_index", "normalised_mutual_info", "silhouette")


def main() -> None:
    asked = arguments()
    results = records.known(RESULTS)
    for name, way, seed in [] if asked.show else product(asked.only, asked.ways, asked.seeds):
        run = measure(name, way, seed, asked.data)
        records.keep(RESULTS, results, run, "case", "seed")
        print(f"{run['case']}, seed {seed}: {run['scores']} in {run['seconds']:.0f} s", flush=True)
    print(table(results))


def measure(name: str, way: str, seed: int, data: Path) -> dict[str, Any]:
    """One command in a fresh process and a fresh run folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        source = name if name == "digits" else str(garments(data, Path(folder)))
        asked = ["--clusters", str(CLUSTERS), *WAYS[way], "--seed", str(seed)]
        words = [source, "--task", "clustering", *asked, "--run", str(path)]
        before = records.processor_seconds()
        subprocess.run([sys.executable, "-m", "deepglass", "train", *words, "--quiet"], check=True)
        seconds = records.processor_seconds() - before
        metrics = json.loads((path / "metrics.json").read_text())
    found = {
        part: {one: (metrics[part].get(one) or {}).get("value") for one in SCORES}
        for part in ("test", "rival", "baseline")
    }
    ends = [metrics["test"]["adjusted_rand_index"][end] for end in ("low", "high")]
    return {
        "case": f"{name}, {way}", "data": name, "seed": seed,
        "scores": found["test"], "rival": found["rival"], "baseline": found["baseline"],
        "interval": ends, "verdict": metrics["rival"]["verdict"], "count": metrics["test"]["count"],
        "seconds": round(seconds, 1),
    }  # fmt: skip


def garments(data: Path, folder: Path) -> Path:
    """The first pictures of both parts, in one file."""
    read = lambda name: idx.read_idx(data / "fashion-mnist" / f"{name}-ubyte.gz", 3 if "images" in name else 1)  # noqa: E731
    path = folder / "garments.npz"
    np.savez(
        path,
        x_train=read("train-images-idx3")[:LEARNT], y_train=read("train-labels-idx1")[:LEARNT],
        x_test=read("t10k-images-idx3")[:JUDGED], y_test=read("t10k-labels-idx1")[:JUDGED],
    )  # fmt: skip
    return path


def table(results: dict[str, Any]) -> str:
    """A line per source: means over the seeds, ours beside k-means on the pixels."""
    where = results["environment"]
    lines = [
        f"{where['cpu']}, {where['cores']} cores; Python {where['python']}, PyTorch {where['torch']}.",
        "",
        "| data, codes by | n | ARI | k-means on pixels | by lot | NMI | k-means on pixels | goal | reached | s |",
        "|---|--:|--:|--:|--:|--:|--:|--:|---|--:|",
    ]
    for name, way in product(SOURCES, WAYS):
        if runs := [run for run in results["runs"] if run["case"] == f"{name}, {way}"]:
            lines.append(row(name, way, runs))
    return "\n".join(lines)


def row(name: str, way: str, runs: list[dict[str, Any]]) -> str:
    """One line of the table."""

    def mean(part: str, key: str) -> float:
        return statistics.mean(run[part][key] for run in runs)

    ari, goal = [run["scores"]["adjusted_rand_index"] for run in runs], GOALS.get(name)
    spread = f" ± {statistics.stdev(ari):.4f}" if len(runs) > 1 else ""
    cells = [f"{name}, {way}", len(runs), f"{statistics.mean(ari):.4f}{spread}"]
    cells += [f"{mean(part, 'adjusted_rand_index'):.4f}" for part in ("rival", "baseline")]
    cells += [f"{mean(part, 'normalised_mutual_info'):.4f}" for part in ("scores", "rival")]
    seconds = statistics.mean(run["seconds"] for run in runs)
    is_reached = goal is not None and statistics.mean(ari) >= goal and seconds <= SECONDS
    cells += ["", ""] if goal is None else [f"≥ {goal}", "yes" if is_reached else "no"]
    cells.append(f"{seconds:.0f}")
    return f"| {' | '.join(map(str, cells))} |"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=shared_data.FOLDER)
    parser.add_argument("--only", nargs="+", choices=SOURCES, default=SOURCES)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
