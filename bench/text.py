"""How well texts are learnt by the default command, each run in a process of its own.

sst2 is judged on its own test split. tiny-shakespeare is judged on its last tenth, as is usual: the first half of it
chose the best epoch (validation), the second half did not (test); "loss" is that of both together, in nats a character.

    python bench/text.py --data ../shared/data --json text.json
    python bench/text.py --only sst2 --models bag-of-ngrams lstm gru rnn transformer-encoder
    python bench/text.py --only tiny-shakespeare --seeds 0

Seconds are of the whole command: starting Python, reading, training, judging and writing the report.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from deepglass.core import environment


class Work(NamedTuple):
    """One row of the table: where the data lie below --data, the score, and what must be reached in how long."""

    source: str
    task: str
    score: str
    goal: float
    seconds: float
    options: tuple[str, ...] = ()


WORK = {
    "sst2": Work("sst2", "text-classification", "accuracy", 0.80, 300),
    "tiny-shakespeare": Work("tiny-shakespeare/input.txt", "language-modelling", "loss", 1.70, 900, ("--budget", "8m")),
}
DEFAULT_MODELS = {"text-classification": "bag-of-ngrams", "language-modelling": "gpt"}


def main() -> None:
    arguments = parse_arguments()
    hardware = environment.describe()
    print(f"{hardware['cpu']}, {os.cpu_count()} cores, torch {hardware['torch']}, seeds {arguments.seeds}")
    print(
        f"{'data':18} {'model':20} {'score':>9} {'mean ± spread':>18} {'worst':>8} {'baseline':>9} {'seconds':>8}  goal"
    )
    results = []
    for name in arguments.only:
        for model in arguments.models or [DEFAULT_MODELS[WORK[name].task]]:
            results.append(measure(name, WORK[name], model, arguments.seeds, arguments.data))
            print(row_of(results[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"environment": hardware, "results": results}, indent=2))


def measure(name: str, work: Work, model: str, seeds: list[int], data: Path) -> dict[str, Any]:
    """Train once a seed; score and seconds of each run, and the baseline."""
    runs = [train_once(work, model, seed, data) for seed in seeds]
    scores, seconds = [run["score"] for run in runs], [run["seconds"] for run in runs]
    is_loss = work.score == "loss"
    worst = max(scores) if is_loss else min(scores)
    reached = (worst <= work.goal if is_loss else worst >= work.goal) and max(seconds) <= work.seconds
    goal = {"goal": work.goal, "goal_seconds": work.seconds, "reached": reached}
    return {"data": name, "model": model, "measure": work.score, "seeds": seeds, "worst": worst, "runs": runs, **goal}


def train_once(work: Work, model: str, seed: int, data: Path) -> dict[str, Any]:
    """One command in a fresh process and a fresh run folder."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        asked = ["--task", work.task, "--model", model, "--seed", str(seed), "--run", str(run), *work.options]
        program = [sys.executable, "-m", "deepglass.cli.main", "train", str(data / work.source), "--quiet", *asked]
        started = time.perf_counter()
        subprocess.run(program, check=True)
        seconds = time.perf_counter() - started
        metrics = json.loads((run / "metrics.json").read_text())
        history = json.loads((run / "history.json").read_text())
    return {
        "seconds": round(seconds, 1),
        "epochs": len(history["epochs"]),
        "score": score_of(metrics, work.score),
        "val": metrics["val"][work.score]["value"],
        "test": metrics["test"][work.score]["value"],
        "baseline": metrics["baseline"][work.score]["value"],
    }


def score_of(metrics: dict[str, Any], score: str) -> float:
    """Test accuracy; of a language model the loss over validation and test together, token by token."""
    if score != "loss":
        return metrics["test"][score]["value"]
    parts = [(metrics[part]["loss"]["value"], metrics[part]["details"]["tokens"]) for part in ("val", "test")]
    return sum(loss * tokens for loss, tokens in parts) / sum(tokens for _, tokens in parts)


def row_of(result: dict[str, Any]) -> str:
    """One line of the table."""
    scores = [run["score"] for run in result["runs"]]
    spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
    mean = f"{statistics.mean(scores):.4f} ± {spread:.4f}"
    seconds = max(run["seconds"] for run in result["runs"])
    goal = f"{result['goal']:g} in {result['goal_seconds']:g} s {'reached' if result['reached'] else 'MISSED'}"
    return (
        f"{result['data']:18} {result['model']:20} {result['measure']:>9} {mean:>18} {result['worst']:8.4f} "
        f"{result['runs'][0]['baseline']:9.4f} {seconds:8.1f}  {goal}"
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--only", nargs="+", choices=list(WORK), default=list(WORK))
    parser.add_argument("--models", nargs="+", help="by default the task's default model")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
