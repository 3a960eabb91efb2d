"""Default runs against simple methods on data sets that nobody tuned for, each in the same time, start-up included.

    python -m bench.strangers                    # every set, three seeds, 60 s each: hours
    python -m bench.strangers --seeds 1 --seconds 30 titanic wine

A set is divided 75 to 25 by the seed, before anybody looks at it. What counts is log loss, or the root mean squared
error of numbers, and the rank among the contenders: linear model, forest, boosted trees (tables), TF-IDF (texts),
and ours, twice: what a default run answers, and its network alone. Results: bench/results/strangers.json.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.strangers import contenders
from bench.strangers.set import Set, is_classification
from bench.strangers.tables import tables
from bench.strangers.texts import texts

RESULTS = Path(__file__).resolve().parents[1] / "results" / "strangers.json"
OURS = "deepglass"
GRACE = 30.0  # seconds after which a process that keeps no time is stopped


def main() -> None:
    """Run what was asked, print the table, add it to the results."""
    parser = argparse.ArgumentParser(prog="python -m bench.strangers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", help="of sets; all of them")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--one", nargs=3, metavar=("SET", "SEED", "CONTENDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    every = {one.name: one for one in [*tables(), *texts()]}
    if asked.one:
        name, seed, contender = asked.one
        print(json.dumps(scores_of(every[name], int(seed), contender, asked.seconds)))
        return
    found = {}
    for one in every.values():
        if not asked.names or one.name in asked.names:
            found[one.name] = [judged(one, seed, asked.seconds) for seed in range(asked.seeds)]
            print(line(one.name, found[one.name]), flush=True)
    summary = summed_up(found)
    print(json.dumps(summary, indent=2))
    write(found, summary, asked)


def judged(one: Set, seed: int, seconds: float) -> dict[str, float]:
    """The loss of every contender, each in a process of its own."""
    names = [OURS, *(contenders.OF_TEXTS if one.kind == "text" else contenders.OF_TABLES)]
    found: dict[str, float] = {}
    for name in names:
        command = [
            sys.executable,
            "-m",
            "bench.strangers",
            "--seconds",
            str(seconds),
            "--one",
            one.name,
            str(seed),
            name,
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + GRACE, check=True)
            found |= json.loads(done.stdout.splitlines()[-1])
        except (subprocess.SubprocessError, IndexError, ValueError) as error:
            found[name] = float("nan")
            print(f"{one.name}, seed {seed}, {name}: {getattr(error, 'stderr', None) or error}"[-500:], file=sys.stderr)
    return found


def scores_of(one: Set, seed: int, contender: str, seconds: float) -> dict[str, float]:
    """In the process of the contender: its loss by name."""
    until = time.monotonic() + 0.9 * seconds  # imports took their part
    train, test = one.divided(seed)
    if contender == OURS:
        kind = "classification" if is_classification(train["target"]) else "regression"
        return ours(train, test, f"{'text' if one.kind == 'text' else 'tabular'}-{kind}", seed, seconds)
    has_classes = is_classification(train["target"])
    candidates = {**contenders.OF_TABLES, **contenders.OF_TEXTS}[contender]
    return {contender: contenders.answer(candidates, train, test, has_classes, until)}


def ours(train: Any, test: Any, task: str, seed: int, seconds: float) -> dict[str, float]:
    """A default run from files, as a user gives them."""
    import deepglass as dg
    from deepglass.core.console import console

    console.mode = "quiet"
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / f"{name}.csv") for name in ("train", "test")}
        train.to_csv(files["train"], index=False)
        test.to_csv(files["test"], index=False)
        run = dg.train(
            files["train"],
            task=task,
            target="target",
            test=files["test"],
            run=f"{folder}/run",
            seed=seed,
            budget=f"{seconds:g}s",
        )
        loss = "log_loss" if "log_loss" in run.metrics["test"] else "rmse"
        found = {OURS: run.metrics["test"][loss]["value"]}
        alone = run.metrics.get("network", run.metrics["test"])
        return found | {"network alone": alone[loss]["value"]}


def line(name: str, rounds: list[dict[str, float]]) -> str:
    """Means over the seeds."""
    parts = (f"{contender} {np.mean([r[contender] for r in rounds]):.4g}" for contender in rounds[0])
    return f"{name}: {', '.join(parts)}"


def summed_up(found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Mean rank of each contender, of ours without the other one of ours; wins; how far ours is behind the best."""
    ranks: dict[str, list[int]] = {}
    behind = {}
    for name, rounds in found.items():
        mean = {contender: float(np.mean([r[contender] for r in rounds])) for contender in rounds[0]}
        others = {contender: loss for contender, loss in mean.items() if contender not in (OURS, "network alone")}
        for own in (OURS, "network alone"):
            ranks.setdefault(own, []).append(1 + sum(loss < mean[own] for loss in others.values()))
        for contender, loss in others.items():
            rivals = [other for rival, other in mean.items() if rival not in (contender, "network alone")]
            ranks.setdefault(contender, []).append(1 + sum(other < loss for other in rivals))
        behind[name] = mean[OURS] / min(others.values()) - 1
    return {
        "sets": len(found),
        "mean rank": {contender: round(float(np.mean(r)), 2) for contender, r in ranks.items()},
        "first": {contender: int(np.sum(np.array(r) == 1)) for contender, r in ranks.items()},
        "loss against the best other, in percent": {name: round(100 * share, 1) for name, share in behind.items()},
    }


def write(found: dict[str, Any], summary: dict[str, Any], asked: argparse.Namespace) -> None:
    """Add to the results, with the machine."""
    from deepglass.core import environment

    about = {"seeds": asked.seeds, "seconds": asked.seconds, "machine": environment.describe()}
    RESULTS.write_text(json.dumps({**about, "summary": summary, "sets": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
