"""Who watches a server under attack, each a process of its own: a well-behaved client, its health, its memory.

    python -m bench.hostile.watch client PORT     # a line for every request: when, milliseconds, right or wrong
    python -m bench.hostile.watch health PORT

The client asks twenty times a second, one request after the other, what it has asked before, and compares the answer.
"""

import base64
import http.client
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.hostile import bodies, pictures

GAP_SECONDS = 0.05  # between two requests
ROOT = Path(__file__).resolve().parents[2]
PICTURE = pictures._saved("PNG", "L", 33)


def asked() -> list[bodies.Asked]:
    """What a usual client asks: rows, tensors, a text, pictures."""
    tensors = bodies.written({"inputs": bodies.TENSORS["flowers"]})
    text = base64.b64encode(PICTURE).decode()
    return [
        bodies.Asked("POST", "/predict?model=flowers", bodies.written(bodies.RECORDS["flowers"]), bodies.JSON),
        bodies.Asked("POST", "/v2/models/flowers/infer", tensors, bodies.JSON),
        bodies.Asked("POST", "/predict?model=mood", bodies.written(bodies.RECORDS["mood"]), bodies.JSON),
        bodies.Asked("POST", "/predict?model=shades", PICTURE, {"Content-Type": "image/png"}),
        bodies.Asked("POST", "/predict?model=shades", bodies.written({"image": text}), bodies.JSON),
        bodies.Asked("POST", "/v1/models/half-plus-three:predict", b'{"instances": [1.0, 2.0, 5.0]}', bodies.JSON),
    ]


@dataclass(frozen=True)
class Seen:
    """One request of a watcher: when it began (seconds since 1970), how long it took, whether the answer was right."""

    at: float
    ms: float
    is_right: bool


class Watcher:
    """A watching process."""

    def __init__(self, role: str, port: int):
        command = [sys.executable, "-m", "bench.hostile.watch", role, str(port)]
        # a file and not a pipe, which is full after two thousand lines; `stop` closes it
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=self.said)

    def stop(self) -> list[Seen]:
        """All that it has seen."""
        self.process.terminate()
        self.process.wait()
        with self.said as file:
            file.seek(0)
            return [Seen(*json.loads(line)) for line in file.read().splitlines() if line.endswith("]")]


def client(port: int) -> None:
    """Ask for ever; a lost connection counts as a wrong answer, and another is opened."""
    requests, connection = asked(), http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    expected: dict[int, bytes] = {}
    turn = 0
    while True:
        place, at, began = turn % len(requests), time.time(), time.perf_counter()
        turn += 1
        try:
            answer = _ask(connection, requests[place])
            is_right = answer is not None and expected.setdefault(place, answer) == answer
        except (OSError, http.client.HTTPException):
            connection, is_right = http.client.HTTPConnection("127.0.0.1", port, timeout=30), False
        _say(at, began, is_right)


def health(port: int, path: str = "/v2/health/live") -> None:
    """Ask whether the server lives, over a new connection each time, as probes do."""
    while True:
        at, began = time.time(), time.perf_counter()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            is_right = _ask(connection, bodies.Asked("GET", path)) is not None
            connection.close()
        except (OSError, http.client.HTTPException):
            is_right = False
        _say(at, began, is_right)


def _ask(connection: http.client.HTTPConnection, request: bodies.Asked) -> bytes | None:
    """The answer, or None where it is not 200."""
    connection.request(request.method, request.path, request.body or None, request.headers)
    response = connection.getresponse()
    content = response.read()
    return content if response.status == 200 else None


def _say(at: float, began: float, is_right: bool) -> None:
    print(json.dumps([round(at, 4), round(1000 * (time.perf_counter() - began), 3), is_right]), flush=True)
    time.sleep(GAP_SECONDS)


if __name__ == "__main__":
    roles = {"client": client, "health": health, "bundle": partial(health, path="/health")}
    roles[sys.argv[1]](int(sys.argv[2]))
