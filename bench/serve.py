"""How fast the server answers beside LitServe and BentoML: one machine, one ONNX file, one client, one after the other.

    python -m bench.serve --litserve .venv-litserve/bin/python --bentoml .venv-bentoml/bin/python
    python -m bench.serve --memory           # our memory over 200,000 requests
    python -m bench.serve --show

The client is `wrk` (Debian's package), one thread, which keeps 1, 8 or 64 connections busy; every request carries one
picture of digits, or one sentence of sst2 as token numbers. In a round each server is started anew, warmed up and
measured for some seconds; the ratio to ours is taken within the round, the median over rounds. The peers are asked in
JSON; we are in JSON (Open Inference Protocol) and in its binary form.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import environment, files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "serve.json"
SERVERS = ROOT / "bench" / "servers"
CONNECTIONS = (1, 8, 64)
WARM_UP_SECONDS, SECONDS = 1, 2
REQUESTS_FOR_MEMORY = 200_000
TRAININGS = {
    "digits": ("digits", "--epochs", "3"),
    "sst2": ("{data}/sst2", "--epochs", "1"),
}


def main() -> None:
    asked = arguments()
    kept = files.read_json(RESULTS) if RESULTS.exists() else {}
    if asked.show:
        print(table(kept))
        return
    kept["environment"] = environment.describe()
    with tempfile.TemporaryDirectory() as folder:
        for work in asked.only:
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
    parser.add_argument("--litserve", default=str(ROOT / ".venv-litserve" / "bin" / "python"))
    parser.add_argument("--bentoml", default=str(ROOT / ".venv-bentoml" / "bin" / "python"))
    parser.add_argument("--memory", action="store_true", help="our memory over many requests, instead of the race")
    parser.add_argument("--show", action="store_true", help="the table of what was measured so far")
    return parser.parse_args()


def bundle_of(work: str, folder: Path, data: Path) -> Path:
    """Train a little and export: how good the answers are does not change how long they take."""
    run = folder / work
    words = [word.format(data=data) for word in TRAININGS[work]]
    deepglass("train", *words, "--run", run, "--quiet")
    deepglass("export", run, "--to", "bundle", "--quiet")
    return run / "export" / "bundle"


def deepglass(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "deepglass", *map(str, words)], check=True, capture_output=True)


# -- what is asked --------------------------------------------------------------------------------------------------


def example(bundle: Path) -> tuple[str, str, np.ndarray]:
    """Name and datatype of the model's input, and one row of it."""
    from deepglass.deploy.runtime.bundle import Bundle

    given = Bundle.open(bundle).tensors["inputs"][0]
    rng = np.random.default_rng(0)
    shape = [size if size > 0 else 24 for size in given["shape"][1:]]
    dtype = {"UINT8": np.uint8, "INT64": np.int64}[given["datatype"]]
    return given["name"], given["datatype"], rng.integers(1, 16, (1, *shape)).astype(dtype)


def lua(folder: Path, path: str, body: bytes, headers: dict[str, str]) -> Path:
    """The request as wrk reads it."""
    (folder / "body").write_bytes(body)
    lines = [f'wrk.path = "{path}"', 'wrk.method = "POST"']
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
    lines += [f'wrk.body = io.open("{folder / "body"}", "rb"):read("*a")']
    script = folder / "request.lua"
    script.write_text("\n".join(lines))
    return script


def requests(bundle: Path, model: str) -> dict[str, tuple[str, bytes, dict[str, str]]]:
    """Path, body and headers for each contestant."""
    name, datatype, row = example(bundle)
    tensor = {"name": name, "shape": list(row.shape), "datatype": datatype}
    as_json = {"Content-Type": "application/json"}
    ours = json.dumps({"inputs": [tensor | {"data": row.ravel().tolist()}]}).encode()
    sized = tensor | {"parameters": {"binary_data_size": row.nbytes}}
    head = json.dumps({"inputs": [sized], "parameters": {"binary_data_output": True}}).encode()
    binary = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}
    infer = f"/v2/models/{model}/infer"
    return {
        "ours": (infer, ours, as_json),
        "ours, binary": (infer, head + row.tobytes(), binary),
        "LitServe": ("/predict", json.dumps({"inputs": row[0].tolist()}).encode(), as_json),
        "BentoML": ("/predict", json.dumps({"inputs": row.tolist()}).encode(), as_json),
    }


# -- who answers ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def server(contestant: str, bundle: Path, asked: argparse.Namespace) -> Iterator[tuple[int, str]]:
    """A server that answers, and is stopped at the end: its port, and the name of the model."""
    port = free_port()
    command, cwd, more = {
        "ours": (
            [sys.executable, "-m", "deepglass", "serve", str(bundle), "--port", str(port), "--no-log", "--quiet"],
            ROOT,
            {},
        ),
        "LitServe": ([asked.litserve, "litserve_server.py", str(bundle / "model.onnx"), str(port)], SERVERS, {}),
        "BentoML": (
            [asked.bentoml, "-m", "bentoml", "serve", "bentoml_server:Model", "--port", str(port)],
            SERVERS,
            {"MODEL": str(bundle / "model.onnx"), "BENTOML_DO_NOT_TRACK": "1"},
        ),
    }[contestant.partition(",")[0]]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "process_group": 0}
    with subprocess.Popen(command, cwd=cwd, env={**os.environ, **more}, **silent) as process:
        try:
            yield port, wait_until_it_listens(port, contestant)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_listens(port: int, contestant: str) -> str:
    """The name of our model; peers have none."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    if not contestant.startswith("ours"):
        return ""
    index = urllib.request.Request(f"http://127.0.0.1:{port}/v2/repository/index", data=b"{}", method="POST")
    return json.load(urllib.request.urlopen(index, timeout=30))[0]["name"]


def wait_until_it_answers(port: int, path: str, body: bytes, headers: dict[str, str]) -> None:
    """The workers of some servers start behind a port that listens already."""
    for _ in range(300):
        with contextlib.suppress(OSError):  # an HTTP error is one
            urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers), timeout=5)
            return
        time.sleep(0.2)
    raise SystemExit(f"the server on port {port} does not answer {path}")


# -- the race -------------------------------------------------------------------------------------------------------


def race(bundle: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """All rounds: requests a second and p99 of each contestant at each number of connections."""
    contestants = ["ours", "ours, binary", *(name for name in ("LitServe", "BentoML") if is_there(name, asked))]
    measured: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in contestants}
    for number in range(1, asked.rounds + 1):
        for name in contestants:
            for connections, result in one_visit(name, bundle, asked).items():
                measured[name].setdefault(str(connections), []).append(result)
                print(f"round {number}, {name}, {connections} connections: {result}", file=sys.stderr, flush=True)
    return {name: {count: middle(results) for count, results in of.items()} for name, of in measured.items()} | {
        "rounds": asked.rounds,
        "times": {name: ratios(measured[name], measured["ours"]) for name in contestants if name != "ours"},
    }


def is_there(contestant: str, asked: argparse.Namespace) -> bool:
    python = asked.litserve if contestant == "LitServe" else asked.bentoml
    if not Path(python).exists():
        print(f"{contestant} is left out: no {python}", file=sys.stderr)
    return Path(python).exists()


def one_visit(contestant: str, bundle: Path, asked: argparse.Namespace) -> dict[int, dict[str, float]]:
    """Start a server and ask it at every number of connections."""
    with server(contestant, bundle, asked) as (port, model), tempfile.TemporaryDirectory() as folder:
        request = requests(bundle, model)[contestant]
        wait_until_it_answers(port, *request)
        script = lua(Path(folder), *request)
        results = {}
        for connections in CONNECTIONS:
            wrk(port, script, connections, WARM_UP_SECONDS)
            results[connections] = wrk(port, script, connections, SECONDS)
        return results


def wrk(port: int, script: Path, connections: int, seconds: float) -> dict[str, float]:
    """Requests a second, p99 in milliseconds, and how many answers were no 200."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script)]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()  # type: ignore[union-attr]
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return {
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        "p99_ms": float(value) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit],
        "refused": float(wrong[1]) if wrong else 0.0,
    }


def middle(results: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(result[name] for result in results) for name in results[0]}


def ratios(
    theirs: dict[str, list[dict[str, float]]], ours: dict[str, list[dict[str, float]]]
) -> dict[str, list[float]]:
    """Our throughput in units of theirs, round by round: median, least, most."""
    rate: Callable[[dict[str, float]], float] = lambda result: result["requests_per_second"]  # noqa: E731
    times = {count: [rate(b) / rate(a) for a, b in zip(theirs[count], ours[count])] for count in theirs}
    return {count: [statistics.median(values), min(values), max(values)] for count, values in times.items()}


# -- memory ---------------------------------------------------------------------------------------------------------


def memory(bundle: Path) -> dict[str, list[float]]:
    """Requests answered so far and resident memory in MiB, of our server alone, over many requests."""
    asked = arguments()
    with server("ours", bundle, asked) as (port, model), tempfile.TemporaryDirectory() as folder:
        script = lua(Path(folder), *requests(bundle, model)["ours, binary"])
        process = pid_of(port)
        answered, seen = 0.0, {"requests": [0.0], "resident_mib": [resident_mib(process)]}
        while answered < REQUESTS_FOR_MEMORY:
            answered += 10 * wrk(port, script, 8, 10)["requests_per_second"]
            seen["requests"].append(round(answered))
            seen["resident_mib"].append(resident_mib(process))
        return seen


def pid_of(port: int) -> int:
    """The process that serves on a port, by its command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0")
        if b"serve" in words and str(port).encode() in words:
            return int(path.parent.name)
    raise SystemExit(f"no server on port {port}")


def resident_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+) kB", status)[1]) / 1024  # type: ignore[index]


# -- the table ------------------------------------------------------------------------------------------------------


def table(kept: dict[str, Any]) -> str:
    """Markdown, a row a contestant, model and number of connections."""
    lines = [
        "| model | connections | server | requests/s | p99 ms | ours in JSON, times theirs (range) |",
        "|---|--:|---|--:|--:|--:|",
    ]
    for work, of in kept.get("works", {}).items():
        for count in map(str, CONNECTIONS):
            for name in [name for name in of if name not in ("rounds", "times")]:
                result, times = of[name][count], of["times"].get(name, {}).get(count)
                by = f"{times[0]:.1f} ({times[1]:.1f}–{times[2]:.1f})" if times and name != "ours, binary" else ""
                speed = f"{result['requests_per_second']:,.0f} | {result['p99_ms']:.1f}"
                lines.append(f"| {work} | {count} | {name} | {speed} | {by} |")
    for work, of in kept.get("memory", {}).items():
        last = of["requests"][-1]
        lines.append(
            f"\n{work}: {of['resident_mib'][0]:.0f} MiB at the start, {of['resident_mib'][-1]:.0f} after {last:,.0f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
