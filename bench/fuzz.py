"""How the server bears hostile requests: a hundred thousand of a grammar of our own, and those of schemathesis.

    python -m bench.fuzz                       # everything; half an hour on two busy cores
    python -m bench.fuzz --requests 5000 --seed 7 --only grammar
    python -m bench.fuzz --only control    # the same attack on another server than the client's

Seven small models, of every kind of input, are served by one process. The attack (bench/hostile) comes in turns of
some seconds with quiet between them; meanwhile a well-behaved client asks twenty times a second and compares every
answer, another asks after the server's health, and its memory is read. Kept: how many answers broke a rule, the count
of statuses, how often the client was answered right and how fast beside its quiet, the slowest health, the most memory.

The attack takes processor time from everybody on the machine. How much of what the client notices is only that, the
control tells: the same attack goes to a second server, which shares nothing with the first but the machine.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.deploy.serve import bundles, fuzzing
from tests.deploy.serve.conftest import running

from bench.hostile.attack import Attack
from bench.hostile.watch import Seen, Watcher
from bench.made_with import made_with
from bench.servers.contestants import resident_mib, tree_of
from deepglass.core import files
from deepglass.deploy.runtime.limits import Limits

RESULTS = Path(__file__).resolve().parent / "results" / "fuzz.json"
TURN_SECONDS = 6.0  # of attack, and of quiet
CONNECTIONS = 16
BUNDLE_PART = 5  # the servers of bundles get a fifth as many requests, all together
CONTROL_PART, LEAST_CONTROL = 10, 3000  # the control sends a tenth as many requests, to each of two servers
SETTLE_SECONDS = 1.0  # after a change of turn, which belong to neither
MOST_MIB = 1.5  # times the resting size, plus the largest body
Turns = list[tuple[float, float]]  # from when to when, in seconds since 1970
FEWEST_RIGHT, MOST_SLOWER, MOST_HEALTH_MS = 0.99, 2.0, 300.0


def main() -> None:
    asked = arguments()
    kept = files.read_json(RESULTS) if RESULTS.exists() else {}
    kept["environment"] = made_with()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = [make(folder / make.__name__.replace("_", "-")) for make in bundles.ATTACKED]
        for part in asked.only:
            kept[part] = MEASURE[part](folder, models, asked)
            files.write_json(RESULTS, kept)
    print(json.dumps(kept, indent=2))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000, help="of the grammar")
    parser.add_argument(
        "--examples", type=int, default=100, help="most cases of schemathesis of one kind per operation"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=list(MEASURE), choices=list(MEASURE))
    return parser.parse_args()


# -- the grammar ----------------------------------------------------------------------------------------------------


def grammar(folder: Path, models: list[Path], asked: argparse.Namespace) -> dict[str, Any]:
    """The attack, and what those who watched have seen."""
    with running(folder, *models) as server:
        pids = tree_of(server.process.pid)
        watchers = {role: Watcher(role, server.port) for role in ("client", "health")}
        attack = Attack(server.port, asked.seed)
        [turns], measured = asyncio.run(in_turns([attack], asked.requests, pids))
        seen = {role: watcher.stop() for role, watcher in watchers.items()}
        is_alive = server.post("/predict?model=mood", {"text": "good"})["predictions"][0]["label"] == "good"
        result = {"answers_afterwards": is_alive, "exit_status": server.stop(), **told(server.log)}
    tally = attack.tally
    return {
        "requests": sum(tally.sent.values()), "seed": asked.seed, "connections": CONNECTIONS, "sent": dict(tally.sent),
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "wrong": len(tally.wrong), "examples_of_wrong": tally.wrong[:20], "slowest_ms": round(tally.slowest_ms),
        **measured, "client": compared(seen["client"], turns), "health": compared(seen["health"], turns),
        **result, "is_reached": is_reached(tally, measured["memory_mib"], seen, turns) | {
            "nothing unforeseen": result["unforeseen"] == 0
        },
    }  # fmt: skip


def control(folder: Path, models: list[Path], asked: argparse.Namespace) -> dict[str, Any]:
    """What the client notices of an attack on its own server, and by turns of the same attack on another one."""
    with running(folder, *models) as watched, running(folder, *models) as other:
        watcher = Watcher("client", watched.port)
        attacks = [Attack(server.port, asked.seed) for server in (watched, other)]
        count = max(LEAST_CONTROL, asked.requests // CONTROL_PART)
        (here, elsewhere), measured = asyncio.run(in_turns(attacks, count, tree_of(watched.process.pid)))
        seen = watcher.stop()
    by_server = {name: compared(seen, here + elsewhere, of) for name, of in (("own", here), ("other", elsewhere))}
    return {"requests": 2 * count, "seed": asked.seed, **measured, "client_by_server_attacked": by_server}


async def in_turns(attacks: list[Attack], count: int, pids: list[int]) -> tuple[list[Turns], dict[str, Any]]:
    """Attacks and quiet by turns.

    Returns:
        When each attack went on; the memory at rest, at most, and in the end, and the load of the machine.
    """
    await asyncio.sleep(TURN_SECONDS)
    resting, loads = resident_mib(pids), [os.getloadavg()[0]]
    most, turns = resting, [[] for _ in attacks]
    for attack in attacks:
        attack.may_go.clear()
    tasks = [asyncio.create_task(attack.run(count, CONNECTIONS)) for attack in attacks]
    while not all(task.done() for task in tasks):
        for attack, task, own in zip(attacks, tasks, turns, strict=True):
            attack.may_go.set()
            began = time.time()
            while not task.done() and time.time() < began + TURN_SECONDS:
                await asyncio.sleep(0.05)
                most = max(most, resident_mib(pids))
            attack.may_go.clear()
            own.append((began, time.time()))
            loads.append(os.getloadavg()[0])
            print(f"{attack.left:,} left, {most:.0f} MiB, {len(attack.tally.wrong)} wrong", flush=True)
            await asyncio.sleep(TURN_SECONDS)
    for task in tasks:
        task.result()
    memory = {"resting": resting, "most": most, "after": resident_mib(pids)}
    load = {"least": min(loads), "median": statistics.median(loads), "most": max(loads)}
    return turns, {
        "memory_mib": {name: round(mib, 1) for name, mib in memory.items()},
        "load_of_machine": {name: round(value, 1) for name, value in load.items()},
    }


def during(seen: list[Seen], turns: Turns) -> list[Seen]:
    """What began while an attack went on, without its first moments."""
    return [one for one in seen if any(begin + SETTLE_SECONDS < one.at < end for begin, end in turns)]


def outside(seen: list[Seen], turns: Turns) -> list[Seen]:
    """What began in quiet."""
    return [one for one in seen if not any(begin - 0.2 < one.at < end + SETTLE_SECONDS for begin, end in turns)]


def compared(seen: list[Seen], turns: Turns, of: Turns | None = None) -> dict[str, Any]:
    """Right answers and latency, in quiet and under attack, and the ratio of the two; `of` chooses among the turns."""
    quiet, attacked = times_of(outside(seen, turns)), times_of(during(seen, turns if of is None else of))
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


# -- the server of a bundle -----------------------------------------------------------------------------------------


def of_bundles(folder: Path, models: list[Path], asked: argparse.Namespace) -> dict[str, Any]:
    """The same grammar against the small server that every bundle brings, one bundle after the other."""
    found = {}
    for model in models:
        log = folder / f"{model.name}.log"
        command = [sys.executable, "-m", "deepglass.deploy.runtime.serving", str(model), "--port", "0"]
        with log.open("wb") as file:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True)
        assert process.stdout is not None
        port = int(re.findall(r":(\d+)/", process.stdout.readline())[0])
        resting, health = resident_mib([process.pid]), Watcher("bundle", port)
        attack = Attack(port, asked.seed, "/predict")
        tally = asyncio.run(attack.run(max(1, asked.requests // BUNDLE_PART // len(models)), CONNECTIONS))
        seen, after = health.stop(), resident_mib([process.pid])
        process.terminate()
        found[model.name] = {
            "requests": sum(tally.sent.values()),
            "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
            "wrong": len(tally.wrong), "examples_of_wrong": tally.wrong[:5], "slowest_ms": round(tally.slowest_ms),
            "memory_mib": {"resting": round(resting, 1), "after": round(after, 1)},
            "health": {"right": all(one.is_right for one in seen), "slowest_ms": round(max(one.ms for one in seen))},
            "exit_status": process.wait(timeout=10), "unforeseen": log.read_text().count("a request failed"),
        }  # fmt: skip
        print(f"{model.name}: {found[model.name]}", flush=True)
    return found


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
    errors = [line.get("exception", line["message"])[-400:] for line in lines if line["level"] == "error"]
    return {"logged": dict(sorted(statuses.items())), "unforeseen": len(errors), "examples_of_unforeseen": errors[:5]}


MEASURE = {"grammar": grammar, "control": control, "bundle": of_bundles, "schemathesis": from_document}


if __name__ == "__main__":
    main()
