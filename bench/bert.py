"""What pre-training on texts without labels is worth: five draws of 500 labelled sentences of SST-2.

    python -m bench.bert                          # pre-trains, then five draws; some 25 CPU minutes
    python -m bench.bert --keep FOLDER            # keeps the pre-trained run there, or takes up the one that it finds
    python -m bench.bert --show                   # the table of what was measured so far

words       the Brown corpus and the training sentences of SST-2, none of their labels: BERT fills gaps in them, eight
            times through all
from words  500 labelled training sentences, drawn by the seed: 450 are learnt from, 50 choose the epoch
from nothing  the same network and settings without the pre-training
counting    TF-IDF and logistic regression on the same 500: strength, pairs of words and rare words are chosen by
            five-fold cross-validation, then all 500 are fitted

The softened labels were chosen on training sentences that no draw holds. The test is that of SST-2, 1,821 sentences.
`lead` is by how much the pre-trained network is ahead of counting, the goal is 0.02. Seconds are those of the
processor. Results are kept in bench/results/bert.json.
"""

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tests import shared_data

from bench import records

RESULTS = Path(__file__).resolve().parent / "results" / "bert.json"
LABELS, CHOOSING, GOAL = 500, 50, 0.02
NETWORK = ["--model", "bert", "--embed-dim", "128", "--num-heads", "2", "--num-layers", "2"]
GAPS = ["--task", "masked-language-modelling", "--mask-share", "0.25", "--threads", "1"]
GAPS += ["--val-fraction", "0.02", "--test-fraction", "0.02"]
READING = ["--min-count", "2", "--max-words", "15000", "--max-length", "48"]
PRETRAINING = [*NETWORK, *READING, "--epochs", "8"]
TUNING = ["--task", "text-classification", "--target", "label", "--split-column", "part", "--threads", "1"]
TUNING += ["--pooling", "mean", "--epochs", "10", "--batch-size", "16", "--learning-rate", "0.0003", "--no-blend"]
TUNING += ["--label-smoothing", "0.2"]  # else the loss of so few rows is least before anything is learnt
GRID = {
    "tfidfvectorizer__ngram_range": [(1, 1), (1, 2)],
    "tfidfvectorizer__min_df": [1, 2],
    "logisticregression__C": [0.3, 1, 3, 10, 30, 100],
}


def main() -> None:
    asked = arguments()
    results = records.known(RESULTS)
    if not asked.show:
        with tempfile.TemporaryDirectory() as name:
            folder = asked.keep or Path(name)
            folder.mkdir(parents=True, exist_ok=True)
            begun = pretrained(folder, asked.data)
            for seed in asked.seeds:
                run = measure(folder, begun, seed, asked.data)
                records.keep(RESULTS, results, run, "seed")
                print(run, flush=True)
    print(table(results))


# -- texts without labels -------------------------------------------------------------------------------------------


def pretrained(folder: Path, data: Path) -> dict[str, Any]:
    """Fill gaps; what that cost, and how well it does. A run that is there is kept."""
    run, record = folder / "words", folder / "words.json"
    if not record.is_file():
        sentences, _ = films("train", data)
        brown = gzip.decompress((data / "brown-corpus" / "brown.txt.gz").read_bytes()).decode().splitlines()
        texts = [*sentences, *(line for line in brown if line.strip())]
        pd.DataFrame({"text": texts}).to_csv(folder / "words.csv", index=False)
        seconds, metrics = trained(folder / "words.csv", run, 0, *GAPS, "--text-column", "text", *PRETRAINING)
        scores = ("gap_accuracy", "gap_perplexity")
        known = {
            part: {score: metrics[part][score]["value"] for score in scores}
            for part in ("test", "baseline", "rival")
            if metrics.get(part)
        }
        record.write_text(json.dumps({"texts": len(texts), "cpu_seconds": seconds, **known}))
    return json.loads(record.read_text())


def trained(source: Path, run: Path, seed: int, *words: str) -> tuple[float, dict[str, Any]]:
    """CPU seconds and scores of one command in a fresh process."""
    before = records.processor_seconds()
    command = [sys.executable, "-m", "deepglass", "train", str(source), "--seed", str(seed), "--run", str(run)]
    subprocess.run([*command, *words, "--quiet"], check=True)
    return records.processor_seconds() - before, json.loads((run / "metrics.json").read_text())


# -- few labels -----------------------------------------------------------------------------------------------------


def measure(folder: Path, begun: dict[str, Any], seed: int, data: Path) -> dict[str, Any]:
    """One draw of labels: the network from its words and from nothing, and counting."""
    (texts, labels), (test, truth) = films("train", data), films("test", data)
    rows = np.random.default_rng(seed).permutation(len(texts))[:LABELS]
    few, said = [texts[row] for row in rows], labels[rows]
    parts = ["train"] * (LABELS - CHOOSING) + ["val"] * CHOOSING + ["test"] * len(test)
    frame = pd.DataFrame({"text": [*few, *test], "label": words(said) + words(truth), "part": parts})
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "few.csv"
        frame.to_csv(source, index=False)
        found = {}
        for about, options in {
            "from words": ["--model", "bert", "--pretrained", str(folder / "words")],
            "from nothing": [*NETWORK, *READING],
        }.items():
            seconds, metrics = trained(source, Path(name) / about.replace(" ", "-"), seed, *TUNING, *options)
            found[about] = {"accuracy": metrics["test"]["accuracy"], "cpu_seconds": round(seconds, 1)}
    found["counting"] = counted(few, said, test, truth)
    lead = found["from words"]["accuracy"]["value"] - found["counting"]["accuracy"]
    return {"seed": seed, "labels": LABELS, "lead": lead, **found, "words": begun}


def words(labels: np.ndarray) -> list[str]:
    """Of the two moods."""
    return ["good" if label else "bad" for label in labels]


def films(part: str, data: Path) -> tuple[list[str], np.ndarray]:
    """Sentences of a part of SST-2 and their labels, 1 for praise."""
    lines = (data / "sst2" / f"{part}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.rsplit("\t", 1) for line in lines]
    return [text for text, _ in rows], np.array([int(label) for _, label in rows])


def counted(few: list[str], said: np.ndarray, test: list[str], truth: np.ndarray) -> dict[str, Any]:
    """The tuned bag of words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True), LogisticRegression(max_iter=2000))
    chosen = GridSearchCV(model, GRID, cv=5).fit(few, said)
    settings = {name.rpartition("__")[2]: value for name, value in chosen.best_params_.items()}
    return {"accuracy": float(chosen.score(test, truth)), **settings}


# -- what is printed ------------------------------------------------------------------------------------------------


def table(results: dict[str, Any]) -> str:
    """Means over the draws, and the lead with its interval."""
    runs = results["runs"]
    if not runs:
        return "nothing was measured yet"
    lines = []
    for about in ("from words", "from nothing"):
        lines.append(f"{about}: {statistics.mean(run[about]['accuracy']['value'] for run in runs):.1%}")
    lines.append(f"counting: {statistics.mean(run['counting']['accuracy'] for run in runs):.1%}")
    leads = [run["lead"] for run in runs]
    spread = f" ± {1.96 * statistics.stdev(leads) / len(leads) ** 0.5:.3f}" if len(leads) > 1 else ""
    lines.append(f"lead over counting: {statistics.mean(leads):+.3f}{spread} in {len(leads)} draws; the goal is {GOAL}")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=shared_data.FOLDER)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
