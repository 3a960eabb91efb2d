"""Who sends hostile requests: many connections at once, each answer read to its end and judged.

A request is right as long as every answer is whole, comes within `PATIENCE_SECONDS`, is of no 5xx but 503 and 504, and
one that can be read in two ways is answered 400 and nothing else, on a connection that ends.
"""

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from bench.hostile import bodies, heads

PATIENCE_SECONDS = 60.0
HALF_SECONDS = 0.3  # that a half-sent head is held, by most of those who send one
MIX = (  # what is sent, and how often of a thousand
    (bodies.plain, 240), (bodies.past, 90), (bodies.infer, 240), (bodies.tensorflow, 100), (bodies.text_forms, 90),
    (bodies.picture, 90), (bodies.elsewhere, 60), (bodies.packed, 15), (bodies.large, 2),
)  # fmt: skip
RAW, HALVES = 65, 8  # of a thousand: heads, and halves of them


@dataclass
class Tally:
    """What came of an attack."""

    sent: Counter = field(default_factory=Counter)
    statuses: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest_ms: float = 0.0

    def note(self, kind: str, status: int, seconds: float, what: object) -> None:
        """One answer."""
        self.statuses[status] += 1
        self.slowest_ms = max(self.slowest_ms, 1000 * seconds)
        if status >= 500 and status not in (503, 504, 505):
            self.wrong.append(f"{kind}: {status} to {str(what)[:300]}")
        if seconds > PATIENCE_SECONDS:
            self.wrong.append(f"{kind}: {seconds:.1f} s for {str(what)[:300]}")


class Attack:
    """Sends requests of a seed to one server.

    Args:
        port: On this machine.
        seed: The same seed sends the same requests, in an order that depends on the answers.
        path: Where all requests go; each to its own where it is not given.
    """

    def __init__(self, port: int, seed: int, path: str | None = None):
        self.port, self.random, self.tally, self.path = port, random.Random(seed), Tally(), path
        self.may_go = asyncio.Event()
        self.may_go.set()
        self.left = 0

    async def run(self, count: int, connections: int) -> Tally:
        """Send `count` requests over so many connections at once."""
        self.left = count
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(self._attacker())
        return self.tally

    async def _attacker(self) -> None:
        """Keeps one connection as long as the server does."""
        connection = None
        while self.left > 0:
            await self.may_go.wait()
            self.left -= 1
            kind = self.random.randrange(1000)
            if kind < RAW:
                await self._send_raw(heads.any_of(self.random))
            elif kind < RAW + HALVES:
                await self._send_half(self.random.choice(heads.HALF))
            else:
                connection = await self._send(self._request(), connection)
        if connection is not None:
            connection[1].close()

    def _request(self) -> bodies.Asked:
        makers, weights = zip(*MIX, strict=True)
        asked = self.random.choices(makers, weights)[0](self.random)
        return asked if self.path is None else replace(asked, path=self.path)

    async def _send(self, asked: bodies.Asked, connection):
        """One request; the connection, if it goes on."""
        self.tally.sent["request"] += 1
        reader, writer = connection or await _open(self.port)
        headers = {"Host": f"127.0.0.1:{self.port}", "Content-Length": str(len(asked.body)), **asked.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        began = time.monotonic()
        try:
            writer.write(
                f"{asked.method} {asked.path} HTTP/1.1\r\n{head}\r\n".encode("latin-1", "replace") + asked.body
            )
            async with asyncio.timeout(PATIENCE_SECONDS + 5):
                status, goes_on = await read_answer(reader, asked.method)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            if connection is None:  # a kept connection may end between two requests
                self.tally.wrong.append(f"no whole answer ({error!r}) to {str(asked)[:300]}")
            writer.close()
            return None
        self.tally.note("request", status, time.monotonic() - began, asked)
        if goes_on:
            return reader, writer
        writer.close()
        return None

    async def _send_raw(self, content: bytes) -> None:
        """Bytes, and all answers until the server closes or says no more."""
        self.tally.sent["head"] += 1
        reader, writer = await _open(self.port)
        began, answers = time.monotonic(), b""
        with contextlib.suppress(OSError):
            writer.write(content)
            if content not in heads.AMBIGUOUS:
                writer.write_eof()  # whoever waits for more is told that there is none
            async with asyncio.timeout(PATIENCE_SECONDS):
                answers = await reader.read(-1) if content in heads.AMBIGUOUS else await _until_silent(reader)
        seconds, statuses = time.monotonic() - began, statuses_of(answers)
        for status in statuses:
            self.tally.note("head", status, seconds, content)
        if content in heads.AMBIGUOUS and statuses != [400]:
            self.tally.wrong.append(f"head: {statuses} to {content[:300]!r}")
        writer.close()

    async def _send_half(self, content: bytes) -> None:
        """The beginning of a request, and nothing more; held for a while, and dropped."""
        self.tally.sent["half"] += 1
        with contextlib.suppress(OSError):
            _, writer = await _open(self.port)
            writer.write(content)
            seconds = 15.0 if self.random.random() < 0.02 else HALF_SECONDS
            asyncio.get_running_loop().call_later(seconds, writer.close)


async def read_answer(reader: asyncio.StreamReader, method: str) -> tuple[int, bool]:
    """Status of one answer, read to its end, and whether the connection goes on."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split()[1])
    if status == 100:
        return await read_answer(reader, method)
    if method != "HEAD" and (length := re.search(rb"\r\ncontent-length: (\d+)\r\n", head)):
        await reader.readexactly(int(length[1]))
    return status, b"\r\nconnection: close\r\n" not in head


def statuses_of(answers: bytes) -> list[int]:
    """The statuses in a row of answers."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers) if status != b"100"]


async def _until_silent(reader: asyncio.StreamReader) -> bytes:
    answers = b""
    with contextlib.suppress(TimeoutError):
        while part := await asyncio.wait_for(reader.read(65536), 2.0 if answers else PATIENCE_SECONDS):
            answers += part
    return answers


async def _open(port: int):
    return await asyncio.open_connection("127.0.0.1", port, limit=2**22)
