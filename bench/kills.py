"""Trainings, reports and exports that are killed at random moments, and what is left of them: nothing but the result.

    python -m bench.kills                            # 200 kills, as many of each; half an hour on two busy cores
    python -m bench.kills --kills 10 --seed 7 --dry

Five tasks, each in one process and in two that train together. A kill is SIGKILL after a random time, or at a random
one of the writing touches of files that the whole training has, or a moment after a checkpoint was begun to be
written. Then `--resume` goes on, and may be killed again. In the end the run must be that of a training that nobody
killed: the same files; weights, blend, history, metrics, answers and checkpoint equal to the bit, but for clocks; every
file as its checksum says; no draft. Reports and exports are killed in the same way and made again.
"""

import argparse
import json
import math
import os
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.hostile import lives, small_runs
from bench.hostile.commands import tree
from bench.hostile.lives import Aim, Life
from bench.made_with import made_with
from deepglass.core import checksums, files
from deepglass.core.run_folder import RunFolder

RESULTS = Path(__file__).resolve().parent / "results" / "kills.json"
KILLED_AGAIN = 0.4  # of the lives after a kill
CLOCKS = ("seconds", "examples_per_second", "spent")  # what no two trainings have alike
COMPARED = ("config.json", "task.json", "guesses.json", "repeat.json", "metrics.json", "mistakes.json", "blend.json")
EXACT = ("weights.safetensors", "blend.safetensors")
ARRAYS = ("outputs.npz", "seen.npz")
LONGER = {"epochs": 8, "checkpoint_every": 0.0}  # a checkpoint after every step
MOST_DELAY = 0.004  # seconds from the opening of a draft to the kill: about what its writing takes


@dataclass(frozen=True)
class ShrinkInput:
    """What is killed: a training of a small run, in one or several processes, or a report or an export of it."""

    small: small_runs.Small
    verb: str  # train, report, export
    processes: int = 1

    @property
    def name(self) -> str:
        """Such as "table, 2 processes"."""
        what = self.small.name if self.verb == "train" else f"{self.verb} of {self.small.name}"
        return what if self.processes == 1 else f"{what}, {self.processes} processes"

    def begin(self, data: Path, run: Path) -> list[str]:
        """The command that is killed."""
        if self.verb == "report":
            return ["report", str(run)]
        if self.verb == "export":
            return ["export", str(run), "--to", "bundle", "--force", "--quiet"]
        small = replace(self.small, options=LONGER | self.small.options)
        return ["train", str(data), "--run", str(run), "--quiet", *small.words]

    def go_on(self, data: Path, run: Path) -> list[str]:
        """The command after it."""
        return ["train", "--run", str(run), "--resume", "--quiet"] if self.verb == "train" else self.begin(data, run)


SUBJECTS = (
    *(ShrinkInput(small, "train", processes) for processes in (1, 2) for small in small_runs.ALL),
    *(ShrinkInput(small, verb) for verb in ("report", "export") for small in (small_runs.TABLE, small_runs.SERIES)),
)


@dataclass
class Whole:
    """What a command leaves that nobody kills, and how it came about."""

    data: Path
    run: Path
    life: Life
    before: Path | None  # of a report or an export: the run without it

    def aim(self, rng: random.Random) -> Aim:
        """A random moment."""
        touched = self.life.touched
        writing = [i for i, (event, name) in enumerate(touched, 1) if event == "open" and "checkpoint.pt" in name]
        kind = rng.choice(("clock", "touch", "checkpoint"))
        if kind == "clock":
            return Aim(seconds=rng.uniform(0.05, 1.05) * self.life.seconds)
        delay = rng.choice((0.0, rng.uniform(0, MOST_DELAY)))
        if kind == "touch" or not writing:
            return Aim(touch=rng.randint(1, len(touched)), delay=delay)
        return Aim(touch=rng.choice(writing), delay=rng.uniform(0, MOST_DELAY))


@dataclass
class Tally:
    """What happened."""

    kills: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As JSON."""
        counts = {name: self.counts[name] for name in ("trials", "not resumed", "not equal", "left behind")}
        return {
            "kills": sum(self.kills.values()),
            **counts,
            "kills of": dict(self.kills.most_common()),
            "cut short": dict(self.moments.most_common()),
            "faults": self.faults[:40],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", default=[""], help="subjects that begin so, such as 'table'")
    parser.add_argument("--dry", action="store_true", help="keep no result")
    asked = parser.parse_args()
    rng, tally = random.Random(asked.seed), Tally()
    subjects = [subject for subject in SUBJECTS if subject.name.startswith(tuple(asked.only))]
    folder = Path(tempfile.mkdtemp())  # not one that removes itself: forked processes would, when they end
    try:
        preload(folder)
        wholes: dict[str, Whole] = {}
        for number in range(100 * asked.kills):
            subject = min(subjects, key=lambda one: tally.kills[one.name])
            if sum(tally.kills.values()) >= asked.kills and tally.kills[subject.name] >= asked.kills // len(subjects):
                break
            if subject.name not in wholes:
                wholes[subject.name] = whole_of(subject, folder)
            trial(subject, wholes[subject.name], folder, number, rng, tally)
            print(f"{sum(tally.kills.values())} kills, {len(tally.faults)} faults", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(folder)
    kept = tally.record() | {"seed": asked.seed, "environment": made_with()}
    if not asked.dry:
        files.write_json(RESULTS, kept)
    print(json.dumps(kept, indent=2))
    raise SystemExit(bool(tally.faults))


def preload(folder: Path) -> None:
    """Import what the commands import, and compute nothing: a forked process could not go on with threads of ours."""
    data, run, noted = small_runs.TABLE.write(folder), folder / "first", folder / "modules"
    for subject in (ShrinkInput(small_runs.TABLE, "train", 2), ShrinkInput(small_runs.TABLE, "export")):
        life = lives.live(subject.begin(data, run), run, processes=subject.processes, launch="first", modules=noted)
        assert life.status == 0, life.error
        lives.import_all(noted)


def whole_of(subject: ShrinkInput, folder: Path) -> Whole:
    """Let the subject live once; what it works on is made first."""
    home = folder / subject.name
    (home / "data").mkdir(parents=True)
    data, run, before = subject.small.write(home / "data"), home / "whole", None
    if subject.verb != "train":
        trained = lives.live(ShrinkInput(subject.small, "train").begin(data, run), run)
        assert trained.status == 0, trained.error
        before = shutil.copytree(run, home / "before")
    life = lives.live(subject.begin(data, run), run, processes=subject.processes, launch="whole")
    assert life.status == 0, life.error
    return Whole(data, run, life, before)


def trial(subject: ShrinkInput, whole: Whole, folder: Path, number: int, rng: random.Random, tally: Tally) -> None:
    """Kill a subject once or several times, let it end, and compare."""
    home = folder / "trial"
    home.mkdir()
    run = home / whole.run.name
    if whole.before:
        shutil.copytree(whole.before, run)
    words, aims = subject.begin(whole.data, run), []
    while True:
        aim = whole.aim(rng) if not aims or rng.random() < KILLED_AGAIN else None
        launch = f"{number} {len(aims)}"
        life = lives.live(words, run, aim, subject.processes, launch)
        if not life.was_killed:
            break
        aims.append(aim)
        tally.kills[subject.name] += 1
        tally.moments[cut_short(life)] += 1
        words = subject.go_on(whole.data, run)
    if life.status and "is not a run" in life.error:  # it was killed before it was one
        life = lives.live(subject.begin(whole.data, run), run, processes=subject.processes, launch=f"{number} again")
    judge(subject, whole, run, life, [str(aim) for aim in aims], tally)
    shutil.rmtree(home)


def judge(subject: ShrinkInput, whole: Whole, run: Path, life: Life, aims: list[str], tally: Tally) -> None:
    """Note what is not as it should be."""
    tally.counts["trials"] += 1
    found: dict[str, list[str]] = {}
    if life.status:
        found["not resumed"] = [f"exit {life.status}: {life.error.strip()[-600:]}"]
    else:
        found["left behind"] = sorted(tree(run.parent) ^ tree(whole.run.parent) - others(whole.run.parent))
        found["not equal"] = differences(whole.run, run)
    for kind, what in found.items():
        tally.counts[kind] += bool(what)
        tally.faults += [f"{subject.name}, {kind}: {part} ({'; '.join(aims)})" for part in what[:3]]


def others(home: Path) -> set[str]:
    """What lies beside a whole run."""
    return {name for name in tree(home) if name.split(os.sep)[0] != "whole"}


def cut_short(life: Life) -> str:
    """What a killed process was about."""
    touched = [(event, Path(name).name) for event, name in life.touched if checksums.NAME not in name]
    if not touched:
        return "before the first file"
    event, name = touched[-1]
    draft = re.fullmatch(r"[.](.+)[.]\d+[.]tmp", name)
    return f"{'writing' if event == 'open' else 'after'} {draft[1] if draft else name}"


# -- what is compared -----------------------------------------------------------------------------------------------


def differences(expected: Path, found: Path) -> list[str]:
    """What of a run is not as in another; empty where all is."""
    wrong = [name for name in EXACT if _bytes(expected / name) != _bytes(found / name)]
    for name in (*COMPARED, "history.json"):
        if without_clocks(_json(expected / name)) != without_clocks(_json(found / name)):
            wrong.append(name)
    wrong += [name for name in ARRAYS if not same(_arrays(expected, name), _arrays(found, name))]
    wrong += [] if same(_checkpoint(expected), _checkpoint(found)) else ["checkpoint.pt"]
    wrong += [f"{name} is not as its checksum says" for name in RunFolder(found).unverified()]
    return wrong + _bundle_differences(expected / "export" / "bundle", found / "export" / "bundle")


def _bundle_differences(expected: Path, found: Path) -> list[str]:
    if not expected.exists():
        return []
    from deepglass.deploy.runtime import checksums as of_bundles

    of_bundles.verify(found)
    return [
        f"bundle/{name}" for name in ("model.onnx", "labels.json") if _bytes(expected / name) != _bytes(found / name)
    ]


def without_clocks(value: Any) -> Any:
    """A value without what is measured by a clock."""
    if isinstance(value, dict):
        return {name: without_clocks(part) for name, part in value.items() if name not in CLOCKS}
    return [without_clocks(part) for part in value] if isinstance(value, list | tuple) else value


def same(first: Any, second: Any) -> bool:
    """Whether two values are equal to the bit, NaN included."""
    import torch

    if isinstance(first, torch.Tensor | np.ndarray):
        if type(first) is not type(second) or first.shape != second.shape or first.dtype != second.dtype:
            return False
        return np.asarray(first).tobytes() == np.asarray(second).tobytes()
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[name], second[name]) for name in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    is_nan = isinstance(first, float) and isinstance(second, float) and math.isnan(first) and math.isnan(second)
    return is_nan or first == second


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _json(path: Path) -> Any:
    return json.loads(path.read_text().replace(str(path.parent), "RUN")) if path.exists() else None


def _arrays(run: Path, name: str) -> dict[str, np.ndarray]:
    return RunFolder(run).read_arrays(name) if (run / name).exists() else {}


def _checkpoint(run: Path) -> Any:
    import torch

    return without_clocks(torch.load(run / "checkpoint.pt", weights_only=True))


if __name__ == "__main__":
    main()
