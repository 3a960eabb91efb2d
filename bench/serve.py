"""How fast the server answers beside LitServe and BentoML: one machine, one ONNX file, one client, one after the other.

    python -m bench.serve                    # the race: ten minutes
    python -m bench.serve --memory           # our memory over 200,000 requests: some minutes more
    python -m bench.serve --show

It takes the load generator `wrk` (a package of Debian, Fedora and Homebrew) and an environment for each peer; who is
missing is left out:

    python3 -m venv .venv-litserve && .venv-litserve/bin/pip install litserve==0.2.19 onnxruntime
    python3 -m venv .venv-bentoml && .venv-bentoml/bin/pip install bentoml==1.4.40 onnxruntime

The client has one thread, which keeps 1, 8 or 64 connections busy; every request carries one picture of digits, or one
sentence of sst2 as token numbers (its data from the folder --data; without it, sst2 is left out). In a round each
server is started anew, warmed up and measured for some seconds; the ratio to ours is taken within the round, the median
over rounds. The peers are asked in JSON; we are in JSON (Open Inference Protocol) and in its binary form.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.made_with import made_with
from bench.servers.contestants import OURS, PEERS, ROOT, is_there, resident_mib, running, script_of, wrk
from deepglass.core import files

RESULTS = ROOT / "bench" / "results" / "serve.json"
CONNECTIONS = (1, 8, 64)
WARM_UP_SECONDS, SECONDS = 1, 2
REQUESTS_FOR_MEMORY = 200_000
MOST_MIB, MOST_GROWTH = 300, 1.05  # what must be reached: memory, and how much of it may come after the first tenth
TIMES_THEIRS = 2.0  # what must be reached: throughput; p99 must be below theirs
TRAININGS = {
    "digits": ("digits", "--epochs", "3"),
    "sst2": ("{data}/sst2", "--epochs", "1"),
}
Measured = dict[str, dict[str, list[dict[str, float]]]]  # contestant → connections → a result a round


def main() -> None:
    asked = arguments()
    kept = files.read_json(RESULTS) if RESULTS.exists() else {}
    if asked.show:
        print(table(kept))
        return
    if shutil.which("wrk") is None:
        raise SystemExit("the load generator is missing: apt-get install wrk")
    kept["environment"] = made_with()
    with tempfile.TemporaryDirectory() as folder:
        for work in [work for work in asked.only if has_data(work, asked.data)]:
            bundle = bundle_of(work, Path(folder), asked.data)
            if asked.memory:
                kept.setdefault("memory", {})[work] = memory(bundle)
            else:
                kept.setdefault("works", {})[work] = race(bundle, asked)
            files.write_json(RESULTS, kept)
    print(table(kept))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(TRAININGS), choices=list(TRAININGS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    for peer in PEERS:
        place = ROOT / f".venv-{peer.lower()}" / "bin" / "python"
        parser.add_argument(f"--{peer.lower()}", default=str(place), help=f"a Python that has {peer}")
    parser.add_argument("--memory", action="store_true", help="our memory over many requests, instead of the race")
    parser.add_argument("--show", action="store_true", help="the table of what was measured so far")
    return parser.parse_args()


def has_data(work: str, data: Path) -> bool:
    """Whether the data are at hand; says so where they are not."""
    source = Path(TRAININGS[work][0].format(data=data))
    is_here = source.exists() or not source.is_absolute()  # digits come with the package
    if not is_here:
        print(f"{work} is left out: no {source}; name the folder of the data sets with --data", file=sys.stderr)
    return is_here


def bundle_of(work: str, folder: Path, data: Path) -> Path:
    """Train a little and export: how good the answers are does not change how long they take."""
    run = folder / work
    words = [word.format(data=data) for word in TRAININGS[work]]
    deepglass("train", *words, "--run", run, "--quiet")
    deepglass("export", run, "--to", "bundle", "--quiet")
    return run / "export" / "bundle"


def deepglass(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "deepglass", *map(str, words)], check=True, capture_output=True)


# -- the race -------------------------------------------------------------------------------------------------------


def race(bundle: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """All rounds: requests a second and p99 of each contestant at each number of connections."""
    pythons = {peer: getattr(asked, peer.lower()) for peer in PEERS}
    contestants = [name for name in (*OURS, *PEERS) if is_there(name, pythons)]
    measured: Measured = {name: {str(count): [] for count in CONNECTIONS} for name in contestants}
    for number in range(1, asked.rounds + 1):
        order = contestants if number % 2 else contestants[::-1]  # nobody is always first
        for name in order:
            for connections, result in one_visit(name, bundle, pythons).items():
                measured[name][str(connections)].append(result)
                print(f"round {number}, {name}, {connections} connections: {result}", file=sys.stderr, flush=True)
    return {name: {count: middle(results) for count, results in of.items()} for name, of in measured.items()} | {
        "rounds": asked.rounds,
        "times": {peer: {ours: against(measured[peer], measured[ours]) for ours in OURS} for peer in contestants[2:]},
    }


def one_visit(contestant: str, bundle: Path, pythons: dict[str, str]) -> dict[int, dict[str, float]]:
    """Start a server and ask it at every number of connections."""
    results = {}
    with running(contestant, bundle, pythons) as server, tempfile.TemporaryDirectory() as folder:
        script = script_of(server.request, Path(folder))
        for connections in CONNECTIONS:
            wrk(server.port, script, connections, WARM_UP_SECONDS)
            results[connections] = wrk(server.port, script, connections, SECONDS)
            results[connections]["resident_mib"] = resident_mib(server.processes())
    return results


def middle(results: list[dict[str, float]]) -> dict[str, float]:
    """The median of every number; the sum of what went wrong."""
    medians = {name: statistics.median(result[name] for result in results) for name in results[0]}
    return medians | {"wrong": sum(result["wrong"] for result in results)}


def against(
    theirs: dict[str, list[dict[str, float]]], ours: dict[str, list[dict[str, float]]]
) -> dict[str, dict[str, list[float]]]:
    """Our throughput and p99 in units of theirs, round by round: median, least, most."""
    return {
        count: {
            number: spread([b[number] / a[number] for a, b in zip(theirs[count], ours[count], strict=True)])
            for number in ("requests_per_second", "p99_ms")
        }
        for count in theirs
    }


def spread(values: list[float]) -> list[float]:
    return [statistics.median(values), min(values), max(values)]


# -- memory ---------------------------------------------------------------------------------------------------------


def memory(bundle: Path) -> dict[str, list[float]]:
    """Requests answered so far and resident memory of all our processes in MiB, over many requests."""
    with running("ours, binary", bundle, {}) as server, tempfile.TemporaryDirectory() as folder:
        script = script_of(server.request, Path(folder))
        seen = {"requests": [0.0], "resident_mib": [resident_mib(server.processes())]}
        while seen["requests"][-1] < REQUESTS_FOR_MEMORY:
            seen["requests"].append(seen["requests"][-1] + wrk(server.port, script, 8, 5)["answered"])
            seen["resident_mib"].append(round(resident_mib(server.processes()), 1))
            print(f"{seen['requests'][-1]:,.0f}: {seen['resident_mib'][-1]} MiB", file=sys.stderr, flush=True)
        return seen


# -- the table ------------------------------------------------------------------------------------------------------


def table(kept: dict[str, Any]) -> str:
    """Markdown: a row a contestant, model and number of connections; then what must be reached, and memory."""
    lines = [
        "| model | connections | server | requests/s | p99 ms | MiB | wrong | ours in JSON: times the requests "
        "| of the p99 | ours in binary: times the requests | of the p99 | reached |",
        "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for work, of in kept.get("works", {}).items():
        for count in map(str, CONNECTIONS):
            lines += [row(work, count, name, of) for name in (*OURS, *PEERS) if name in of]
    lines += [remembered(work, of) for work, of in kept.get("memory", {}).items()]
    return "\n".join(lines)


def row(work: str, count: str, name: str, of: dict[str, Any]) -> str:
    result, cells = of[name][count], ["", "", "", "", ""]
    if name in of["times"]:
        ours = [of["times"][name][form][count] for form in OURS]
        pairs = [(form["requests_per_second"], form["p99_ms"]) for form in ours]
        cells = [f"{middle:.2f} ({least:.2f}–{most:.2f})" for pair in pairs for middle, least, most in pair]
        cells.append("yes" if all(r[0] >= TIMES_THEIRS and p[0] < 1 for r, p in pairs) else "**no**")
    numbers = [f"{result['requests_per_second']:,.0f}", f"{result['p99_ms']:.1f}"]
    numbers += [f"{result['resident_mib']:.0f}", f"{result['wrong']:.0f}"]
    return f"| {' | '.join([work, count, name, *numbers, *cells])} |"


def remembered(work: str, of: dict[str, list[float]]) -> str:
    """Memory in one line; flat means that what is there after a tenth of the requests is there in the end."""
    early = next(mib for asked, mib in zip(of["requests"], of["resident_mib"]) if asked >= REQUESTS_FOR_MEMORY / 10)
    last = of["resident_mib"][-1]
    is_reached = max(of["resident_mib"]) < MOST_MIB and last <= MOST_GROWTH * early
    return (
        f"\n{work}: {of['resident_mib'][0]:.0f} MiB at the start, {early:.0f} after a tenth, {last:.0f} after "
        f"{of['requests'][-1]:,.0f} requests: {'below' if is_reached else '**not below**'} {MOST_MIB} MiB and flat"
    )


if __name__ == "__main__":
    main()
