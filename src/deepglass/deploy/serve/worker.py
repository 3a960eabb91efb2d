"""One of several server processes: `python -m deepglass.deploy.serve.worker CHANNEL TABLE`, started by `workers.py`.

The order comes as JSON on standard input. Over the channel, a socket, come connections, each with its slot in the
connection table; back go the slots of those that are closed. When the channel ends, the worker finishes what it has.
"""

import asyncio
import json
import socket
import struct
import sys
from functools import partial
from pathlib import Path

import uvicorn

from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.connection_table import SLOTS, ConnectionTable
from deepglass.deploy.serve.server import Order, PatientServer, serve
from deepglass.deploy.serve.tracked_connection import TrackedConnection

READY = SLOTS  # said once, when the models are loaded: no slot
NUMBER = struct.Struct("!I")  # what is said on the channel
AGAIN_SECONDS = 0.01  # until another try where the channel is full


def main() -> int:
    """Serve as ordered; 2 where the user has to fix something."""
    told = json.loads(sys.stdin.buffer.read())
    order = Order(**told | {"config": ServeConfig(**told["config"])})
    channel = socket.socket(fileno=int(sys.argv[1]))
    serve(order, [], server_of=partial(FedServer, channel=channel, table=ConnectionTable(Path(sys.argv[2]))))
    return 0


class FedServer(PatientServer):
    """A server that gets its connections from the parent, which keeps a copy of each.

    Args:
        config: uvicorn's settings.
        channel: To the parent.
        table: Where every connection's state is noted.
    """

    def __init__(self, config: uvicorn.Config, channel: socket.socket, table: ConnectionTable):
        super().__init__(config)
        self.channel, self.table = channel, table
        self._unsaid = b""
        self._openings: set[asyncio.Task] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets)
        self.channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self.channel, self._take)
        self._say(READY)

    def _take(self) -> None:
        """All connections that wait in the channel; its end is the order to finish."""
        while True:
            try:
                told, files, _, _ = socket.recv_fds(self.channel, NUMBER.size, 1)
            except BlockingIOError:
                return
            if not told:
                asyncio.get_running_loop().remove_reader(self.channel)
                self.should_exit = True
                return
            (slot,) = NUMBER.unpack(told)
            if not files:  # this process may open no more
                self._say(slot)
                continue
            opening = asyncio.ensure_future(self._open(slot, socket.socket(fileno=files[0])))
            self._openings.add(opening)
            opening.add_done_callback(self._openings.discard)

    async def _open(self, slot: int, connection: socket.socket) -> None:
        settings = {"config": self.config, "server_state": self.server_state, "app_state": self.lifespan.state}
        protocol_of = partial(TrackedConnection, self.table.states, slot, self._say, **settings)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(protocol_of, connection)
        except OSError:  # the client has left already
            connection.close()
            self._say(slot)

    def _say(self, number: int) -> None:
        """Tell the parent, together with what else there is to tell in this turn of the loop."""
        if not self._unsaid:
            asyncio.get_running_loop().call_soon(self._send)
        self._unsaid += NUMBER.pack(number)

    def _send(self) -> None:
        try:
            self._unsaid = self._unsaid[self.channel.send(self._unsaid) :]
        except BlockingIOError:
            pass
        except OSError:  # nobody is there to be told
            self._unsaid = b""
        if self._unsaid:
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._send)


if __name__ == "__main__":
    sys.exit(main())
