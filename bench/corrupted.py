"""What a corrupted run, bundle or file of weights costs: one message, and nothing else.

    python -m bench.corrupted                        # about a thousand of each; half an hour on two busy cores
    python -m bench.corrupted --trials 200 --seed 7

Every trial copies something whole, corrupts one file of it (bench/hostile/files.py, of sources also tables.py) and
carries out a command that reads that file. Runs come in three states: with their checksums, without them (as version
0.1.0 wrote them), and with checksums that were renewed after the corruption, as somebody would who means harm; bundles
in the first and the last. Kept are the counts of: messages
(exit 2), answers (exit 0), answers that differ although the checksums hold, tracebacks, code that was run, files that
were left behind, and the most memory and seconds of a trial.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench.hostile import files as hostile
from bench.hostile import small_runs, tables
from bench.hostile.commands import READS, Outcome, carried_out, tree
from bench.made_with import made_with
from deepglass.core import checksums, files
from deepglass.core.console import console
from deepglass.deploy.runtime import __main__ as runtime
from deepglass.deploy.runtime import checksums as bundle_checksums
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.errors import BundleError, InputError

RESULTS = Path(__file__).resolve().parent / "results" / "corrupted.json"
STATES = ("with checksums", "without checksums", "checksums renewed")
STATES_OF_BUNDLES = (STATES[0], STATES[2])  # without its checksums it is none
MOST_MESSAGES = 40  # of tracebacks that are kept, each once
SLOW_SECONDS = 5.0  # a trial that takes longer is named
LEARNING = ("check {data}", "train {data} --run {out}")  # what is done with sources
SLOW, RARE = ("shrink", "export", "serve", "train"), 0.2  # commands that take seconds, and how often they are drawn
MOST_RECORDS = 200  # that a bundle is asked
SUFFIXES = (".safetensors", ".pt", ".bin")  # of weights

MOST_SECONDS = 120  # of a trial; longer is a hang
MOST_BYTES = 16 << 30  # of address space: an allocation beyond ends in a traceback and not with the machine


@dataclass(frozen=True)
class Made:
    """A small run with its bundle inside, and data that it answers."""

    small: small_runs.Small
    run: Path
    data: Path


@dataclass
class Tally:
    """What happened in a number of trials."""

    counts: Counter[str] = field(default_factory=Counter)
    tracebacks: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0

    def add(self, outcome: Outcome, seconds: float, left: set[str], mark: Path, what: str) -> None:
        """Count one trial."""
        kinds = {0: "answers", 1: "models rejected", 2: "messages", None: "tracebacks"}
        self.counts["trials"] += 1
        self.counts[kinds.get(outcome.status, "other exits")] += 1
        self.counts["code run"] += mark.exists()
        self.counts["with files left"] += bool(left)
        if outcome.status is None:
            self.tracebacks[f"{what}: {' | '.join(outcome.error.strip().splitlines()[-3:])}"[:400]] += 1
        elif left:
            self.tracebacks[f"{what}: left {sorted(left)[:4]}"] += 1
        if outcome.status is None or left:
            print(f"{what}: left {sorted(left)[:4]}\n{outcome.error[-1500:]}", file=sys.stderr, flush=True)
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
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    with tempfile.TemporaryDirectory() as name:
        os.environ[hostile.CANARY] = str(Path(name) / "code was run")
        started = os.getcwd()
        (Path(name) / "here").mkdir()
        os.chdir(Path(name) / "here")
        runs = [made(small, Path(name)) for small in small_runs.MORE]
        kinds = {state: partial(corrupted_runs, state=state) for state in STATES}
        kinds |= {f"bundles {state}": partial(corrupted_bundles, state=state) for state in STATES_OF_BUNDLES}
        kinds |= {"weights": corrupted_weights, "sources": corrupted_sources}
        kept = {kind: run(Path(name), runs, asked) for kind, run in kinds.items() if kind.startswith(asked.only)}
        os.chdir(started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kept |= {"seed": asked.seed, "peak_memory_mib": round(peak), "environment": made_with()}
    if not asked.dry:
        others = files.read_json(RESULTS) if RESULTS.exists() and asked.only else {}
        files.write_json(RESULTS, others | kept)
    print(json.dumps(kept, indent=2))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000, help="of each kind, in all its states together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="kinds that begin so: 'bundles', 'weights', 'sources', 'with', …")
    parser.add_argument("--command", default="", help="commands that begin so")
    parser.add_argument("--dry", action="store_true", help="keep no result")
    return parser.parse_args()


def made(small: small_runs.Small, folder: Path) -> Made:
    """Train a run, and export it where a server looks for its bundle."""
    run, data = small.make(folder)
    assert carried_out(["export", str(run), "--to", "bundle", "--quiet"]).status == 0
    return Made(small, run, data)


# -- runs -----------------------------------------------------------------------------------------------------------


def corrupted_runs(folder: Path, runs: list[Made], asked: argparse.Namespace, state: str) -> dict[str, Any]:
    """Trials of commands on runs of which one file is corrupted."""
    rng, tally = random.Random(f"{asked.seed} {state}"), Tally()
    intact: dict[str, str] = {}
    commands = [command for command in READS if command.startswith(asked.command)]
    for trial in range(-(-asked.trials // len(STATES))):
        made = runs[trial % len(runs)]
        suitable = [command for command in commands if suits(command, made.small)]
        (command,) = rng.choices(suitable, [RARE if command.startswith(SLOW) else 1.0 for command in suitable])
        name = rng.choice([name for name in READS[command] if (made.run / name).is_file()])
        corruption = rng.choice(list(hostile.CORRUPTIONS))
        outcome, seconds, left = one_run(folder, made, command, name, corruption, state, rng)
        what = f"{command.replace('{run} ', '')[:24]} {made.small.name}/{name}, {corruption}"
        tally.add(outcome, seconds, left, Path(os.environ[hostile.CANARY]), what)
        if outcome.status == 0 and state == STATES[0] and command.startswith("predict"):
            expected = intact.setdefault(
                made.small.name, carried_out(["predict", *map(str, (made.run, made.data))]).said
            )
            if outcome.said != expected:
                tally.counts["wrong answers"] += 1
                tally.tracebacks[f"{what}: another answer"] += 1
    return tally.record()


def suits(command: str, small: small_runs.Small) -> bool:
    """Whether a command has something to do with a run of this kind."""
    task = small.options.get("task")
    if command.startswith("generate"):
        return task == "language-modelling"
    if "--coverage" in command:
        return task not in ("language-modelling", "forecasting")  # no sets, and intervals of its own
    return task != "language-modelling" or not ("shrink" in command or "--backward" in command)


def one_run(
    folder: Path, made: Made, command: str, name: str, corruption: str, state: str, rng: random.Random
) -> tuple[Outcome, float, set[str]]:
    """Copy a run, corrupt one file, carry out a command; also the seconds, and what lies there that did not before."""
    copy, out = folder / "copy" / made.run.name, folder / "out" / ("model.onnx" if "onnx" in command else "made")
    shutil.copytree(made.run, copy)
    if not name.startswith("export"):
        shutil.rmtree(copy / "export", ignore_errors=True)  # or a server would take the bundle
    try:
        hostile.CORRUPTIONS[corruption](copy / name, rng)
        if state != STATES[0]:
            (copy / checksums.NAME).unlink()
        if state == STATES[2]:
            renew(copy)
        before, began = tree(folder), time.monotonic()
        words = [word.format(run=copy, data=made.data, out=out, folder=copy.parent) for word in command.split()]
        words += made.small.words if "--pretrained" in command else []
        outcome = within_reason(lambda: carried_out(words))
        seconds, left = time.monotonic() - began, tree(folder) - before if outcome.status not in (0, 1) else set()
    finally:
        for place in (copy.parent, out.parent):
            shutil.rmtree(place, ignore_errors=True)
    return outcome, seconds, left


def within_reason(act: Callable[[], Outcome]) -> Outcome:
    """How something ends; what takes too long is stopped, and counts as a traceback."""

    def stop(*_: Any) -> None:
        raise TimeoutError(f"no end after {MOST_SECONDS} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(MOST_SECONDS)
    try:
        return act()
    finally:
        signal.alarm(0)


def renew(run: Path) -> None:
    """Write checksums of what is there now."""
    for path in sorted(run.iterdir()):
        if path.is_file() and path.stat().st_size < 1 << 30 and path.suffix != ".html":
            checksums.note(run, path.name, checksums.digest_of_file(path))
            checksums.settle(run, path.name, checksums.digest_of_file(path))
    renew_bundle(run / "export" / "bundle")


def renew_bundle(bundle: Path) -> None:
    """Write the checksums of a bundle anew, as far as what is there can be read."""
    listing = bundle / bundle_checksums.NAME
    if listing.is_file() and listing.stat().st_size < 1 << 20:
        with suppress(BundleError):
            bundle_checksums.write(bundle)


# -- bundles and weights --------------------------------------------------------------------------------------------


def corrupted_bundles(folder: Path, runs: list[Made], asked: argparse.Namespace, state: str) -> dict[str, Any]:
    """Trials of opening bundles of which one file is corrupted, and of asking what they answer."""
    rng, tally = random.Random(f"{asked.seed} bundles {state}"), Tally()
    for trial in range(-(-asked.trials // len(STATES_OF_BUNDLES))):
        made = runs[trial % len(runs)]
        copy = folder / "copy" / made.run.name
        shutil.copytree(made.run / "export" / "bundle", copy)
        name = rng.choice(sorted(path.name for path in copy.iterdir() if path.is_file()))
        corruption = rng.choice(list(hostile.CORRUPTIONS))
        hostile.CORRUPTIONS[corruption](copy / name, rng)
        if state == STATES[2]:
            renew_bundle(copy)
        before, began = tree(folder), time.monotonic()
        outcome = within_reason(partial(attempted, partial(ask_bundle, copy, made.data)))
        seconds, left = time.monotonic() - began, tree(folder) - before
        what = f"bundle {made.small.name}/{name}, {corruption}"
        tally.add(outcome, seconds, left, Path(os.environ[hostile.CANARY]), what)
        shutil.rmtree(copy.parent)
    return tally.record()


def ask_bundle(bundle: Path, data: Path) -> None:
    """As `python -m deepglass_runtime BUNDLE DATA` does."""
    opened = Bundle.open(bundle)
    picture = next(iter(sorted(data.rglob("*.png"))), data) if data.is_dir() else data
    runtime.predict(opened, runtime.records_of(opened, str(picture))[:MOST_RECORDS])


def corrupted_weights(folder: Path, runs: list[Made], asked: argparse.Namespace) -> dict[str, Any]:
    """Trials of beginning a training with weights that are corrupted, beside a published configuration or none."""
    from deepglass.zoo import architectures
    from deepglass.zoo.pretrained import open_weights

    rng, tally, run = random.Random(f"{asked.seed} weights"), Tally(), runs[0].run
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


# -- sources --------------------------------------------------------------------------------------------------------


def corrupted_sources(folder: Path, runs: list[Made], asked: argparse.Namespace) -> dict[str, Any]:
    """Trials of looking at corrupted data, and of learning from them."""
    rng, tally = random.Random(f"{asked.seed} sources"), Tally()
    for trial in range(asked.trials):
        small = small_runs.SOURCES[trial % len(small_runs.SOURCES)]
        is_text = small.write in small_runs.TEXT_FILES
        corruption = rng.choice([*hostile.CORRUPTIONS, *(tables.SPOILINGS if is_text else ())])
        command, began = rng.choice(LEARNING), time.monotonic()
        outcome, left = one_source(folder, small, command, corruption, rng)
        what = f"{command.split()[0]} {small.name}, {corruption}"
        tally.add(outcome, time.monotonic() - began, left, Path(os.environ[hostile.CANARY]), what)
    return tally.record()


def one_source(
    folder: Path, small: small_runs.Small, command: str, corruption: str, rng: random.Random
) -> tuple[Outcome, set[str]]:
    """Write data, corrupt one file of them, carry out a command; also what lies there that did not before."""
    place, out = folder / "copy", folder / "out" / "made"
    place.mkdir()
    data = small.write(place)
    parts = [data] if data.is_file() else sorted(path for path in data.rglob("*") if path.is_file())
    if corruption in tables.SPOILINGS:
        tables.spoil(data, corruption, rng)
    else:
        hostile.CORRUPTIONS[corruption](rng.choice(parts), rng)
    words = [word.format(data=data, out=out) for word in command.split()]
    before = tree(folder)
    outcome = within_reason(lambda: carried_out([*words, *(small.words if words[0] == "train" else ())]))
    left = tree(folder) - before if outcome.status != 0 else set()
    for used in (place, out.parent):
        shutil.rmtree(used, ignore_errors=True)
    return outcome, left


# -- pieces ---------------------------------------------------------------------------------------------------------


def attempted(act: Callable[[], Any]) -> Outcome:
    """How something ends that is no command."""
    import traceback

    from deepglass.core.errors import DeepglassError

    try:
        act()
    except (DeepglassError, BundleError, InputError) as error:
        return Outcome(2, "", f"error: {str(error).replace('error: ', '')}")
    except BaseException:
        return Outcome(None, "", traceback.format_exc())
    return Outcome(0, "", "")


if __name__ == "__main__":
    main()
