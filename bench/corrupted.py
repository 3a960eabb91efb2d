"""What a corrupted run, bundle or file of weights costs: one message, and nothing else.

    python -m bench.corrupted                        # about a thousand of each; half an hour on two busy cores
    python -m bench.corrupted --trials 200 --seed 7

Every trial copies something whole, corrupts one file of it (bench/hostile/files.py) and carries out a command that
reads that file. Runs come in three states: with their checksums, without them (as version 0.1.0 wrote them), and with
checksums that were renewed after the corruption, as somebody would who means harm. Kept are the counts of: messages
(exit 2), answers (exit 0), answers that differ although the checksums hold, tracebacks, code that was run, files that
were left behind, and the most memory and seconds of a trial.
"""

import argparse
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.hostile import files as hostile
from bench.hostile import small_runs
from bench.hostile.commands import READS, Outcome, carried_out, tree
from deepglass.core import checksums, environment, files
from deepglass.core.console import console
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.errors import BundleError

RESULTS = Path(__file__).resolve().parent / "results" / "corrupted.json"
STATES = ("with checksums", "without checksums", "checksums renewed")
MOST_MESSAGES = 40  # of tracebacks that are kept, each once
SLOW_SECONDS = 5.0  # a trial that takes longer is named
SUFFIXES = (".safetensors", ".pt", ".bin")  # of weights

Runs = list[tuple[Path, Path]]  # each with data to answer


@dataclass
class Tally:
    """What happened in a number of trials."""

    counts: Counter[str] = field(default_factory=Counter)
    tracebacks: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0

    def add(self, outcome: Outcome, seconds: float, left: set[str], mark: Path, what: str) -> None:
        """Count one trial."""
        kinds = {0: "answers", 2: "messages", None: "tracebacks"}
        self.counts["trials"] += 1
        self.counts[kinds.get(outcome.status, "other exits")] += 1
        self.counts["code run"] += mark.exists()
        self.counts["with files left"] += bool(left)
        if outcome.status is None:
            self.tracebacks[f"{what}: {' | '.join(outcome.error.strip().splitlines()[-3:])}"[:400]] += 1
        elif left:
            self.tracebacks[f"{what}: left {sorted(left)[:4]}"] += 1
        if outcome.status == 2 and outcome.error.count("error: ") != 1:
            self.counts["not one message"] += 1
        if seconds > SLOW_SECONDS:
            print(f"{seconds:.0f} s: {what}, {outcome.status}", file=sys.stderr, flush=True)
        mark.unlink(missing_ok=True)
        self.slowest_seconds = max(self.slowest_seconds, seconds)

    def record(self) -> dict[str, Any]:
        """As JSON."""
        seen = {"seen": dict(self.tracebacks.most_common(MOST_MESSAGES))} if self.tracebacks else {}
        return dict(self.counts) | {"slowest_seconds": round(self.slowest_seconds, 2)} | seen


def main() -> None:
    asked = arguments()
    console.mode = "quiet"
    with tempfile.TemporaryDirectory() as name:
        os.environ[hostile.CANARY] = str(Path(name) / "code was run")
        started = os.getcwd()
        (Path(name) / "here").mkdir()
        os.chdir(Path(name) / "here")
        runs = [make(Path(name)) for make in small_runs.ALL]
        kept = {state: corrupted_runs(Path(name), runs, state, asked) for state in STATES}
        kept["bundles"] = corrupted_bundles(Path(name), runs, asked)
        kept["weights"] = corrupted_weights(Path(name), runs, asked)
        os.chdir(started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kept |= {"seed": asked.seed, "peak_memory_mib": round(peak), "environment": environment.describe()}
    if not asked.dry:
        files.write_json(RESULTS, kept)
    print(json.dumps(kept, indent=2))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="commands that begin so")
    parser.add_argument("--dry", action="store_true", help="keep no result")
    return parser.parse_args()


# -- runs -----------------------------------------------------------------------------------------------------------


def corrupted_runs(folder: Path, runs: Runs, state: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Trials of commands on runs of which one file is corrupted."""
    rng, tally = random.Random(f"{asked.seed} {state}"), Tally()
    intact: dict[str, str] = {}
    commands = [command for command in READS if command.startswith(asked.only)]
    for trial in range(asked.trials):
        run, data = runs[trial % len(runs)]
        command = rng.choice(commands)
        name = rng.choice([name for name in READS[command] if (run / name).is_file()])
        corruption = rng.choice(list(hostile.CORRUPTIONS))
        outcome, seconds, left = one_run(folder, run, data, command, name, corruption, state, rng)
        what = f"{command.split()[0]} {run.name}/{name}, {corruption}"
        tally.add(outcome, seconds, left, Path(os.environ[hostile.CANARY]), what)
        if outcome.status == 0 and state == STATES[0] and command.startswith("predict"):
            expected = intact.setdefault(run.name, carried_out(["predict", str(run), str(data)]).said)
            if outcome.said != expected:
                tally.counts["wrong answers"] += 1
                tally.tracebacks[f"{what}: another answer"] += 1
    return tally.record()


def one_run(
    folder: Path, run: Path, data: Path, command: str, name: str, corruption: str, state: str, rng: random.Random
) -> tuple[Outcome, float, set[str]]:
    """Copy a run, corrupt one file, carry out a command; also the seconds, and what lies there that did not before."""
    copy, out = folder / "copy" / run.name, folder / "out" / ("model.onnx" if "onnx" in command else "made")
    shutil.copytree(run, copy)
    try:
        hostile.CORRUPTIONS[corruption](copy / name, rng)
        if state != STATES[0]:
            (copy / checksums.NAME).unlink()
        if state == STATES[2]:
            renew(copy)
        before, began = tree(folder), time.monotonic()
        words = [word.format(run=copy, data=data, out=out) for word in command.split()]
        outcome = carried_out(words)
        seconds, left = time.monotonic() - began, tree(folder) - before if outcome.status != 0 else set()
    finally:
        for place in (copy.parent, out.parent):
            shutil.rmtree(place, ignore_errors=True)
    return outcome, seconds, left


def renew(run: Path) -> None:
    """Write checksums of what is there now."""
    for path in sorted(run.iterdir()):
        if path.is_file() and path.stat().st_size < 1 << 30 and path.suffix != ".html":
            checksums.note(run, path.name, checksums.digest_of_file(path))
            checksums.settle(run, path.name, checksums.digest_of_file(path))


# -- bundles and weights --------------------------------------------------------------------------------------------


def corrupted_bundles(folder: Path, runs: Runs, asked: argparse.Namespace) -> dict[str, Any]:
    """Trials of opening bundles of which one file is corrupted, as a server does."""
    rng, tally = random.Random(f"{asked.seed} bundles"), Tally()
    bundles = []
    for run, _ in runs:
        carried_out(["export", str(run), "--to", "bundle", "--output", str(folder / "bundles" / run.name)])
        bundles.append(folder / "bundles" / run.name)
    for trial in range(asked.trials):
        bundle = bundles[trial % len(bundles)]
        copy = folder / "copy" / bundle.name
        shutil.copytree(bundle, copy)
        name = rng.choice(sorted(path.name for path in copy.iterdir() if path.is_file()))
        corruption = rng.choice(list(hostile.CORRUPTIONS))
        hostile.CORRUPTIONS[corruption](copy / name, rng)
        before, began = tree(folder), time.monotonic()
        outcome = attempted(lambda copy=copy: Bundle.open(copy))
        seconds, left = time.monotonic() - began, tree(folder) - before
        tally.add(outcome, seconds, left, Path(os.environ[hostile.CANARY]), f"bundle {name}, {corruption}")
        shutil.rmtree(copy.parent)
    return tally.record()


def corrupted_weights(folder: Path, runs: Runs, asked: argparse.Namespace) -> dict[str, Any]:
    """Trials of beginning a training with weights that are corrupted, beside a published configuration or none."""
    from deepglass.zoo import architectures
    from deepglass.zoo.pretrained import open_weights

    rng, tally, run = random.Random(f"{asked.seed} weights"), Tally(), runs[0][0]
    for _ in range(asked.trials):
        place = folder / "copy" / "weights"
        place.mkdir(parents=True)
        suffix, corruption = rng.choice(SUFFIXES), rng.choice(list(hostile.CORRUPTIONS))
        written_weights(run, path := place / f"model{suffix}")
        hostile.CORRUPTIONS[corruption](path, rng)
        before, began = tree(folder), time.monotonic()
        outcome = attempted(lambda path=path: open_weights(str(path), architectures.entry("mlp")))
        seconds, left = time.monotonic() - began, tree(folder) - before
        tally.add(outcome, seconds, left, Path(os.environ[hostile.CANARY]), f"weights {suffix}, {corruption}")
        shutil.rmtree(place.parent)
    return tally.record()


def written_weights(run: Path, path: Path) -> None:
    """The weights of a run in the format that an ending names."""
    import torch
    from safetensors.torch import load_file

    if path.suffix == ".safetensors":
        shutil.copyfile(run / "weights.safetensors", path)
    else:
        torch.save(load_file(run / "weights.safetensors"), path)


def attempted(act: Callable[[], Any]) -> Outcome:
    """How something ends that is no command."""
    import traceback

    from deepglass.core.errors import DeepglassError

    try:
        act()
    except (DeepglassError, BundleError) as error:
        return Outcome(2, "", f"error: {str(error).replace('error: ', '')}")
    except BaseException:
        return Outcome(None, "", traceback.format_exc())
    return Outcome(0, "", "")


if __name__ == "__main__":
    main()
