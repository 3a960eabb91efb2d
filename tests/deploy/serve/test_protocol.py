"""Connections within bounds: heads that end, requests that are read one way only, answers that are read, no crowd."""

import asyncio
import contextlib
import json
import socket

import pytest
import uvicorn
from bench.hostile import heads
from bench.hostile.attack import statuses_of
from uvicorn.server import ServerState

from deepglass.deploy.runtime.limits import Limits
from deepglass.deploy.serve.connection_bounds import ConnectionBounds, RefusalPace
from deepglass.deploy.serve.protocol import BoundedConfig, Http
from tests import simulated

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nsize"


class Server:
    """uvicorn's protocol around a small application; connections by pairs of sockets."""

    def __init__(self, limits: Limits, answer_seconds: float = 30.0):
        self.config = BoundedConfig(self.app, interface="asgi3", log_config=None)
        self.config.bounds = self.bounds = ConnectionBounds(limits, answer_seconds)
        self.state = ServerState()
        self.may_answer, self.bodies, self.cancelled, self.size = asyncio.Event(), [], 0, 2
        self.may_answer.set()

    async def app(self, scope, receive, send) -> None:
        try:
            body = b""
            while (message := await receive())["type"] == "http.request":
                body += message["body"]
                if not message["more_body"]:
                    break
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.bodies.append((scope["method"], scope["path"], body, dict(scope["headers"])))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % self.size)]})
        await send({"type": "http.response.body", "body": b"x" * self.size})

    async def connect(self) -> socket.socket:
        client, theirs = socket.socketpair()
        for end in (client, theirs):
            end.setblocking(False)
        settings = {"config": self.config, "server_state": self.state, "app_state": {}}
        await asyncio.get_running_loop().connect_accepted_socket(lambda: Http(**settings), theirs)
        return client

    async def asked(self, content: bytes) -> bytes:
        """All that comes back until the server closes."""
        client = await self.connect()
        await asyncio.get_running_loop().sock_sendall(client, content)
        return await everything(client)

    def look(self, seconds_later: float) -> None:
        """What a server does twice a second."""
        self.bounds.look(self.state.connections, asyncio.get_running_loop().time() + seconds_later)


async def everything(client: socket.socket, seconds: float = 5.0) -> bytes:
    answers, loop = b"", asyncio.get_running_loop()
    async with asyncio.timeout(seconds):
        while part := await loop.sock_recv(client, 65536):
            answers += part
    client.close()
    return answers


async def said(client: socket.socket) -> bytes:
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 65536), 5)


def run(story, limits: Limits | None = None, **options) -> None:
    async def begin():
        await story(Server(limits or Limits(), **options))

    simulated.run(begin())


@pytest.mark.parametrize("place", range(len(heads.AMBIGUOUS)))
def test_what_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(place):
    async def story(server: Server):
        answers = await server.asked(heads.AMBIGUOUS[place])
        assert statuses_of(answers) == [400]
        assert b"connection: close" in answers
        assert json.loads(answers.partition(b"\r\n\r\n")[2])["error"]
        assert server.bodies == []

    run(story)


@pytest.mark.parametrize(("content", "status"), [
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    (GET[:-2] + b"".join(b"X-%d: y\r\n" % i for i in range(100)) + b"\r\n", 431),
    (GET[:-2] + b"X: " + b"y" * 65_600 + b"\r\n\r\n", 431),
    (GET[:-2] + b"X: " + b"y" * 200_000, 431),
    (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
    (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    (b"\x16\x03\x01\x02\0\x01\0\x01\xfc", 400),
])  # fmt: skip
def test_a_head_has_its_bounds(content, status):
    async def story(server: Server):
        answers = await server.asked(content)
        assert statuses_of(answers) == [status]
        assert server.bodies == []

    run(story)


def test_as_many_lines_as_are_allowed_pass():
    async def story(server: Server):
        client = await server.connect()
        lines = b"".join(b"X-%d: %b\r\n" % (i, b"y" * 600) for i in range(99))
        await asyncio.get_running_loop().sock_sendall(client, GET[:-2] + lines + b"\r\n")
        assert statuses_of(await said(client)) == [200]

    run(story)


def test_trailers_reach_nobody():
    async def story(server: Server):
        content = POST.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked")[:-4]
        answers = await server.asked(
            content + b"4\r\nsize\r\n0\r\nX-Late: y\r\n\r\n" + GET[:-2] + b"Connection: close\r\n\r\n"
        )
        assert statuses_of(answers) == [200, 200]
        assert all(b"x-late" not in headers for *_, headers in server.bodies)

    run(story)


def test_a_head_that_does_not_end_is_answered_408_and_silence_is_closed():
    async def story(server: Server):
        loop = asyncio.get_running_loop()
        half, silent, fresh = [await server.connect() for _ in range(3)]
        await loop.sock_sendall(half, GET[:20])
        await loop.sock_sendall(silent, GET)
        assert statuses_of(await said(silent)) == [200]
        server.look(9.0)
        server.look(11.0)
        assert statuses_of(await everything(half)) == [408]
        server.look(61.0)
        assert await everything(silent) == b""
        assert await everything(fresh) == b""

    run(story)


def test_where_there_are_too_many_the_one_that_waits_longest_makes_room():
    async def story(server: Server):
        loop = asyncio.get_running_loop()
        half = [await server.connect() for _ in range(3)]
        for client in half:
            await loop.sock_sendall(client, GET[:20])
        await asyncio.sleep(0.01)
        good = await server.connect()
        await loop.sock_sendall(good, GET)
        assert statuses_of(await said(good)) == [200]
        with contextlib.suppress(ConnectionError):
            assert await everything(half[0]) == b""
        await loop.sock_sendall(half[1], GET[20:])  # the others are still served
        assert statuses_of(await said(half[1])) == [200]

    run(story, Limits(max_connections=3))


def test_where_all_are_being_answered_a_further_one_gets_503():
    async def story(server: Server):
        server.may_answer.clear()
        loop = asyncio.get_running_loop()
        busy = [await server.connect() for _ in range(2)]
        for client in busy:
            await loop.sock_sendall(client, GET)
        await asyncio.sleep(0.01)
        answers = await everything(await server.connect())
        assert statuses_of(answers) == [503]
        assert b"retry-after: 1" in answers
        server.may_answer.set()
        assert [statuses_of(await said(client)) for client in busy] == [[200], [200]]

    run(story, Limits(max_connections=2))


def test_work_ends_with_its_client():
    async def story(server: Server):
        server.may_answer.clear()
        client = await server.connect()
        await asyncio.get_running_loop().sock_sendall(client, POST)
        await asyncio.sleep(0.02)
        client.close()
        await asyncio.sleep(0.05)
        assert server.cancelled == 1

    run(story)


def test_a_body_that_breaks_off_is_no_request_and_its_work_ends():
    async def story(server: Server):
        client, loop = await server.connect(), asyncio.get_running_loop()
        await loop.sock_sendall(client, POST.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked")[:-4])
        await loop.sock_sendall(client, b"4\r\nsize\r\n")
        await asyncio.sleep(0.02)
        await loop.sock_sendall(client, b"zz\r\n" + GET)
        assert statuses_of(await everything(client)) == [400]
        assert server.bodies == []
        assert server.cancelled == 1

    run(story)


def test_a_refusal_comes_after_the_answers_before_it():
    async def story(server: Server):
        answers = await server.asked(GET * 3 + b"rubbish\r\n\r\n" + GET)
        assert statuses_of(answers) == [200, 200, 200, 400]

    run(story)


def test_an_offer_to_change_the_protocol_is_passed_over():
    async def story(server: Server):
        client = await server.connect()
        offer = POST.replace(b"Content", b"Connection: upgrade\r\nUpgrade: h2c\r\nContent")
        await asyncio.get_running_loop().sock_sendall(client, offer + GET)
        answers = b""
        while len(statuses_of(answers)) < 2:
            answers += await said(client)
        assert [body for _, _, body, _ in server.bodies] == [b"size", b""]

    run(story)


def test_a_crowd_of_requests_at_once_has_a_bound():
    async def story(server: Server):
        server.may_answer.clear()
        task = asyncio.create_task(server.asked(GET * 200))
        await asyncio.sleep(0.02)
        server.may_answer.set()
        statuses = statuses_of(await task)
        assert statuses[-1] == 400
        assert statuses[:-1] == [200] * 33  # one that is answered, and those that wait

    run(story)


def test_an_answer_that_nobody_reads_is_cut_off():
    async def story(server: Server):
        server.size = 30_000_000
        client = await server.connect()
        await asyncio.get_running_loop().sock_sendall(client, GET)
        await asyncio.sleep(0.05)
        server.look(1.0)
        assert len(server.state.connections) == 1
        server.look(3.0)
        await asyncio.sleep(0.05)
        assert len(server.state.connections) == 0
        client.close()

    run(story, answer_seconds=2.0)


def test_one_byte_chunks_may_not_go_on_for_ever():
    async def story(server: Server):
        client = await server.connect()
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, POST.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked")[:-4])
        task = asyncio.create_task(everything(client))
        with contextlib.suppress(OSError):
            for _ in range(40):
                await loop.sock_sendall(client, b"1\r\nx\r\n" * 2000)
        assert statuses_of(await task) == [413]

    run(story, Limits(max_body_bytes=40_000))


def test_refusals_go_out_at_their_pace():
    pace = RefusalPace(100)
    delays = [pace.delay(1000.0) for _ in range(100)]
    assert delays[:20] == [0.0] * 20  # who makes a mistake now and then has no wait
    assert delays[-1] == pytest.approx(0.75, abs=0.02)  # a hundred take a second
    assert pace.delay(1002.0) == 0.0
    assert max(pace.delay(1002.0) for _ in range(1000)) == pytest.approx(2.0, abs=0.02)


def test_uvicorns_own_settings_do_without_bounds():
    async def story():
        server = Server(Limits())
        server.config = uvicorn.Config(server.app, interface="asgi3", log_config=None)
        assert statuses_of(await server.asked(GET[:-2] + b"Connection: close\r\n\r\n")) == [200]

    simulated.run(story())


def test_a_client_that_leaves_behind_two_requests_is_gone_for_the_first_as_well():
    async def story() -> None:
        server = Server(Limits())
        server.may_answer.clear()
        client = await server.connect()
        await asyncio.get_running_loop().sock_sendall(client, GET * 2)
        await asyncio.sleep(0.05)
        [connection] = server.state.connections
        first = connection.active
        assert first is not connection.cycle
        client.close()
        await asyncio.sleep(0.05)
        assert first.disconnected
        assert server.cancelled == 1

    simulated.run(story())
