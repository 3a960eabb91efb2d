"""One connection of a worker: what the connection table says at every step, and what reaches the client whole."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from deepglass.deploy.serve.connection_table import BUSY, CLOSING, IDLE, ConnectionTable
from deepglass.deploy.serve.tracked_connection import ROOM, TrackedConnection

SLOT = 7
PATIENCE = 120  # seconds
REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nsize"
LARGE = 30_000_000  # more than the system takes from a client that does not read


class Connection:
    """A client's end, the table's byte, and an application that answers when it is let."""

    def __init__(self, client: socket.socket, states):
        self.client, self.states = client, states
        self.may_answer, self.size, self.closed = asyncio.Event(), 10, []

    @property
    def state(self) -> int:
        return self.states[SLOT]

    async def app(self, scope, receive, send) -> None:
        message = await receive()
        while message.get("more_body"):
            message = await receive()
        await self.may_answer.wait()
        head = [(b"content-length", str(self.size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"x" * self.size})

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.client, data)

    async def receive(self, size: int = 65536) -> bytes:
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.client, size), PATIENCE)

    async def becomes(self, state: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.state != state:
                await asyncio.sleep(0.001)


@asynccontextmanager
async def connected(folder):
    client, theirs = socket.socketpair()
    for end in (client, theirs):
        end.setblocking(False)
    states = ConnectionTable(folder / "table").states
    connection = Connection(client, states)
    config = uvicorn.Config(connection.app, interface="asgi3", log_config=None)
    settings = {"config": config, "server_state": ServerState(), "app_state": {}}
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(
        lambda: TrackedConnection(states, SLOT, connection.closed.append, **settings), theirs
    )
    try:
        yield connection
    finally:
        transport.abort()
        client.close()


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request):
    """Runs a coroutine on either event loop."""
    factory = pytest.importorskip("uvloop").new_event_loop if request.param == "uvloop" else asyncio.SelectorEventLoop

    def go(coroutine) -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(coroutine)

    return go


def test_a_connection_is_busy_from_the_first_byte_to_the_last_of_the_answer(run, tmp_path):
    async def story():
        async with connected(tmp_path) as connection:
            assert connection.state == IDLE
            await connection.send(REQUEST[:3])
            await connection.becomes(BUSY)
            await connection.send(REQUEST[3:])
            await asyncio.sleep(0.02)
            assert connection.state == BUSY
            connection.may_answer.set()
            answer = await connection.receive()
            assert answer.startswith(b"HTTP/1.1 200 OK")
            assert answer.endswith(b"x" * 10)  # head and body in one piece
            await connection.becomes(IDLE)
            await connection.send(REQUEST)
            assert (await connection.receive()).startswith(b"HTTP/1.1 200 OK")
            await connection.becomes(IDLE)

    run(story())


def test_a_connection_is_busy_before_the_system_is_asked_for_a_byte(tmp_path):
    async def story():
        async with connected(tmp_path) as connection:
            settings = {"config": uvicorn.Config(connection.app), "server_state": ServerState(), "app_state": {}}
            tracked = TrackedConnection(connection.states, SLOT, connection.closed.append, **settings)
            assert connection.state == IDLE
            assert tracked.get_buffer(-1) is ROOM
            assert connection.state == BUSY

    asyncio.run(story())


def test_half_a_request_behind_an_answered_one_keeps_it_busy(run, tmp_path):
    async def story():
        async with connected(tmp_path) as connection:
            connection.may_answer.set()
            await connection.send(REQUEST + REQUEST[:20])
            assert (await connection.receive()).endswith(b"x" * 10)
            await asyncio.sleep(0.05)
            assert connection.state == BUSY
            await connection.send(REQUEST[20:])
            assert (await connection.receive()).endswith(b"x" * 10)
            await connection.becomes(IDLE)

    run(story())


def test_nothing_can_be_added_to_an_answer_that_a_client_takes_slowly(run, tmp_path):
    async def story():
        async with connected(tmp_path) as connection:
            connection.size = LARGE
            connection.may_answer.set()
            await connection.send(REQUEST)
            await connection.becomes(CLOSING)
            await asyncio.sleep(0.05)
            assert connection.state == CLOSING
            came = 0
            while came < LARGE:
                came += len(await connection.receive(2**20))
            await connection.becomes(IDLE)

    run(story())


def test_a_closed_connection_gives_its_slot_back(run, tmp_path):
    async def story():
        async with connected(tmp_path) as connection:
            connection.client.close()
            await connection.becomes(CLOSING)
            async with asyncio.timeout(PATIENCE):
                while not connection.closed:
                    await asyncio.sleep(0.001)
            assert connection.closed == [SLOT]

    run(story())


def test_a_client_that_waits_for_100_continue_gets_it(run, tmp_path):
    async def story():
        async with connected(tmp_path) as connection:
            connection.may_answer.set()
            head, body = REQUEST.replace(b"Host", b"Expect: 100-continue\r\nHost").split(b"\r\n\r\n")
            await connection.send(head + b"\r\n\r\n")
            assert await connection.receive() == b"HTTP/1.1 100 Continue\r\n\r\n"
            await connection.send(body)
            assert (await connection.receive()).endswith(b"x" * 10)

    run(story())
