"""What is measured where data are of bodies: patients, the letters of DNA.

    python -m bench.life                       # everything; about a quarter of an hour on one core
    python -m bench.life --only motifs --seeds 0

motifs    the bundled DNA, made anew for every seed: which planted motifs the first filters of the motif network hold,
          with wide and with narrow pooling, at which accuracy
splice    splice-junctions, a fifth held out, sequences that occur twice on one side: accuracy
heart     heart-cleveland, disease or not, over five folds: AUC, calibration, and where acting on the risk pays
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import deepglass as dg
from bench import records
from deepglass.core import files
from deepglass.data.datasets import dna
from deepglass.evaluate import calibration, curves, decision_curve
from deepglass.explain import motifs as filters

ROOT = Path(__file__).resolve().parents[1]
RESULTS, DATA = ROOT / "bench" / "results" / "life.json", ROOT.parent / "shared" / "data"
POOLS = {"wide": 25, "narrow": 2}
HELD = 0.9  # likeness from which on a motif counts as found
PLAIN = {"device": "cpu", "precision": "float32", "threads": 1}


def main() -> None:
    """Measure what was asked for; each record is kept as soon as it is there."""
    records.measure_parts(RESULTS, {"motifs": motifs, "splice": splice, "heart": heart}, str(__doc__))


def trained(frame: pd.DataFrame, **options: Any) -> tuple[Any, float]:
    """A run, and the seconds of the processor that it took."""
    began = time.process_time()
    folder = tempfile.mkdtemp()  # read as long as the run is looked at
    run = dg.train(frame, run=str(Path(folder) / "run"), **{**PLAIN, **options})
    return run, round(time.process_time() - began, 1)


def motifs(seed: int) -> Iterator[dict[str, Any]]:
    """Both widths of pooling on the same sequences."""
    frame = dna.sequences(dna.ROWS, seed=seed)
    for name, pool in POOLS.items():
        run, seconds = trained(
            frame[["sequence", "protein"]], target="protein", text_column="sequence", model="motif-cnn", pool=pool,
            seed=seed,
        )  # fmt: skip
        likeness = filters.recovered(found_by(run, frame["sequence"].tolist()), dna.motifs())
        yield {
            "seed": seed, "pooling": name, "pool": pool, "accuracy": round(score(run, "accuracy"), 4),
            "found": float((likeness >= HELD).mean()), "likeness": likeness.round(3).tolist(),
            "cpu_seconds": seconds,
        }  # fmt: skip


def found_by(run: Any, sequences: list[str]) -> list[filters.Found]:
    """The motifs of a run's filters, their letters in the order of `dna.LETTERS`."""
    vocabulary = run.task.vocabulary
    order = [vocabulary.words.index(letter.lower()) for letter in dna.LETTERS]
    tokens = torch.from_numpy(vocabulary.encode(sequences[:2000])).long()
    return [
        filters.Found(one.number, one.motif[:, order], one.count, one.strongest)
        for one in filters.of_filters(run.network, tokens)
    ]


def splice(seed: int) -> Iterator[dict[str, Any]]:
    """One model of three classes; what is the same sequence is never on both sides."""
    lines = (DATA / "splice-junctions" / "splice.data").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split(",")] for line in lines]
    frame = pd.DataFrame({"sequence": [row[2] for row in cells], "label": [row[0] for row in cells]})
    frame["same"] = "s" + frame["sequence"].factorize()[0].astype(str)
    run, seconds = trained(
        frame, target="label", text_column="sequence", group_column="same", model="motif-cnn", places=True, seed=seed,
        **SPLICE,
    )  # fmt: skip
    test = files.read_json(run.path / "metrics.json")["test"]
    yield {
        "seed": seed, "data": "splice-junctions", "accuracy": round(test["accuracy"]["value"], 4),
        "count": test["count"],
        "interval": [round(test["accuracy"][end], 4) for end in ("low", "high")], "cpu_seconds": seconds,
    }  # fmt: skip


SPLICE: dict[str, Any] = {"pool": 3, "filter_width": 9, "weight_decay": 0.05, "dropout": 0.4}


def heart(seed: int) -> Iterator[dict[str, Any]]:
    """Five folds by the default command; the risks of all held-out patients together."""
    table = pd.read_csv(DATA / "heart-cleveland" / "processed.cleveland.data", na_values="?")
    table["disease"] = np.where(table.pop("Target") > 0, "yes", "no")
    order = np.random.default_rng(seed).permutation(len(table))
    risks, seconds = np.empty(len(table)), 0.0
    for fold in range(5):
        rows = order[fold::5]
        split = np.where(np.isin(np.arange(len(table)), rows), "test", "train")
        run, took = trained(table.assign(part=split), target="disease", split_column="part", seed=seed)
        with np.load(run.path / "outputs.npz") as outputs:
            at = run.task.classes.index("yes")
            risks[outputs["ids"]] = outputs["predictions"][:, at]
        seconds += took
    is_case = (table["disease"] == "yes").to_numpy()
    both = np.stack([1 - risks, risks], axis=1)
    bins = calibration.reliability(both, is_case.astype(int), num_bins=10)
    error = sum(bin["count"] * abs(bin["confidence"] - bin["accuracy"]) for bin in bins) / len(risks)
    yield {
        "seed": seed, "data": "heart-cleveland", "accuracy": round(float(((risks > 0.5) == is_case).mean()), 4),
        "roc_auc": round(curves.of_columns(risks[:, None], is_case[:, None], ["yes"])["roc_auc"]["value"], 4),
        "calibration_error": round(float(error), 4),
        "told": round(float(risks.mean()), 4), "happened": round(float(is_case.mean()), 4),
        "useful": decision_curve.curve(risks, is_case)["useful"], "cpu_seconds": round(seconds, 1),
    }  # fmt: skip


def score(run: Any, name: str) -> float:
    """Of the test."""
    return files.read_json(run.path / "metrics.json")["test"][name]["value"]


if __name__ == "__main__":
    main()
