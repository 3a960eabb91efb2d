"""What learning without labels is good for: garments, a linear probe on their features, and ten labels per class.

    python -m bench.self_supervised                              # simclr, three seeds
    python -m bench.self_supervised --methods simclr byol --seeds 0
    python -m bench.self_supervised --show                       # the table of what was measured so far

The first 10,000 training pictures of fashion-mnist are learnt from without labels; the first 2,000 of the test judge.

probe       logistic regression on the features, fitted on 4,000 training pictures with labels: of the network that
            learnt, of the same network before, of the pixels, and of patches found by k-means (Coates et al. 2011)
ten labels  ten pictures per class and nothing else with a label: the same network from the beginning, and from the
            run's weights, with all weights or the head alone; the first command is the default training

Seconds are those of the processor, which other work on the machine does not lengthen. Results are kept in
bench/results/self_supervised.json.

Coates, Ng & Lee (2011), An Analysis of Single-Layer Networks in Unsupervised Feature Learning,
https://proceedings.mlr.press/v15/coates11a.html
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tests import shared_data

from bench import records
from deepglass.data.reading import idx
from deepglass.rivals import linear_probe

RESULTS = Path(__file__).resolve().parent / "results" / "self_supervised.json"
LEARNT, JUDGED, LABELS = 10_000, 2_000, 10
NETWORK = ["--model", "cnn", "--stem-stride", "2", "--num-stages", "2", "--threads", "1"]
VIEWS = {"simclr": "zoom,flip,erase", "byol": "zoom,flip,erase", "mae": "flip"}
FEW = {  # the same few labels
    "from nothing": ["--no-blend"],
    "from the run": [],
    "from the run, its head alone": ["--freeze", "all", "--epochs", "300", "--learning-rate", "0.01"],
}
SIDE, WORDS = 6, 200  # of k-means: the patches, and how many centres
GOALS = {"probe": 0.04, "few": 0.05}  # over the untrained network, and over learning from nothing


def main() -> None:
    asked = arguments()
    results = records.known(RESULTS)
    for method in [] if asked.show else asked.methods:
        for seed in asked.seeds:
            run = measure(method, seed, asked.epochs, asked.data)
            records.keep(RESULTS, results, run, "method", "epochs", "seed")
            print(run, flush=True)
    print(table(results))


def measure(method: str, seed: int, epochs: int, data: Path) -> dict[str, Any]:
    """One seed: a training without labels, what is read off its features, and three trainings with few labels."""
    parts = garments(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        learnt, few = folder / "learnt.npz", folder / "few.npz"
        np.savez(learnt, **parts)
        np.savez(few, **parts | few_of(parts, seed))
        told = ["--task", "self-supervised", "--method", method, "--epochs", str(epochs), "--augment", VIEWS[method]]
        seconds, metrics = trained(learnt, folder / "run", seed, *NETWORK, *told)
        with_few = {}
        for about, options in FEW.items():
            begun = NETWORK if about == "from nothing" else ["--pretrained", str(folder / "run"), "--threads", "1"]
            spent, found = trained(few, folder / about.replace(" ", "-"), seed, *begun, *options)
            with_few[about] = {"accuracy": found["test"]["accuracy"], "cpu_seconds": spent}
    before = records.processor_seconds()
    patches = of_patches(parts, seed)
    names = {"test": "learnt", "baseline": "before it learnt", "rival": "pixels"}
    return {
        "method": method, "epochs": epochs, "seed": seed, "cpu_seconds": seconds,
        "probe": {said: metrics[part]["probe_accuracy"] for part, said in names.items()}
        | {"k-means patches": {"value": patches, "cpu_seconds": records.processor_seconds() - before}},
        "spread": metrics["test"]["spread_of_codes"]["value"], "few": with_few, "count": metrics["test"]["count"],
    }  # fmt: skip


def trained(source: Path, run: Path, seed: int, *words: str) -> tuple[float, dict[str, Any]]:
    """CPU seconds and scores of one command in a fresh process."""
    before = records.processor_seconds()
    command = [sys.executable, "-m", "deepglass", "train", str(source), "--seed", str(seed), "--run", str(run)]
    subprocess.run([*command, *words, "--quiet"], check=True)
    return records.processor_seconds() - before, json.loads((run / "metrics.json").read_text())


def garments(data: Path) -> dict[str, np.ndarray]:
    """The first pictures of both parts."""

    def read(part: str, what: str) -> np.ndarray:
        kind, dimensions = ("images-idx3", 3) if what == "x" else ("labels-idx1", 1)
        return idx.read_idx(data / "fashion-mnist" / f"{part}-{kind}-ubyte.gz", dimensions)

    sizes = {"train": ("train", LEARNT), "test": ("t10k", JUDGED)}
    return {f"{what}_{name}": read(part, what)[:count] for name, (part, count) in sizes.items() for what in "xy"}


def few_of(parts: dict[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    """Ten training pictures per class, drawn by the seed."""
    order, y = np.random.default_rng(seed).permutation(LEARNT), parts["y_train"]
    rows = np.concatenate([order[y[order] == label][:LABELS] for label in np.unique(y)])
    return {"x_train": parts["x_train"][rows], "y_train": y[rows]}


# -- k-means patches ------------------------------------------------------------------------------------------------


def of_patches(parts: dict[str, np.ndarray], seed: int) -> float:
    """Accuracy of the probe on how near the patches of a quarter lie to each centre."""
    from sklearn.cluster import MiniBatchKMeans

    rng = np.random.default_rng(seed)
    train, test = (parts[f"x_{name}"].astype(np.float32) for name in ("train", "test"))
    some = patches_of(train[rng.permutation(LEARNT)[:500]]).reshape(-1, SIDE * SIDE)
    drawn = contrasted(some[rng.permutation(len(some))[:50_000]])
    mean, whiten = drawn.mean(axis=0), whitening(drawn)
    k_means = MiniBatchKMeans(WORDS, random_state=seed, n_init=1).fit((drawn - mean) @ whiten)
    centres = k_means.cluster_centers_.astype(np.float32)
    kept = np.linspace(0, LEARNT - 1, linear_probe.MOST_ROWS + 1_000).astype(int)
    coded = [quarters(pictures, mean, whiten, centres) for pictures in (train[kept], test)]
    y, cut = parts["y_train"][kept].astype(int), linear_probe.MOST_ROWS
    probe = linear_probe.fit((coded[0][:cut], y[:cut]), (coded[0][cut:], y[cut:]), 10)
    assert probe is not None
    return float((probe(coded[1]).argmax(axis=1) == parts["y_test"]).mean())


def patches_of(pictures: np.ndarray) -> np.ndarray:
    """(N, h, w, SIDE²) every patch of pictures (N, H, W)."""
    windows = np.lib.stride_tricks.sliding_window_view(pictures, (SIDE, SIDE), axis=(1, 2))
    return windows.reshape(*windows.shape[:3], SIDE * SIDE)


def contrasted(patches: np.ndarray) -> np.ndarray:
    """Each patch with mean 0 and deviation 1, as far as it has any (10 is added to its variance)."""
    centred = patches - patches.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(centred.var(axis=-1, keepdims=True) + 10)


def whitening(rows: np.ndarray) -> np.ndarray:
    """(D, D) that takes the correlations out of rows (N, D) (ZCA)."""
    values, vectors = np.linalg.eigh(np.cov(rows.T))
    return ((vectors / np.sqrt(values + 0.1)) @ vectors.T).astype(np.float32)


def quarters(pictures: np.ndarray, mean: np.ndarray, whiten: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(N, 4·K) "triangle" codes max(0, mean distance − distance), summed over each quarter."""
    found = []
    for few in np.array_split(pictures, max(1, len(pictures) // 100)):
        rows = (contrasted(patches_of(few)) - mean) @ whiten  # (n, h, w, SIDE²)
        squared = (rows**2).sum(-1, keepdims=True) - 2 * rows @ centres.T + (centres**2).sum(1)
        away = np.sqrt(np.maximum(squared, 0))  # (n, h, w, K)
        near = np.maximum(away.mean(-1, keepdims=True) - away, 0)
        h, w = near.shape[1] // 2, near.shape[2] // 2
        parts = [near[:, y, x].sum(axis=(1, 2)) for y in (slice(h), slice(h, None)) for x in (slice(w), slice(w, None))]
        found.append(np.concatenate(parts, axis=1))
    return np.concatenate(found)


# -- what is printed ------------------------------------------------------------------------------------------------


def table(results: dict[str, Any]) -> str:
    """A line for each method: means over the seeds."""
    if not results["runs"]:
        return "nothing was measured yet"
    where = results["environment"]
    lines = [f"{where['cpu']}, {where['cores']} cores; Python {where['python']}, PyTorch {where['torch']}.", ""]
    for method, epochs in sorted({(run["method"], run["epochs"]) for run in results["runs"]}):
        runs = [run for run in results["runs"] if (run["method"], run["epochs"]) == (method, epochs)]
        lines.append(f"{method}, {epochs} epochs, n = {len(runs)}, {mean(runs, 'cpu_seconds'):.0f} CPU s")
        lines += [f"  probe on {name}: {mean(runs, 'probe', name, 'value'):.1%}" for name in runs[0]["probe"]]
        lines += [f"  ten labels, {name}: {mean(runs, 'few', name, 'accuracy', 'value'):.1%}" for name in FEW]
    return "\n".join(lines)


def mean(runs: list[dict[str, Any]], *path: str) -> float:
    """Of a number that lies under these names."""
    found: list[Any] = runs
    for name in path:
        found = [one[name] for one in found]
    return statistics.mean(found)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=shared_data.FOLDER)
    parser.add_argument("--methods", nargs="+", choices=VIEWS, default=["simclr"])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
