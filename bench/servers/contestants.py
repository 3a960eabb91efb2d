"""Who answers in bench/serve.py, what each is asked, and the client that asks.

Every server gets the same ONNX file and one thread to compute with, and gathers up to 32 requests; each as its own
documentation shows it, in a Python environment of its own.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SERVERS = Path(__file__).resolve().parent
OURS = ("ours", "ours, binary")
PEERS = ("LitServe", "BentoML")
STEADY = 20  # answers in a row before anything is measured: some servers listen before their workers are there
PATIENCE_SECONDS = 90  # for that
TEXT_TOKENS = 24  # of an example where the length is open


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    pid: int
    port: int
    request: Asked

    def processes(self) -> list[int]:
        """Of the server, with all that it started."""
        return tree_of(self.pid)


def is_there(contestant: str, pythons: dict[str, str]) -> bool:
    """Whether it can take part; says so where it cannot."""
    python = pythons.get(contestant)
    if python is None or Path(python).exists():
        return True
    print(f"{contestant} is left out: no {python}; the head of bench/serve.py says how to make it", file=sys.stderr)
    return False


@contextlib.contextmanager
def running(contestant: str, bundle: Path, pythons: dict[str, str], workers: int = 1) -> Iterator[Running]:
    """A server that answers steadily, and is stopped at the end."""
    port = free_port()
    onnx = str(bundle / "model.onnx")
    ours = [sys.executable, "-m", "deepglass", "serve", str(bundle), "--no-log", "--quiet", "--workers", str(workers)]
    command, cwd, more = {
        "ours": ([*ours, "--port", str(port)], ROOT, {}),
        "LitServe": ([pythons.get("LitServe"), "litserve_server.py", onnx, str(port)], SERVERS, {}),
        "BentoML": (
            [pythons.get("BentoML"), "-m", "bentoml", "serve", "bentoml_server:Model", "--port", str(port)],
            SERVERS,
            {"MODEL": onnx, "BENTOML_DO_NOT_TRACK": "1"},
        ),
    }[contestant.partition(",")[0]]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "process_group": 0}
    with subprocess.Popen(command, cwd=cwd, env={**os.environ, **more}, **silent) as process:
        try:
            request = request_of(contestant, bundle)
            wait_until_it_answers(port, request, process)
            yield Running(process.pid, port, request)
        finally:
            stop(process)


def stop(process: subprocess.Popen) -> None:
    """Ask the whole group to end; make it end where it does not."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # what it left behind, too


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_answers(port: int, asked: Asked, process: subprocess.Popen) -> None:
    """Until that many requests in a row, each over a connection of its own, were answered 200."""
    url, end, good = f"http://127.0.0.1:{port}{asked.path}", time.monotonic() + PATIENCE_SECONDS, 0
    while good < STEADY:
        if time.monotonic() > end or process.poll() is not None:
            raise SystemExit(f"no answer from {process.args}: try it by hand")
        try:
            with urllib.request.urlopen(urllib.request.Request(url, asked.body, asked.headers), timeout=10) as answer:
                answer.read()
            good += 1
        except (OSError, http.client.HTTPException):  # a status above 399 is an OSError of urllib
            good = 0
            time.sleep(0.2)


def tree_of(pid: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in tree_of(int(child)))]


def resident_mib(pids: list[int]) -> float:
    """Memory that processes hold, shared pages counted once for each."""
    kib = [re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text()) for pid in pids]
    return sum(int(found[1]) for found in kib if found) / 1024


# -- what is asked --------------------------------------------------------------------------------------------------


def request_of(contestant: str, bundle: Path) -> Asked:
    """One row for one contestant, in its own form."""
    from deepglass.deploy.runtime.bundle import Bundle

    opened = Bundle.open(bundle)
    given = opened.tensors["inputs"][0]
    row = example(given)
    tensor = {"name": given["name"], "shape": list(row.shape), "datatype": given["datatype"]}
    infer, as_json = f"/v2/models/{opened.name}/infer", {"Content-Type": "application/json"}
    match contestant:
        case "ours":
            return Asked(infer, json.dumps({"inputs": [tensor | {"data": row.ravel().tolist()}]}).encode(), as_json)
        case "ours, binary":
            sized = tensor | {"parameters": {"binary_data_size": row.nbytes}}
            head = json.dumps({"inputs": [sized], "parameters": {"binary_data_output": True}}).encode()
            headers = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}
            return Asked(infer, head + row.tobytes(), headers)
        case "LitServe":
            return Asked("/predict", json.dumps({"inputs": row[0].tolist()}).encode(), as_json)
    return Asked("/predict", json.dumps({"inputs": row.tolist()}).encode(), as_json)


def example(given: dict) -> np.ndarray:
    """One row of the model's input."""
    shape = [size if size > 0 else TEXT_TOKENS for size in given["shape"][1:]]
    dtype = {"UINT8": np.uint8, "INT64": np.int64}[given["datatype"]]
    return np.random.default_rng(0).integers(1, 16, (1, *shape)).astype(dtype)


# -- who asks -------------------------------------------------------------------------------------------------------


def script_of(asked: Asked, folder: Path) -> Path:
    """The request as wrk reads it."""
    (folder / "body").write_bytes(asked.body)
    lines = [f'wrk.path = "{asked.path}"', 'wrk.method = "POST"']
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in asked.headers.items()]
    lines += [f'wrk.body = io.open("{folder / "body"}", "rb"):read("*a")']
    script = folder / "request.lua"
    script.write_text("\n".join(lines))
    return script


def wrk(port: int, script: Path, connections: int, seconds: int) -> dict[str, float]:
    """Requests a second, p99 in milliseconds, how many were answered, and how many of those were no 200 or broke."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script)]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    value, unit = found(r"99%\s+([\d.]+)(us|ms|s|m)", said)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return {
        "requests_per_second": float(found(r"Requests/sec:\s+([\d.]+)", said)[0]),
        "p99_ms": float(value) * {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}[unit],
        "answered": float(found(r"(\d+) requests in", said)[0]),
        "wrong": float(wrong[1] if wrong else 0) + sum(map(float, errors.groups() if errors else ())),
    }


def found(pattern: str, said: str) -> tuple[str, ...]:
    match = re.search(pattern, said)
    if match is None:
        raise SystemExit(f"wrk said nothing like {pattern}:\n{said}")
    return match.groups()
