"""What links are worth: classes of nodes by a graph network, by links alone, by what is known of a node alone.

    python -m bench.graphs                         # ten seeds of Cora; about five minutes on one core
    python -m bench.graphs --only bundled --seeds 0

cora       2,708 papers of seven fields, their words and 5,278 citations; the public split of 140, 500 and 1,000
bundled    the karate club and the generated papers, by the default command
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import deepglass as dg
from bench import records
from deepglass.core import files
from deepglass.data.containers import Table

ROOT = Path(__file__).resolve().parents[1]
RESULTS, DATA = ROOT / "bench" / "results" / "graphs.json", ROOT.parent / "shared" / "data"
PLAIN = {"device": "cpu", "precision": "float32", "threads": 1}


def main() -> None:
    """Measure what was asked for; each record is kept as soon as it is there."""
    records.measure_parts(RESULTS, {"cora": cora, "bundled": bundled}, str(__doc__))


def cora(seed: int) -> Iterator[dict[str, Any]]:
    """The public split, by the default command."""
    yield {"data": "cora"} | measured(citations(), seed)


def bundled(seed: int) -> Iterator[dict[str, Any]]:
    """The graphs that come along."""
    for name in ("karate-club", "paper-citations"):
        yield {"data": name} | measured(name, seed)


def citations() -> Table:
    """Cora as a table: a paper, its words, the papers it is linked with, its field; the public split."""
    with np.load(DATA / "graphs" / "cora.npz") as kept:
        found = {name: kept[name] for name in kept.files}
    words = pd.Series(found["feature_col"]).astype(str).radd("w").groupby(found["feature_row"]).agg(" ".join)
    links = pd.Series(found["edges"][:, 1]).astype(str).groupby(found["edges"][:, 0]).agg("; ".join)
    papers = np.arange(len(found["labels"]))
    frame = pd.DataFrame(
        {
            "paper": papers.astype(str),
            "text": words.reindex(papers).to_numpy(),
            "neighbours": links.reindex(papers).to_numpy(),
            "field": [f"field {label}" for label in found["labels"]],
        }
    )
    splits = {part: found[f"{part}_index"] for part in ("train", "val", "test")}
    return Table(frame, "cora", splits, target="field", task="node-classification", licence="none stated")


def measured(source: Any, seed: int) -> dict[str, Any]:
    """Accuracy on the test nodes, beside the better simple model and the most frequent class."""
    began = time.process_time()
    run = dg.train(source, run=str(Path(tempfile.mkdtemp()) / "run"), seed=seed, **PLAIN)
    found = files.read_json(run.path / "metrics.json")
    told = {name: round(found[name]["accuracy"]["value"], 4) for name in ("test", "rival", "baseline")}
    return {
        "seed": seed, "count": found["test"]["count"], "accuracy": told["test"], "rival": found["rival"]["name"],
        "rival_accuracy": told["rival"], "baseline_accuracy": told["baseline"],
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


if __name__ == "__main__":
    main()
