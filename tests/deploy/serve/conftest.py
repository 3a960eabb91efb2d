"""A server with four small models: in the process for requests, as a process of its own for what concerns signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from deepglass.deploy.serve.app import create_app
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.metrics import Metrics
from deepglass.deploy.serve.registry import Registry, Sources
from tests.deploy.serve import bundles

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}


@pytest.fixture(scope="session")
def shelf(tmp_path_factory) -> Path:
    """A repository folder with all four bundles."""
    folder = tmp_path_factory.mktemp("bundles")
    for make in bundles.ALL:
        make(folder / make.__name__.replace("_", "-"))
    return folder


@pytest.fixture
def app_of():
    """Makes an application around some bundles."""

    def make(*paths: Path, repository: Path | None = None, tokens=None, canaries=(), **settings):
        config = ServeConfig(log=False, **settings)
        registry = Registry(Sources([*paths], repository), config, Metrics(), [*canaries])
        return create_app(registry, tokens)

    return make


@pytest.fixture
def client(app_of, shelf):
    """A client of a server with all four models."""
    with client_of(app_of(repository=shelf)) as client:
        yield client


def client_of(app, **options) -> TestClient:
    """A client of an application, which asks as a program on this machine does."""
    return TestClient(app, base_url="http://localhost:8000", raise_server_exceptions=False, **options)


class Server:
    """`deepglass serve` in a process."""

    def __init__(self, process: subprocess.Popen, port: int, log: Path):
        self.process, self.port, self.log = process, port, log
        self.url = f"http://127.0.0.1:{port}"

    def post(self, path: str, content: dict, timeout: float = 120) -> dict:
        request = urllib.request.Request(self.url + path, json.dumps(content).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.loads(response.read())

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=120)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)


@contextmanager
def running(folder: Path, *words: object):
    """A server process that is ready; stopped in the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / f"serve-{port}.log"
    command = [sys.executable, "-m", "deepglass", "serve", *map(str, words), "--port", str(port)]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=ENVIRONMENT)
    server = Server(process, port, log)
    try:
        _wait(server)
        yield server
    finally:
        if process.poll() is None:
            server.stop()


def _wait(server: Server) -> None:
    end = time.monotonic() + 200
    while "serving on" not in server.log.read_text():
        assert server.process.poll() is None, server.log.read_text()
        assert time.monotonic() < end, "the server did not come up"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def server(shelf, tmp_path_factory):
    """One server process with all seven models, for the tests that leave it as it is."""
    more = [make(tmp_path_factory.mktemp("more") / make.__name__) for make in bundles.ATTACKED[len(bundles.ALL) :]]
    with running(tmp_path_factory.mktemp("logs"), *sorted(shelf.iterdir()), *more, "--max-body-seconds", 2) as server:
        yield server
