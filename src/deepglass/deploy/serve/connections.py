"""The parent's side of several server processes: it accepts every connection, gives it to a worker and keeps a copy.

    client ── connection ─┬─ worker: reads, computes, answers
                          └─ parent: a copy, untouched until the worker dies

The system closes a connection when its last copy is closed. So when a worker dies, its clients notice nothing: one that
is between two requests is given to another worker, and one whose request died with the worker is answered 503 from
here. No request passes through the parent, so none is slowed down.
"""

import contextlib
import json
import selectors
import socket
import subprocess
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial

from deepglass.deploy.serve.connection_table import BUSY, IDLE, SLOTS, ConnectionTable
from deepglass.deploy.serve.worker import NUMBER

LEAVE_SECONDS = 2.0  # for a client to read why it was refused
FULL_SECONDS = 5.0  # that a connection waits where every channel is full
SORRY = json.dumps({"error": "the process that answers here ended: send the request again"}).encode() + b"\n"
REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n" % len(SORRY)
) + SORRY


@dataclass(eq=False)
class Worker:
    """A server process as the parent knows it."""

    process: subprocess.Popen
    channel: socket.socket
    is_ready: bool = False
    unread: bytes = b""  # the beginning of a number
    connections: dict[int, socket.socket] = field(default_factory=dict)  # our copies, by slot

    def load(self) -> int:
        """How many connections it has."""
        return len(self.connections)


class Connections:
    """Every open connection, and who has it.

    Args:
        listener: Where connections come from.
        table: Where workers note how far each is.
        selector: Told of connections that leave.
    """

    def __init__(self, listener: socket.socket, table: ConnectionTable, selector: selectors.BaseSelector):
        self.listener, self.table, self.selector = listener, table, selector
        self.workers: list[Worker] = []
        self.free = list(range(SLOTS))
        self.waiting: deque[tuple[socket.socket, float]] = deque()  # until a channel has room again
        self.leaving: dict[socket.socket, float] = {}

    def accept(self) -> None:
        """Take and hand out everything that waits."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except BlockingIOError:
                return
            except OSError:  # the client left, or no more files may be opened: the next turn tries again
                time.sleep(0.01)
                return
            connection.setblocking(False)
            self.give(connection)

    def give(self, connection: socket.socket) -> None:
        """To the worker that has fewest, as soon as its channel has room; 503 where no worker lives."""
        if not any(worker.is_ready for worker in self.workers):
            self.refuse(connection)
        elif self.waiting or not self._is_sent(connection):
            self.waiting.append((connection, time.monotonic() + FULL_SECONDS))

    def release(self, worker: Worker, slot: int) -> None:
        """The worker has closed it, so we do."""
        worker.connections.pop(slot).close()
        self.free.append(slot)

    def inherit(self, worker: Worker) -> tuple[int, int]:
        """Take care of what a dead worker had: how many are refused, how many go on elsewhere."""
        refused = passed_on = 0
        for slot, connection in worker.connections.items():
            state = self.table.states[slot]
            self.free.append(slot)
            if state == IDLE:
                passed_on += 1
                self.give(connection)
            elif state == BUSY:
                refused += 1
                self.refuse(connection)
            else:
                connection.close()
        return refused, passed_on

    def refuse(self, connection: socket.socket) -> None:
        """Answer 503 and close, but not before the client had time to read: unread bytes would turn it into a reset."""
        try:
            connection.send(REFUSAL)
            connection.shutdown(socket.SHUT_WR)
        except OSError:  # the client is gone
            connection.close()
            return
        self.leaving[connection] = time.monotonic() + LEAVE_SECONDS
        self.selector.register(connection, selectors.EVENT_READ, partial(self._drain, connection))

    def tend(self) -> None:
        """Hand out what waits, and close those whose time to leave is over."""
        now, is_hopeless = time.monotonic(), not any(worker.is_ready for worker in self.workers)
        while self.waiting and self._is_sent(self.waiting[0][0]):
            self.waiting.popleft()
        while self.waiting and (is_hopeless or self.waiting[0][1] < now):
            self.refuse(self.waiting.popleft()[0])
        for connection in [connection for connection, end in self.leaving.items() if end < now]:
            self._close(connection)

    def _is_sent(self, connection: socket.socket) -> bool:
        """Whether a worker took it: the one with fewest, or another where that one's channel is full."""
        ready = [worker for worker in self.workers if worker.is_ready]
        return any(self._send(connection, worker) for worker in sorted(ready, key=Worker.load))

    def _send(self, connection: socket.socket, worker: Worker) -> bool:
        if not self.free:
            return False
        slot = self.free.pop()
        self.table.states[slot] = IDLE
        try:
            socket.send_fds(worker.channel, [NUMBER.pack(slot)], [connection.fileno()])
        except OSError:  # it is full, or the worker is dead and not yet buried
            self.free.append(slot)
            return False
        worker.connections[slot] = connection
        return True

    def _drain(self, connection: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                is_over = not connection.recv(65536)
            except ConnectionError:
                is_over = True
            if is_over:
                self._close(connection)

    def _close(self, connection: socket.socket) -> None:
        self.selector.unregister(connection)
        del self.leaving[connection]
        connection.close()
