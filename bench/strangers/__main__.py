"""Default runs against simple methods on data sets that nobody tuned for, each in the same time, start-up included.

    python -m bench.strangers                              # every set, three seeds, 60 s each: hours
    python -m bench.strangers --seeds 1 --seconds 20 titanic wine
    python -m bench.strangers --kinds series pictures      # in parts: what is measured already is not measured again

A set is divided by the seed before anybody looks at it, a series by time. What counts is the log loss of classes, the
root mean squared error of numbers and the mean absolute error of forecasts, and the rank among the contenders: of
ours, what a default run answers, and its network alone. Losses are compared within a set and a seed only: all
contenders ran one after the other on the same machine. Results: bench/results/strangers.json, after every set.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.made_with import made_with
from bench.strangers import contenders, forecasters, ours, scoring
from bench.strangers.pictures import pictures
from bench.strangers.series import series
from bench.strangers.set import Set, is_classification
from bench.strangers.tables import tables
from bench.strangers.texts import texts

RESULTS = Path(__file__).resolve().parents[1] / "results" / "strangers.json"
GRACE = 30.0  # seconds after which a process that keeps no time is stopped
KINDS = ("series", "pictures", "text", "table")
OTHERS = {
    "table": contenders.OF_TABLES, "text": contenders.OF_TEXTS, "pictures": contenders.OF_PICTURES,
    "series": forecasters.OF_SERIES,
}  # fmt: skip
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def main() -> None:
    """Run what was asked and not measured before, add it to the results after every set."""
    parser = argparse.ArgumentParser(prog="python -m bench.strangers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", help="of sets; all of them")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each contender, start-up included")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--again", action="store_true", help="also what is in the results already")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--one", nargs=4, metavar=("SET", "SEED", "CONTENDER", "BEGAN"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    every = {one.name: one for one in [*series(), *pictures(), *texts(), *tables()]}
    if unknown := set(asked.names) - every.keys():
        parser.error(f"no set is called {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    if asked.one:
        name, seed, contender, began = asked.one
        print(json.dumps(measured(every[name], int(seed), contender, asked.seconds, float(began))))
        return
    chosen = [one for one in every.values() if one.kind in asked.kinds and (not asked.names or one.name in asked.names)]
    run(chosen, asked.seeds, asked.seconds, asked.results, asked.again)


def run(sets: list[Set], seeds: int, seconds: float, results: Path, again: bool) -> None:
    """Every set under every seed that the results do not hold with so many seconds."""
    held = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    found = held.get("sets", {})
    for seed in range(seeds):
        for one in sets:
            if again or found.get(one.name, {}).get(str(seed), {}).get("seconds") != seconds:
                record = judged(one, seed, seconds)
                found.setdefault(one.name, {})[str(seed)] = record
                print(line(one.name, seed, record), flush=True)
                write(results, found)
    print(json.dumps(scoring.summed_up(found), indent=2, ensure_ascii=False))


def judged(one: Set, seed: int, seconds: float) -> dict[str, Any]:
    """The scores of every contender, each in a process of its own, and how long it took."""
    losses, took, more, load = {}, {}, {}, os.getloadavg()[0]
    for name in (ours.OURS, *OTHERS[one.kind]):
        began = time.monotonic()
        said = _asked(one.name, seed, name, seconds)
        took[name] = round(time.monotonic() - began, 1)
        if said is not None:
            losses[name] = np.array(said.pop("losses"), np.float64)
            more |= said
    found: dict[str, Any] = scoring.scores(losses, more["squared"], more["block"])
    if ours.OURS in found:
        alone = more.get(ours.ALONE)
        found[ours.ALONE] = {"loss": found[ours.OURS]["loss"] if alone is None else alone}
    load = [round(load, 1), round(os.getloadavg()[0], 1)]
    counted = {"test rows": len(next(iter(losses.values()))), "took": took, "load average": load}
    about = {"kind": one.kind, "seconds": seconds, "blend": more.get("blend")}
    return {**about, "scores": found, **counted, "machine": _machine()}


def _asked(name: str, seed: int, contender: str, seconds: float) -> dict[str, Any] | None:
    """What the process of a contender says; None, and a line, where it fails or keeps no time."""
    command = [sys.executable, "-m", "bench.strangers", "--seconds", str(seconds), "--one", name, str(seed), contender]
    environment = {key: value for key, value in os.environ.items() if key not in THREADS}
    if contender != ours.OURS:  # OpenMP's threads wait for each other: on a busy machine trees take minutes otherwise
        environment["OMP_WAIT_POLICY"] = "passive"
    command.append(str(time.monotonic()))
    try:
        limit = {"timeout": seconds + GRACE, "check": True, "env": environment}
        done = subprocess.run(command, capture_output=True, text=True, **limit)
        return json.loads(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, IndexError, ValueError) as error:
        print(f"{name}, seed {seed}, {contender}: {getattr(error, 'stderr', None) or error}"[-500:], file=sys.stderr)
        return None


def measured(one: Set, seed: int, contender: str, seconds: float, began: float) -> dict[str, Any]:
    """In the process of the contender: its losses, how they are summed up, and what is known beside them."""
    until = began + 0.9 * seconds  # a last fit may take longer than it looked
    train, test = one.divided(seed)
    has_classes = one.kind != "series" and is_classification(train["target"])
    about: dict[str, Any] = {"squared": one.kind != "series" and not has_classes, "block": 1}
    if one.kind == "series":
        places = forecasters.problem_of(train, test, one.horizon).places
        about["block"] = -(-one.horizon * len(places) // len(test))
    if contender == ours.OURS:
        found = ours.losses(one, train, test, seed, seconds, began)
        each = found.pop(ours.OURS)
        about |= found
    elif one.kind == "series":
        problem = forecasters.problem_of(train, test, one.horizon)
        each = forecasters.losses(forecasters.OF_SERIES[contender], problem, until)
    else:
        if one.kind == "pictures":
            train, test = (contenders.pixel_rows(part) for part in (train, test))
        each = contenders.losses(OTHERS[one.kind][contender], train, test, has_classes, until)
    return {"losses": each.tolist(), **about}


def line(name: str, seed: int, record: dict[str, Any]) -> str:
    """Losses, ours first."""
    parts = (f"{contender} {score['loss']:.4g}" for contender, score in record["scores"].items())
    return f"{name}, seed {seed}: {', '.join(parts)}; load {record['load average']}"


def write(results: Path, found: dict[str, Any]) -> None:
    """The records, and what they come to."""
    content = {"summary": scoring.summed_up(found), "sets": found}
    draft = results.with_suffix(".draft")
    draft.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(results)


def _machine() -> str:

    about = made_with()
    return ", ".join(str(value) for value in about.values() if isinstance(value, str | int))


if __name__ == "__main__":
    main()
