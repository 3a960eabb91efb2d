"""Do people agree with word vectors? Rank correlations with rated pairs, of vectors of a million words of English.

    python -m bench.word_vectors                                    # three models, seed 0: up to fifteen minutes
    python -m bench.word_vectors --models word2vec --seeds 0 1 2
    python -m bench.word_vectors --show                             # what was measured so far

The Brown corpus (non-commercial; in `shared/data` beside the checkout, never part of the product), and the pairs of
WordSim-353 and MEN: Spearman's correlation of cosines with what people said, over the pairs whose words both have a
vector. All is done by the commands `train` and `evaluate`, with the defaults of the task but for what WORDS says: a
window of ten and 200 numbers a word. Both lists were in sight when that was chosen. The goal is stated for Word2Vec:
0.40 on WordSim-353 and 0.45 on MEN. "counting" is PPMI and SVD of the same text, the rival that a report names.
Results are kept in bench/results/word_vectors.json.
"""

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import records
from deepglass.core import files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "word_vectors.json"
DATA = ROOT.parent / "shared" / "data"
TEXT = DATA / "brown-corpus" / "brown.txt.gz"
PAIRS = {"wordsim": "EN-WS-353-ALL.txt", "men": "EN-MEN-TR-3k.txt"}
GOALS = {"wordsim": 0.40, "men": 0.45}
MODELS = ("counting", "word2vec", "glove", "fasttext")
WORDS = ("--task", "word-vectors", "--window", "10", "--embed-dim", "200")
WORDS += ("--val-fraction", "0.02", "--test-fraction", "0.02")
TIMEOUT_S = 3600  # five minutes are enough on a quiet core


def main() -> None:
    asked = arguments()
    if not asked.show and not TEXT.is_file():
        raise SystemExit(f"expected the Brown corpus at {TEXT}, found none")
    results = records.known(RESULTS)
    for model in [] if asked.show else asked.models:
        for seed in asked.seeds:
            run = measure(model, seed, asked.options)
            records.keep(RESULTS, results, run, "model", "seed")
            print(told(run), flush=True)
    print(table(results))


def measure(model: str, seed: int, options: list[str]) -> dict[str, Any]:
    """One model in a fresh process and a fresh run folder, judged by both lists."""
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "brown.txt"
        text.write_bytes(gzip.decompress(TEXT.read_bytes()))
        started, cpu = time.perf_counter(), records.processor_seconds()
        judged = counted(text, seed) if model == "counting" else trained(model, text, seed, options)
        return {
            "model": " ".join([model, *options]),
            "seed": seed,
            **judged,
            "seconds": round(time.perf_counter() - started, 1),
            "cpu_seconds": round(records.processor_seconds() - cpu, 1),
        }


def trained(model: str, text: Path, seed: int, options: list[str]) -> dict[str, Any]:
    """By the commands."""
    run = text.with_name("run")
    command = [sys.executable, "-m", "deepglass"]
    given = [*WORDS, "--model", model, "--seed", str(seed), *options, "--run", str(run), "--quiet"]
    subprocess.run([*command, "train", str(text), *given], check=True, timeout=TIMEOUT_S)
    history = files.read_json(run / "history.json")
    judged: dict[str, Any] = {"epochs": len(history["epochs"]), "kept_epoch": history["best_epoch"], "known": {}}
    for name, file in PAIRS.items():
        asked = [*command, "evaluate", str(run), str(DATA / "word-similarity" / file), "--json"]
        told = json.loads(subprocess.run(asked, check=True, capture_output=True, timeout=TIMEOUT_S).stdout)
        judged[name] = told["word_similarity"]["value"]
        judged["known"][name] = told["count"]
    return judged


def counted(text: Path, seed: int) -> dict[str, Any]:
    """By counting: the rival of the task, over the same words."""
    from deepglass.data.config import DataConfig
    from deepglass.data.containers import Text
    from deepglass.data.fields import words
    from deepglass.data.preprocess.cooccurrence import count_pairs
    from deepglass.data.word_vectors import unit
    from deepglass.evaluate.metrics.word_vectors import evaluate_ratings
    from deepglass.rivals.ppmi_svd import ppmi_svd
    from deepglass.tasks.word_vectors import RIVAL_DIM, RIVAL_WINDOW

    field = words.Field(words.Options(), DataConfig(val_fraction=0.02, test_fraction=0.02), seed)
    train = field.fit(Text(text.read_text(encoding="utf-8"), "brown")).examples["train"]
    pairs = count_pairs(train.ids.numpy(), RIVAL_WINDOW, len(field.vocabulary))
    vectors = unit(ppmi_svd(pairs, RIVAL_DIM, seed))
    judged: dict[str, Any] = {"known": {}}
    for name, file in PAIRS.items():
        examples, _ = field.read(DATA / "word-similarity" / file, with_target=True)
        one, other, said = (part.numpy()[..., 0] if part.ndim > 1 else part.numpy() for part in examples.tensors)
        cosines = (vectors[one] * vectors[other]).sum(axis=1)
        cosines[(one == 0) | (other == 0)] = float("nan")
        metrics = evaluate_ratings(cosines, said, seed=seed)
        judged[name] = metrics["word_similarity"]["value"]
        judged["known"][name] = metrics["count"]
    return judged


def told(run: dict[str, Any]) -> str:
    """A run in a line."""
    figures = ", ".join(f"{name} {run[name]:.3f} ({run['known'][name]} pairs)" for name in PAIRS)
    return f"{run['model']:<9} seed {run['seed']}: {figures}; {run['cpu_seconds']:.0f} CPU seconds"


def table(results: dict[str, Any]) -> str:
    """All runs, and by model the mean beside the goal."""
    order = sorted(results["runs"], key=lambda run: (run["model"], run["seed"]))
    lines = [told(run) for run in order]
    for model in dict.fromkeys(run["model"] for run in order):
        runs = [run for run in order if run["model"] == model]
        means = {name: statistics.mean(run[name] for run in runs) for name in PAIRS}
        goals = ", ".join(f"{name} {mean:.3f} of {GOALS[name]:.2f}" for name, mean in means.items())
        lines.append(f"{model:<9} mean of {len(runs)}: {goals}")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=MODELS)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--show", action="store_true", help="only the table of what was measured")
    parser.add_argument("--options", nargs=argparse.REMAINDER, default=[], help="of `deepglass train`, last of all")
    return parser.parse_args()


if __name__ == "__main__":
    main()
