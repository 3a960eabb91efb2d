"""Several server processes on one port: the system gives each new connection to one that is free.

They share the listening socket, so connections that wait outlive a worker that dies; the parent starts another.
"""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from types import FrameType

from prometheus_client.multiprocess import mark_process_dead

from deepglass.core.errors import RunError
from deepglass.deploy.serve.metrics import SHARED_FOLDER
from deepglass.deploy.serve.server import Order

LOOK_SECONDS = 0.1  # between two looks at the workers
MODULE = "deepglass.deploy.serve.worker"


class Workers:
    """The parent of the server processes.

    Args:
        order: What every worker serves.
        listener: The socket that they share.
    """

    def __init__(self, order: Order, listener: socket.socket):
        self.order, self.listener = order, listener
        self.processes: list[subprocess.Popen] = []
        self.ready, self._ready_end = os.pipe()
        self._is_ending = False

    def run(self, announce: Callable[[], None]) -> None:
        """Start the workers and keep their number until SIGTERM or Ctrl-C.

        Raises:
            RunError: If a worker cannot begin at all.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        with tempfile.TemporaryDirectory(prefix="deepglass-metrics-") as folder:
            os.environ[SHARED_FOLDER] = folder
            try:
                self._begin()
                announce()
                while not self._is_ending:
                    time.sleep(LOOK_SECONDS)
                    self._replace_the_dead()
            finally:
                self._stop()
                del os.environ[SHARED_FOLDER]

    def _begin(self) -> None:
        """Start all workers and wait until each has loaded its models."""
        self.processes = [self._start() for _ in range(self.order.config.workers)]
        os.set_blocking(self.ready, False)
        count = 0
        while count < len(self.processes) and not self._is_ending:
            time.sleep(LOOK_SECONDS)
            if any(process.poll() is not None for process in self.processes):
                raise RunError("a worker ended before it could serve: its message stands above")
            count += self._count_ready()

    def _count_ready(self) -> int:
        try:
            return len(os.read(self.ready, 1024))
        except BlockingIOError:
            return 0

    def _start(self) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            pass_fds=(self.listener.fileno(), self._ready_end),
            start_new_session=True,  # Ctrl-C reaches the parent alone, which passes it on
        )
        told = {"order": dataclasses.asdict(self.order), "listener": self.listener.fileno(), "ready": self._ready_end}
        assert process.stdin is not None
        process.stdin.write(json.dumps(told).encode() + b"\n")
        process.stdin.flush()
        return process

    def _replace_the_dead(self) -> None:
        for i, process in enumerate(self.processes):
            if process.poll() is not None and not self._is_ending:
                print(f"worker {process.pid} ended with {process.returncode}: starting another", file=sys.stderr)
                mark_process_dead(process.pid)
                self.processes[i] = self._start()

    def _end(self, _: int, __: FrameType | None) -> None:
        self._is_ending = True

    def _stop(self) -> None:
        """Ask every worker to finish, and wait for it."""
        self.listener.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
