"""How good made pictures are: the bundled 8x8 digits by the default generator of pictures, three seeds.

    python -m bench.generation
    python -m bench.generation --seeds 0

Negative ELBO of the test pictures in nats, beside independent pixels and a mixture of Bernoullis on the same pictures.
A judge that is not ours, scikit-learn's nearest neighbours, knows the training pictures of the run and is asked about
1,000 samples. It recognises one if its three nearest pictures are the same digit, and no farther than those of 95 % of
the unseen real pictures. Beside it the same share of unseen real pictures (the most that can be hoped for), and of
pictures of independent pixels (what luck reaches). Samples are made inked or blank, as real pictures are, at one half.
"digits" counts which of the ten are recognised in at least 2 % of all samples. Goals: 75 % of the nats of independent
pixels; 75 % of the share of real pictures recognised; all ten digits.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

import deepglass as dg
from bench import records
from deepglass.core import label_pictures
from deepglass.core.console import console
from deepglass.data.datasets import digits
from deepglass.rivals import bernoulli_mixture

RESULTS = Path(__file__).resolve().parent / "results" / "generation.json"
SAMPLES, NEIGHBOURS, NEAR, FEWEST = 1000, 3, 0.95, 0.02
MIDDLE = 127.5  # of brightness


def main() -> None:
    """Measure every seed; each is kept as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    asked, kept = parser.parse_args(), records.known(RESULTS)
    console.mode = "quiet"
    for seed in asked.seeds:
        record = measure(seed)
        print(record, flush=True)
        records.keep(RESULTS, kept, record, "seed")


def measure(seed: int) -> dict[str, Any]:
    """One training, its samples, and the judge."""
    with tempfile.TemporaryDirectory() as folder:
        started, spent = time.perf_counter(), time.process_time()
        run = dg.train("digits", task="generation", seed=seed, run=Path(folder) / "run", threads=1)
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - spent
        metrics = run.metrics
        made = np.stack(
            [
                label_pictures.from_uri(one["picture"]).reshape(-1).astype(float)
                for one in run.generate(count=SAMPLES, seed=seed)
            ]
        )
        test = run.folder.read_outputs()["ids"]
    data = digits.load()
    rows, labels = inked(data.pixels.reshape(len(data), -1)), data.labels  # type: ignore[union-attr]
    learnt = np.setdiff1d(np.arange(len(rows)), test)
    judge = KNeighborsClassifier(NEIGHBOURS).fit(rows[learnt], labels[learnt])
    farthest = float(np.quantile(judge.kneighbors(rows[test])[0][:, -1], NEAR))
    alone = np.random.default_rng(seed).random((SAMPLES, rows.shape[1])) < bernoulli_mixture.fit(rows[learnt], 1).inked
    is_known = recognised(judge, inked(made), farthest)
    shares = np.bincount(judge.predict(inked(made))[is_known], minlength=10) / SAMPLES
    parts = ("negative_elbo", "reconstruction", "kl")
    return {
        "data": "digits",
        "seed": seed,
        "model": run.config["model"],
        "scores": {name: metrics["test"][name]["value"] for name in parts},
        "baseline": {"negative_elbo": metrics["baseline"]["negative_elbo"]["value"]},
        "rival": {"name": metrics["rival"]["name"], "negative_elbo": metrics["rival"]["negative_elbo"]["value"]},
        "judge_accuracy": float((judge.predict(rows[test]) == labels[test]).mean()),
        "recognised": {
            "samples": float(is_known.mean()),
            "real": float(recognised(judge, rows[test], farthest).mean()),
            "independent_pixels": float(recognised(judge, alone.astype(float), farthest).mean()),
        },
        "digits": int((shares >= FEWEST).sum()),
        "nearest": metrics["test"]["details"]["nearest"],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
    }


def recognised(judge: KNeighborsClassifier, pictures: np.ndarray, farthest: float) -> np.ndarray:
    """(N,) whether the nearest pictures are one digit, and near."""
    is_one = judge.predict_proba(pictures).max(axis=1) == 1
    return is_one & (judge.kneighbors(pictures)[0][:, -1] <= farthest)


def inked(pixels: np.ndarray) -> np.ndarray:
    """Zeros and ones, as networks are given them."""
    return (pixels > MIDDLE).astype(float)


if __name__ == "__main__":
    main()
