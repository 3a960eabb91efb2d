"""What a language model learns beyond counting: perplexity on Shakespeare against the best n-grams, in fixed epochs.

    python -m bench.text                     # three seeds; about ten minutes on two quiet cores
    python -m bench.text --seeds 0
    python -m bench.text --show              # what was measured so far

The bundled plays, in byte pairs; the last twentieth is the test. The rival is the command's own: interpolated, modified
Kneser-Ney estimates over the same tokens, of the order that foretells the validation part best. Epochs are fixed, so
that a slow machine takes longer and finds the same. Results are kept in bench/results/text.json.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.made_with import made_with
from deepglass.core import files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "text.json"
EPOCHS = 8
WORDS = ("shakespeare", "--tokens", "byte-pairs", "--vocab-size", "1024", "--model", "gru", "--context", "64")


def main() -> None:
    asked = arguments()
    results = files.read_json(RESULTS) if RESULTS.exists() else {"runs": []}
    for seed in [] if asked.show else asked.seeds:
        results["environment"] = made_with()
        run = measure(seed)
        results["runs"] = [old for old in results["runs"] if old["seed"] != seed] + [run]
        files.write_json(RESULTS, results)
        print(told(run), flush=True)
    print(table(results))


def measure(seed: int) -> dict[str, Any]:
    """One command in a fresh process and a fresh run folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        words = [*WORDS, "--epochs", str(EPOCHS), "--seed", str(seed), "--run", str(path), "--quiet"]
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "deepglass", "train", *words], check=True)
        seconds = time.perf_counter() - started
        metrics = files.read_json(path / "metrics.json")
    return {
        "seed": seed,
        "epochs": EPOCHS,
        "perplexity": metrics["test"]["perplexity"]["value"],
        "ngrams": {"name": metrics["rival"]["name"], "perplexity": metrics["rival"]["perplexity"]["value"]},
        "frequencies": {"perplexity": metrics["baseline"]["perplexity"]["value"]},
        "bits_per_character": metrics["test"]["bits_per_character"]["value"],
        "seconds": round(seconds, 1),
    }


def told(run: dict[str, Any]) -> str:
    """A run in a line."""
    rival = run["ngrams"]
    return f"seed {run['seed']}: perplexity {run['perplexity']:.2f}, {rival['name']} {rival['perplexity']:.2f}"


def table(results: dict[str, Any]) -> str:
    """All runs, and the mean."""
    runs = sorted(results["runs"], key=lambda run: run["seed"])
    mean = statistics.mean(run["perplexity"] for run in runs) if runs else float("nan")
    return "\n".join([*map(told, runs), f"mean of {len(runs)}: {mean:.2f}"])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--show", action="store_true", help="only the table of what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
