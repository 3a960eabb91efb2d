"""Translation: BLEU of held-out sentences, on the bundled pairs and on multi30k, as sacrebleu counts it.

    python -m bench.translation                                       # the bundled pairs, one seed
    python -m bench.translation --data multi30k-en-de --budget 15m    # English to German, test_2016_flickr
    python -m bench.translation --show                                # what was measured so far

multi30k is what its papers use: 29,000 pairs to learn from, 1,014 to choose by, 1,000 to test. Scores are cased, the
words those of 13a: published figures of about 41 are lower-cased and tokenised. Seconds are the processor's, of the
whole command: reading, training, judging, report. Results are kept in bench/results/translation.json.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import deepglass as dg
from bench import records
from deepglass.core.console import console
from deepglass.data.datasets import english_german

RESULTS = Path(__file__).resolve().parent / "results" / "translation.json"
BUNDLED = "english-german"
GOAL = {BUNDLED: 90.0, "multi30k-en-de": 30.0}  # of multi30k in 15 minutes; 35 in an hour, 39 is the aim


def main() -> None:
    asked = arguments()
    results = records.known(RESULTS)
    for seed in [] if asked.show else asked.seeds:
        records.keep(RESULTS, results, measure(asked, seed), "data", "model", "seed")
    for run in results["runs"]:
        print(
            f"{run['data']}, {run['model']}, seed {run['seed']}: BLEU {run['bleu']:.2f} greedy, "
            f"{run['beam']['bleu']:.2f} with a beam of {run['beam']['width']} (goal {GOAL.get(run['data'], 0):g}); "
            f"{run['epochs']} epochs, "
            f"{run['cpu_seconds']:.0f} CPU s; {run['signature']}"
        )


def measure(asked: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One training in a fresh process, and its test sentences, greedily and with a beam."""
    import sacrebleu

    is_bundled = asked.data == BUNDLED
    source = BUNDLED if is_bundled else str(asked.shared / asked.data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        words = ["--task", "translation", "--model", asked.model, "--seed", str(seed), "--run", str(path)]
        words += ["--threads", "1", "--quiet", *(() if is_bundled else ("--target", "de", "--text-column", "en"))]
        words += [
            word for name in ("epochs", "budget") if (value := getattr(asked, name)) for word in (f"--{name}", value)
        ]
        before = records.processor_seconds()
        subprocess.run([sys.executable, "-m", "deepglass", "train", source, *words, *asked.more], check=True)
        seconds = records.processor_seconds() - before
        console.mode = "quiet"
        run = dg.load(path)
        task, own, outputs = run.task, run.metrics, run.folder.read_outputs()
        frame = english_german.load().frame if is_bundled else task.open(source, with_target=True).frame
        rows = frame.iloc[outputs["ids"]]
        sources, true = rows[task.text_column].tolist(), rows[task.target].tolist()
        metric = sacrebleu.metrics.BLEU()
        greedy = [one["sentence"] for one in run.translate(sources)]
        beam = [one["sentence"] for one in run.translate(sources, beam=asked.beam)]
        score = metric.corpus_score(greedy, [true]).score
        return {
            "data": asked.data,
            "model": asked.model,
            "seed": seed,
            "epochs": len(run.history),
            "parameters": sum(parameter.numel() for parameter in run.network.parameters()),
            "precision": run.config["train"]["precision"],
            "cpu_seconds": seconds,
            "test_sentences": len(true),
            "bleu": score,
            "own_bleu": own["test"]["bleu"],
            "chrf": own["test"]["chrf"]["value"],
            "beam": {"width": asked.beam, "bleu": metric.corpus_score(beam, [true]).score},
            "empty": sum(not text.strip() for text in greedy + beam),
            "baseline": own["baseline"]["bleu"]["value"],
            "word_by_word": (own.get("rival") or {}).get("bleu", {}).get("value"),
            "signature": str(metric.get_signature()),
        }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--data", default=BUNDLED, help="english-german, or a folder of --shared")
    parser.add_argument("--model", default="transformer")
    parser.add_argument("--epochs", default=None)
    parser.add_argument("--budget", default=None, help="such as 15m")
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--shared", type=Path, default=RESULTS.parents[3] / "shared" / "data")
    parser.add_argument("--show", action="store_true", help="only print what was measured")
    parser.add_argument("more", nargs="*", help="further words for deepglass train, behind --")
    return parser.parse_args()


if __name__ == "__main__":
    main()
