"""Several server processes behind one port, and the parent that starts them and replaces those that die.

The parent accepts, workers answer; `connections.py` says what becomes of a dead worker's clients.
"""

import dataclasses
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

from prometheus_client.multiprocess import mark_process_dead

from deepglass.core.errors import RunError
from deepglass.deploy.serve.connection_table import ConnectionTable
from deepglass.deploy.serve.connections import Connections, Worker
from deepglass.deploy.serve.metrics import SHARED_FOLDER
from deepglass.deploy.serve.server import Order, allow_many_connections
from deepglass.deploy.serve.worker import NUMBER, READY

LOOK_SECONDS = 0.1  # until the parent looks whether it was told to end
FULL_SECONDS = 0.002  # until the parent looks whether a channel has room again
AGAIN_SECONDS = 1.0  # until another start where a worker ended before it could serve
MODULE = "deepglass.deploy.serve.worker"


class Workers:
    """The parent of the server processes.

    Args:
        order: What every worker serves.
        listener: Where connections come from.
    """

    def __init__(self, order: Order, listener: socket.socket):
        self.order, self.listener = order, listener
        self.selector = selectors.DefaultSelector()
        self.table_path: Path
        self.connections: Connections
        self._is_open = self._is_ending = False
        self._next_start = 0.0

    def run(self, announce: Callable[[], None]) -> None:
        """Start the workers and keep their number until SIGTERM or Ctrl-C.

        Raises:
            RunError: If a worker cannot begin at all.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        allow_many_connections()
        with tempfile.TemporaryDirectory(prefix="deepglass-workers-") as folder:
            os.environ[SHARED_FOLDER] = folder
            self.table_path = Path(folder) / "connections"
            self.connections = Connections(self.listener, ConnectionTable(self.table_path), self.selector)
            try:
                self._begin()
                announce()
                while not self._is_ending:
                    self._turn()
                    self._keep_number()
            finally:
                self._stop()
                del os.environ[SHARED_FOLDER]

    @property
    def workers(self) -> list[Worker]:
        """Those that live."""
        return self.connections.workers

    def _begin(self) -> None:
        """Start all workers, wait until each has loaded its models, then open the door."""
        for _ in range(self.order.config.workers):
            self._start()
        while not all(worker.is_ready for worker in self.workers) and not self._is_ending:
            self._turn()
            if len(self.workers) < self.order.config.workers:
                raise RunError("a worker ended before it could serve: its message stands above")
        self._is_open = True
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, self.connections.accept)

    def _turn(self) -> None:
        """Do what there is to do, or wait a little for something."""
        for key, _ in self.selector.select(FULL_SECONDS if self.connections.waiting else LOOK_SECONDS):
            if self.selector.get_map().get(key.fd) is key:  # an earlier one of this turn may have closed it
                key.data()
        self.connections.tend()

    def _start(self) -> None:
        channel, theirs = socket.socketpair()
        command = [sys.executable, "-m", MODULE, str(theirs.fileno()), str(self.table_path)]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # Ctrl-C reaches the parent alone, which passes it on
        )
        theirs.close()
        assert process.stdin is not None
        with process.stdin as order:
            order.write(json.dumps(dataclasses.asdict(self.order)).encode())
        channel.setblocking(False)
        worker = Worker(process, channel)
        self.workers.append(worker)
        self.selector.register(channel, selectors.EVENT_READ, partial(self._hear, worker))

    def _hear(self, worker: Worker) -> None:
        """What a worker says: that it is ready, which connections it has closed, or nothing more."""
        try:
            said = worker.channel.recv(65536)
        except ConnectionError:
            said = b""
        if not said:
            self._bury(worker)
            return
        said = worker.unread + said
        whole = len(said) - len(said) % NUMBER.size
        worker.unread = said[whole:]
        for (number,) in NUMBER.iter_unpack(said[:whole]):
            if number == READY:
                worker.is_ready = True
                self._say(f"worker {worker.process.pid} serves")
            else:
                self.connections.release(worker, number)

    def _bury(self, worker: Worker) -> None:
        self.workers.remove(worker)
        self.selector.unregister(worker.channel)
        worker.channel.close()
        refused, passed_on = self.connections.inherit(worker)
        code, pid = worker.process.wait(), worker.process.pid
        mark_process_dead(pid)
        clients = f"{refused} requests answered 503, {passed_on} idle connections go on elsewhere"
        self._say(f"worker {pid} ended with {code}: {clients}; another starts")
        if not worker.is_ready:
            self._next_start = time.monotonic() + AGAIN_SECONDS

    def _say(self, message: str) -> None:
        """What befalls a worker while the server runs."""
        if self._is_open and not self._is_ending:
            print(message, file=sys.stderr, flush=True)

    def _keep_number(self) -> None:
        missing = self.order.config.workers - len(self.workers)
        if missing > 0 and time.monotonic() >= self._next_start:
            self._start()

    def _end(self, _: int, __: FrameType | None) -> None:
        self._is_ending = True

    def _stop(self) -> None:
        """Hand out what waits at the door, close it, and let every worker finish."""
        self._is_ending = True
        if self._is_open:
            self.connections.accept()
            self.selector.unregister(self.listener)
        self.listener.close()
        while self.connections.waiting:
            self._turn()
        for worker in self.workers:
            worker.channel.shutdown(socket.SHUT_WR)
            if not worker.is_ready:
                worker.process.terminate()
        while self.workers or self.connections.leaving:
            self._turn()
