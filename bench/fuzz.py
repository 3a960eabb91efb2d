"""How the server bears hostile requests: a hundred thousand of a grammar of our own, and those of schemathesis.

    python -m bench.fuzz                       # everything; half an hour on two busy cores
    python -m bench.fuzz --requests 5000 --seed 7 --only grammar

Four small models, one of each kind of input, are served by one process. The attack (bench/hostile) comes in turns of
some seconds with quiet between them; meanwhile a well-behaved client asks twenty times a second and compares every
answer, another asks after the server's health, and its memory is read. Kept: how many answers broke a rule, the count
of statuses, how often the client was answered right and how fast beside its quiet, the slowest health, the most memory.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.deploy.serve import bundles, fuzzing
from tests.deploy.serve.conftest import running

from bench.hostile.attack import Attack
from bench.hostile.watch import Seen, Watcher
from bench.servers.contestants import resident_mib, tree_of
from deepglass.core import environment, files
from deepglass.deploy.runtime.limits import Limits

RESULTS = Path(__file__).resolve().parent / "results" / "fuzz.json"
TURN_SECONDS = 6.0  # of attack, and of quiet
CONNECTIONS = 16
SETTLE_SECONDS = 1.0  # after a change of turn, which belong to neither
MOST_MIB = 1.5  # times the resting size, plus the largest body
FEWEST_RIGHT, MOST_SLOWER, MOST_HEALTH_MS = 0.99, 2.0, 300.0


def main() -> None:
    asked = arguments()
    kept = files.read_json(RESULTS) if RESULTS.exists() else {}
    kept["environment"] = environment.describe()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = [make(folder / make.__name__.replace("_", "-")) for make in bundles.ALL]
        if "grammar" in asked.only:
            kept["grammar"] = grammar(folder, models, asked)
        if "schemathesis" in asked.only:
            kept["schemathesis"] = from_document(folder, models, asked)
    files.write_json(RESULTS, kept)
    print(json.dumps(kept, indent=2))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000, help="of the grammar")
    parser.add_argument(
        "--examples", type=int, default=100, help="most cases of schemathesis of one kind per operation"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=["grammar", "schemathesis"], choices=["grammar", "schemathesis"])
    return parser.parse_args()


# -- the grammar ----------------------------------------------------------------------------------------------------


def grammar(folder: Path, models: list[Path], asked: argparse.Namespace) -> dict[str, Any]:
    """The attack, and what those who watched have seen."""
    with running(folder, *models) as server:
        pids = tree_of(server.process.pid)
        watchers = {role: Watcher(role, server.port) for role in ("client", "health")}
        attack = Attack(server.port, asked.seed)
        turns, memory = asyncio.run(in_turns(attack, asked.requests, pids))
        seen = {role: watcher.stop() for role, watcher in watchers.items()}
        is_alive = server.post("/predict?model=mood", {"text": "good"})["predictions"][0]["label"] == "good"
        result = {"answers_afterwards": is_alive, "exit_status": server.stop(), **told(server.log)}
    tally = attack.tally
    return {
        "requests": sum(tally.sent.values()), "seed": asked.seed, "connections": CONNECTIONS, "sent": dict(tally.sent),
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "wrong": len(tally.wrong), "examples_of_wrong": tally.wrong[:20], "slowest_ms": round(tally.slowest_ms),
        "memory_mib": memory, "client": compared(seen["client"], turns), "health": compared(seen["health"], turns),
        **result, "is_reached": is_reached(tally, memory, seen, turns),
    }  # fmt: skip


async def in_turns(attack: Attack, count: int, pids: list[int]) -> tuple[list[tuple[float, float]], dict[str, float]]:
    """Attack and quiet by turns; when the attack went on, and the memory at rest, at most, and in the end."""
    await asyncio.sleep(TURN_SECONDS)
    resting, turns = resident_mib(pids), []
    most, task = resting, asyncio.create_task(attack.run(count, CONNECTIONS))
    while not task.done():
        attack.may_go.set()
        began = time.time()
        while not task.done() and time.time() < began + TURN_SECONDS:
            await asyncio.sleep(0.05)
            most = max(most, resident_mib(pids))
        attack.may_go.clear()
        turns.append((began, time.time()))
        print(f"{attack.left:,} left, {most:.0f} MiB, {len(attack.tally.wrong)} wrong", flush=True)
        await asyncio.sleep(TURN_SECONDS)
    task.result()
    memory = {"resting": resting, "most": most, "after": resident_mib(pids)}
    return turns, {name: round(mib, 1) for name, mib in memory.items()}


def parted(seen: list[Seen], turns: list[tuple[float, float]]) -> tuple[list[Seen], list[Seen]]:
    """What was seen in quiet, and under attack; what began at a border is neither."""
    attacked = [one for one in seen if any(begin + SETTLE_SECONDS < one.at < end for begin, end in turns)]
    quiet = [one for one in seen if not any(begin - 0.2 < one.at < end + SETTLE_SECONDS for begin, end in turns)]
    return quiet, attacked


def compared(seen: list[Seen], turns: list[tuple[float, float]]) -> dict[str, Any]:
    """Right answers and latency, in quiet and under attack, and the ratio of the two."""
    quiet, attacked = (times_of(part) for part in parted(seen, turns))
    ratios = {q: round(attacked["ms"][q] / quiet["ms"][q], 2) for q in quiet["ms"]}
    return {"quiet": quiet, "attacked": attacked, "times_as_slow": ratios}


def times_of(seen: list[Seen]) -> dict[str, Any]:
    cuts = statistics.quantiles([one.ms for one in seen], n=100)
    places = {"p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "most": max(one.ms for one in seen)}
    share = sum(one.is_right for one in seen) / len(seen)
    return {"requests": len(seen), "right": round(share, 5), "ms": {name: round(ms, 2) for name, ms in places.items()}}


def is_reached(tally: Any, memory: dict[str, float], seen: dict[str, list[Seen]], turns: Any) -> dict[str, bool]:
    """What must be reached, point by point."""
    client = compared(seen["client"], turns)
    bound = MOST_MIB * memory["resting"] + Limits().max_body_bytes / 2**20
    return {
        "no wrong answer": not tally.wrong,
        "no 503": tally.statuses[503] == 0,
        "client right": client["attacked"]["right"] >= FEWEST_RIGHT,
        "client within twice its quiet": client["times_as_slow"]["p50"] <= MOST_SLOWER,
        "memory": memory["most"] < bound,
        "health within 300 ms": max(one.ms for one in seen["health"]) < MOST_HEALTH_MS,
    }


# -- schemathesis ---------------------------------------------------------------------------------------------------


def from_document(folder: Path, models: list[Path], asked: argparse.Namespace) -> dict[str, Any]:
    """Requests that schemathesis makes up from /openapi.json, held against all its checks."""
    with running(folder, *models, "--max-body-seconds", 2) as server:
        outcome = fuzzing.fuzz(server.url, folder, asked.examples, asked.seed)
        told_by_log = {**told(server.log), "exit_status": server.stop()}
    if outcome.failures:
        print(outcome.report)
    return {
        "examples": asked.examples, "seed": asked.seed, "cases": outcome.cases, "failures": outcome.failures,
        "seconds": round(outcome.seconds, 1), **told_by_log,
    }  # fmt: skip


def told(log: Path) -> dict[str, Any]:
    """The server's own log: statuses of requests, and whatever nobody foresaw."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    statuses = Counter(str(line["status"]) for line in lines if "status" in line)
    errors = [line["message"] for line in lines if line["level"] == "error"]
    return {"logged": dict(sorted(statuses.items())), "unforeseen": len(errors), "examples_of_unforeseen": errors[:5]}


if __name__ == "__main__":
    main()
