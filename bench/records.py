"""What a bench keeps: one record for each thing that was measured, written as soon as it is there."""

import argparse
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.made_with import made_with
from deepglass.core import files
from deepglass.core.console import console

Record = dict[str, Any]
RUNS = "runs"


def known(path: Path) -> dict[str, Any]:
    """What was measured before."""
    return files.read_json(path) if path.exists() else {RUNS: []}


def keep(path: Path, results: dict[str, Any], record: Record, *names: str) -> None:
    """Write a record in the place of the one that has the same values under these names, and what it was made with."""
    others = [one for one in results[RUNS] if [one[name] for name in names] != [record[name] for name in names]]
    results[RUNS] = [*others, record]
    results["environment"] = made_with()
    files.write_json(path, results)


def measure_parts(path: Path, parts: dict[str, Callable[[int], Iterator[Record]]], about: str) -> None:
    """Measure the parts and seeds that the command line asks for; records of other seeds stay.

    Args:
        path: Where they are kept.
        parts: By name, what gives the records of a seed, each of which names it.
        about: For `--help`.
    """
    parser = argparse.ArgumentParser(description=about.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    asked, kept = parser.parse_args(), files.read_json(path) if path.exists() else {}
    console.mode = "quiet"
    for name in asked.only:
        kept[name] = [record for record in kept.get(name, []) if record["seed"] not in asked.seeds]
        for seed in asked.seeds:
            for record in parts[name](seed):
                kept[name].append(record)
                kept["environment"] = made_with()
                files.write_json(path, kept)
                print(record, flush=True)


def processor_seconds() -> float:
    """Of this process and of those that it waited for, all their threads together."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
