"""The server as a process: signals, workers that die, clients that misbehave, and options that are refused."""

import asyncio
import contextlib
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deepglass.core.errors import DeepglassError
from deepglass.deploy.runtime import checksums
from deepglass.deploy.runtime.errors import BundleError
from deepglass.deploy.serve.registry import Canary
from tests.deploy.serve.conftest import ENVIRONMENT, Server, running

PATIENCE = 200  # seconds, on a machine that does other things
BODY = json.dumps({"length": 5, "width": 1, "colour": "red"})
HEAD = (
    "POST /predict?model=flowers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Content-Length: {}\r\n\r\n"
)


class Client(threading.Thread):
    """Asks over kept connections until nobody listens any more; notes what became of every request."""

    def __init__(self, port: int):
        super().__init__(daemon=True)
        self.port, self.statuses, self.lost, self.may_stop = port, [], [], threading.Event()

    def run(self) -> None:
        while not self.may_stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                connection.connect()
            except ConnectionRefusedError:
                return
            self._talk(connection)
            connection.close()

    def _talk(self, connection: http.client.HTTPConnection) -> None:
        while not self.may_stop.is_set():
            try:
                connection.request("POST", "/predict", BODY, {"Content-Type": "application/json"})
                response = connection.getresponse()
                content = json.loads(response.read())
            except (OSError, ValueError, http.client.HTTPException) as error:
                self.lost.append(repr(error))
                return
            self.statuses.append(response.status)
            if not is_right(response, content):
                self.lost.append(f"{response.status}, {dict(response.headers)}: {content}")
            if response.will_close:
                return


def is_right(response: http.client.HTTPResponse, content: dict) -> bool:
    """The answer, or 503 that says when to try again."""
    if response.status == 503:
        return response.headers["Retry-After"] == "1" and "error" in content
    return response.status == 200 and content["predictions"][0]["label"] == "iris"


def under_load(port: int, count: int = 8) -> list[Client]:
    clients = [Client(port) for _ in range(count)]
    for client in clients:
        client.start()
    end = time.monotonic() + PATIENCE
    while sum(len(client.statuses) for client in clients) < 100 and time.monotonic() < end:
        time.sleep(0.02)
    return clients


@pytest.mark.slow("eight clients ask without a pause")
@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_under_load_loses_no_request(shelf, tmp_path, workers):
    with running(tmp_path, shelf / "flowers", "--workers", workers) as server:
        clients = under_load(server.port)
        assert server.stop() == 0
        for client in clients:
            client.join(timeout=PATIENCE)
    statuses = [status for client in clients for status in client.statuses]
    assert len(statuses) > 100
    assert set(statuses) == {200}
    assert [lost for client in clients for lost in client.lost] == []


@pytest.mark.slow("four workers are killed under load")
def test_a_killed_worker_costs_its_own_requests_503_and_nothing_else(shelf, tmp_path):
    with running(tmp_path, shelf / "flowers", "--workers", 2) as server:
        clients = under_load(server.port, 12)
        for i in range(4):
            before = children(server.process.pid)
            os.kill(before[i % 2], signal.SIGKILL)
            wait_until(lambda count=i + 1: server.log.read_text().count(" serves\n") == count, server.log.read_text)
            assert before[1 - i % 2] in children(server.process.pid)
            assert len(children(server.process.pid)) == 2
        seen = len(clients[0].statuses)
        wait_until(lambda: min(len(client.statuses) for client in clients) >= seen + 20)
        for client in clients:
            client.may_stop.set()
        for client in clients:
            client.join(timeout=PATIENCE)
            assert not client.is_alive()
        statuses = [status for client in clients for status in client.statuses]
        assert [lost for client in clients for lost in client.lost] == []
        assert set(statuses) == {200, 503}
        assert statuses.count(503) <= 4 * 12  # a connection has one request at a time
        metrics = http.client.HTTPConnection("127.0.0.1", server.port)
        metrics.request("GET", "/metrics")
        assert b"deepglass_requests_total" in metrics.getresponse().read()
        with pytest.raises(OSError, match="409"):
            server.post("/v2/repository/models/flowers/unload", {})
        assert server.stop() == 0


@pytest.mark.slow("workers start again")
def test_a_request_that_dies_with_its_worker_is_answered_503_and_an_idle_connection_goes_on(shelf, tmp_path):
    with running(tmp_path, shelf / "flowers", "--workers", 2) as server:
        idle = [
            http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE) for _ in range(4)
        ]  # two a worker
        for connection in idle:
            assert predict(connection) == 200
        with server.connect() as busy:
            busy.sendall(HEAD.format(len(BODY)).encode() + BODY[:5].encode())
            wait_until(lambda: is_read(busy, server.port))
            for pid in children(server.process.pid):
                os.kill(pid, signal.SIGKILL)
                wait_until(lambda: len(children(server.process.pid)) == 2)
                wait_until(lambda pid=pid: server.log.read_text().count(" serves\n") > 0)
            answer = busy.recv(65536)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 1\r\n" in answer
            assert busy.recv(65536) == b""
        assert [predict(connection) for connection in idle] == [200] * 4
        assert answered(server)


@pytest.mark.slow("workers start again")
def test_while_no_worker_lives_everybody_gets_503_at_once(shelf, tmp_path):
    def asked() -> int:
        return predict(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE))

    def asked_without_workers() -> int:
        for pid in children(server.process.pid):
            os.kill(pid, signal.SIGKILL)
        return asked()

    with running(tmp_path, shelf / "flowers", "--workers", 2) as server:
        statuses = []
        wait_until(lambda: statuses.append(asked_without_workers()) or 503 in statuses)
        assert set(statuses) <= {200, 503}  # 200 of one that had begun to serve meanwhile
        wait_until(lambda: asked() == 200)


def predict(connection: http.client.HTTPConnection) -> int:
    """The status of one answer."""
    connection.request("POST", "/predict", BODY, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status


def wait_until(is_so: Callable[[], bool], tell: Callable[[], str] = str) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, tell()
        time.sleep(0.02)


def children(parent: int) -> list[int]:
    """Process ids of the children that live."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def is_read(client: socket.socket, port: int) -> bool:
    """Whether a server on this machine has taken all that a client has sent so far from the system."""
    here = client.getsockname()[1]
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if local.endswith(f":{port:04X}") and remote.endswith(f":{here:04X}"):
            return int(queues.partition(":")[2], 16) == 0
    return False


def answered(server: Server) -> bool:
    return server.post("/predict?model=flowers", json.loads(BODY))["predictions"][0]["label"] == "iris"


def test_a_slow_client_is_let_go(server):
    with server.connect() as slow:
        slow.sendall(HEAD.format(len(BODY)).encode() + BODY[:5].encode())
        assert answered(server)  # meanwhile others are served
        answer = slow.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"connection: close" in answer.lower()
    assert answered(server)


def test_connections_that_break_off_harm_nobody(server):
    for ending in (b"", HEAD.format(5000).encode() + b"{", HEAD.format(len(BODY)).encode() + BODY.encode()):
        with server.connect() as broken:
            broken.sendall(ending)
            broken.shutdown(socket.SHUT_WR)  # half closed
        with server.connect() as gone:
            gone.sendall(ending)  # and closed without a word
    assert answered(server)


@pytest.mark.parametrize(
    "rubbish", [b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/9.9\r\n\r\n", b"A" * 100_000, b"\r\n" * 9]
)
def test_what_is_not_http_harms_nobody(server, rubbish):
    with server.connect() as client:
        client.sendall(rubbish)
        client.settimeout(0.3)
        with contextlib.suppress(OSError):
            client.recv(1024)
    assert answered(server)


def test_a_huge_body_is_refused_before_it_is_sent(server):
    with server.connect() as client:
        client.sendall(HEAD.format(10**12).encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 413")
    assert answered(server)


def test_a_thousand_idle_connections_leave_room(server):
    with a_thousand_connections(server):
        assert answered(server)
    assert answered(server)


@pytest.mark.slow("a worker starts again")
def test_a_thousand_idle_connections_leave_room_for_two_workers_and_outlive_one(shelf, tmp_path):
    with running(tmp_path, shelf / "flowers", "--workers", 2) as server:
        with a_thousand_connections(server) as idle:
            assert answered(server)
            os.kill(children(server.process.pid)[0], signal.SIGKILL)
            wait_until(lambda: " serves" in server.log.read_text())
            for connection in idle[::50]:
                connection.sendall(HEAD.format(len(BODY)).encode() + BODY.encode())
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert answered(server)
        wait_until(lambda: open_files(server.process.pid) < 100)  # the parent has let them go
        assert server.stop() == 0


@contextlib.contextmanager
def a_thousand_connections(server: Server) -> Iterator[list[socket.socket]]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2500:
        pytest.skip("this system does not let a process open 2,500 files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2500), hard))
    connections = [server.connect() for _ in range(1000)]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


REFUSED = {  # what is asked, and what the message names
    "open host": ({"host": "0.0.0.0"}, "--token-file"),
    "nothing": ({"models": None}, "nothing to serve"),
    "no bundle": ({"models": [Path("/nowhere")]}, "is not a run"),
    "no folder": ({"repository": Path("/nowhere")}, "--repository"),
    "canary": ({"canary": ["mood"]}, "NAME:VERSION=SHARE"),
    "batch": ({"max_batch": "0"}, "--max-batch"),
    "word": ({"queue": "many"}, "--queue"),
    "port": ({"port": "99999"}, "--port"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_served_is_one_message(shelf, case):
    from deepglass.cli.serve import run_server

    words, message = REFUSED[case]
    with pytest.raises(DeepglassError, match=message):
        run_server(**{"models": [shelf / "mood"], "port": "0"} | words)


@pytest.mark.parametrize(("names", "canary", "message"), [
    (["mood", "mood"], [], "two bundles are mood"),
    (["mood"], [Canary("mood", "7", 0.5)], "no version 7 of mood"),
])  # fmt: skip
def test_bundles_that_do_not_go_together_are_refused(app_of, shelf, names, canary, message):
    app = app_of(*(shelf / name for name in names), canaries=canary)
    with pytest.raises(DeepglassError, match=message):
        asyncio.run(app.state.registry.load_all())


def test_a_damaged_bundle_is_named(shelf, tmp_path):
    copy = Path(shutil.copytree(shelf / "mood", tmp_path / "mood"))
    (copy / "model.onnx").write_bytes(b"damaged")
    command = [sys.executable, "-m", "deepglass", "serve", str(copy), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=PATIENCE)
    assert done.returncode == 2
    assert "model.onnx" in done.stderr
    assert "Traceback" not in done.stderr


SPOILED = {
    "no answer": lambda schema: schema.pop("answer"),
    "another answer": lambda schema: schema.update(answer="logits"),
    "version no number": lambda schema: schema.update(version="1-beta"),
    "name no text": lambda schema: schema.update(name=["mood"]),
    "no inputs": lambda schema: schema.update(inputs=[]),
    "other inputs": lambda schema: schema.update(inputs=[{"kind": "number", "name": "x", "tensor": "y"}]),
    "no limits": lambda schema: schema.pop("limits"),
    "nothing": lambda schema: schema.clear(),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_description_that_does_not_fit_is_one_message(app_of, shelf, tmp_path, case):
    copy = Path(shutil.copytree(shelf / "mood", tmp_path / "mood"))
    schema = json.loads((copy / "schema.json").read_text())
    SPOILED[case](schema)
    (copy / "schema.json").write_text(json.dumps(schema))
    checksums.write(copy)
    with pytest.raises(BundleError):
        asyncio.run(app_of(copy).state.registry.load_all())


def test_the_server_loads_no_torch(shelf):
    code = (
        "import sys; from deepglass.deploy.serve.app import create_app; import deepglass.deploy.serve.server;"
        "print([m for m in ('torch', 'pandas', 'sklearn', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
