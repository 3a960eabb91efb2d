"""Serve a bundle with Python alone: `python -m deepglass_runtime.serving BUNDLE --port 8000`.

    POST /predict   a JSON record or list of records, or the bytes of a picture, or a plain text → a list of answers
    POST /predict?coverage=0.9   also the set of classes, or the interval, that holds the truth so often
    GET  /health    200 while the server runs; it begins to listen when the model is loaded
    GET  /schema    what goes in and comes out

Small on purpose: one request at a time computes, nothing is batched. `deepglass serve` is for more. Beyond this machine
it answers only who brings a token (--token-file, or DEEPGLASS_TOKEN in the environment), unless it is started --open.
"""

import argparse
import asyncio
import contextlib
import hmac
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from . import coverage, fields, strict_json
from . import limits as bounds
from .bundle import Bundle
from .errors import BodyError, BundleError, InputError
from .http1 import Answer, Refusal, Request, leave, read_body, read_head
from .limits import Limits
from .origins import Origins, is_loopback
from .room import Room

MOST_WAITING = 64  # requests before the model; further ones get 503 at once
HELD_BYTES = 4_194_304  # of bodies besides the one that is answered: the others wait in their connections
ANSWER_SECONDS = 30.0  # that a request may wait for its answer, and its client take to read it
END_SECONDS = 0.7  # for what is being answered when the end is announced
BACKLOG = 512
MOST_PARAMETERS = 16  # of an address
ADVICE = "send values nearer to those of training"
BYTES = "application/octet-stream"  # a record whose kind nothing tells
TOKEN = "DEEPGLASS_TOKEN"  # of the environment
LEAST_TOKEN = 16  # characters


class Server:
    """Answers requests with a bundle.

    Args:
        bundle: The model.
        limits: Of every request.
        origins: Which pages may ask.
        tokens: One of which every request must bring; empty lets everybody in.
    """

    def __init__(self, bundle: Bundle, limits: Limits, origins: Origins, tokens: list[bytes]):
        self.bundle, self.limits, self.origins, self.tokens = bundle, limits, origins, tokens
        most = min(limits.max_pending_bytes, HELD_BYTES)
        self.room = Room(most, limits.max_body_bytes / limits.max_body_seconds)
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self.waiting = 0  # requests
        self.silent: dict[asyncio.Task[Any], None] = {}  # connections between requests; silent longest is first
        self.connections: set[asyncio.Task[Any]] = set()

    async def run(self, listener: socket.socket) -> None:
        """Serve until SIGTERM or Ctrl-C; what is being answered has a moment to end."""
        end, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):  # on Windows, where Ctrl-C ends it all the same
                loop.add_signal_handler(number, end.set)
        server = await asyncio.start_server(self.converse, sock=listener, limit=self.limits.max_head_bytes)
        await end.wait()
        server.close()
        for connection in list(self.silent):
            connection.cancel()
        if self.connections:
            await asyncio.wait(self.connections, timeout=END_SECONDS)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: a request, its answer, and again, until one of them ends it."""
        connection = asyncio.current_task()
        assert connection is not None
        self.connections.add(connection)
        try:
            if self._make_room():
                while await self._exchange(connection, reader, writer):
                    pass
            else:
                writer.write(Answer.of(503, {"error": "too many connections"}, Retry_After="1").written(None, True))
        except (OSError, asyncio.CancelledError):  # the client is gone, or makes room for another
            pass
        finally:
            self.connections.discard(connection)
            self.silent.pop(connection, None)
            writer.close()

    async def _exchange(
        self, connection: asyncio.Task[Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """One request and its answer; whether another may follow."""
        self.silent[connection] = None
        try:
            request = await read_head(reader, self.limits)
            del self.silent[connection]
            if request is None:
                return False
            with self.room.share() as share:
                answer = self._refused(request) or await self._answered(request, reader, writer, share)
            writer.write(answer.written(request, is_last=not request.keeps_alive))
            async with asyncio.timeout(ANSWER_SECONDS):
                await writer.drain()
            return request.keeps_alive
        except Refusal as refusal:
            content = {"error": refusal.message} | ({"field": refusal.where} if refusal.where else {})
            writer.write(Answer.of(refusal.status, content).written(None, is_last=True))
            await leave(reader, writer)
        except TimeoutError:
            writer.transport.abort()
        return False

    def _refused(self, request: Request) -> Answer | None:
        """Why nobody reads on: the wrong page, no token, nothing there; or the answer, where no body is read."""
        headers, path = request.headers, request.path.partition("?")[0]
        site, mode = headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")
        if reason := self.origins.refusal(headers.get("host"), headers.get("origin"), site, mode):
            return self._turned_away(request, 403, reason)
        if path != "/health" and not self._is_known(headers.get("authorization", "")):
            reason = "send a token that this server knows: Authorization: Bearer TOKEN"
            return self._turned_away(request, 401, reason, WWW_Authenticate="Bearer")
        allowed = {"/predict": "POST", "/health": "GET, HEAD", "/schema": "GET, HEAD"}.get(path)
        if allowed is None:
            return self._turned_away(request, 404, f"{path[:60]} is not here: POST to /predict")
        if request.method not in allowed.split(", "):
            return self._turned_away(request, 405, f"{request.method} is not allowed here: {allowed}", Allow=allowed)
        coding = headers.get("content-encoding", "identity")
        if path == "/predict" and coding.lower() != "identity":
            return self._turned_away(request, 415, f"Content-Encoding {coding[:40]!r} is not understood: send it plain")
        if path == "/predict":
            return None
        if request.length != 0:
            return self._turned_away(request, 400, "a body was sent where none is read")
        return Answer.of(200, {"ready": True, "name": self.bundle.name} if path == "/health" else self.bundle.schema)

    def _turned_away(self, request: Request, status: int, reason: str, **headers: str) -> Answer:
        """The answer; where a body follows that nobody will read, the connection ends."""
        if request.length != 0:
            raise Refusal(status, reason)
        return Answer.of(status, {"error": reason}, **headers)

    async def _answered(self, request: Request, reader: Any, writer: asyncio.StreamWriter, share: Any) -> Answer:
        if request.length == 0:
            return Answer.of(411, {"error": "expected a body, with its Content-Length"})
        if request.headers.get("expect", "").lower() == "100-continue" and request.version == "1.1":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await read_body(reader, request, self.limits, share)
        if self.waiting >= MOST_WAITING:
            return Answer.of(503, {"error": f"{self.waiting} requests are waiting"}, Retry_After="1")
        self.waiting += 1
        is_over = False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                work = (self._predict, request, body, lambda: not is_over)
                return await asyncio.get_running_loop().run_in_executor(self.thread, *work)
        except TimeoutError:
            return Answer.of(504, {"error": f"no answer within {ANSWER_SECONDS:g} s: send less"})
        finally:
            is_over = True
            self.waiting -= 1

    def _predict(self, request: Request, body: bytearray, is_wanted: Callable[[], bool]) -> Answer:
        """In the thread; whatever goes wrong hangs on the request, and is said as such."""
        try:
            limit = self.bundle.coverage.limit(coverage_of(request.path))
            content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            records = records_of(body, content_type, self.limits)
            if not 0 < len(records) <= self.limits.max_rows and not self.bundle.lead.GATHERS_ROWS:
                raise InputError("records", f"expected 1 to {self.limits.max_rows:,}, got {len(records):,}")
            found = self.bundle.inspect(records)
            outputs = self.bundle.run(found.encode(is_wanted), self.bundle.answers.needed)
            return written(self.bundle.answers.with_notes(self.bundle.decode(outputs, limit), found.notes))
        except InputError as error:
            return Answer.of(422, {"error": str(error), "field": error.field})
        except BodyError as error:
            return Answer.of(error.status, {"error": str(error)})
        except TimeoutError:
            raise
        except Exception as error:
            print(f"error: a request failed: {type(error).__name__}: {error}"[:500], file=sys.stderr, flush=True)
            return Answer.of(422, {"error": f"the model cannot answer this: {ADVICE}"})

    def _is_known(self, header: str) -> bool:
        """Whether a token is one of ours; every one is compared, each in constant time."""
        scheme, _, token = header.partition(" ")
        matches = [hmac.compare_digest(token.strip().encode("latin-1", "replace"), known) for known in self.tokens]
        return not self.tokens or (scheme.lower() == "bearer" and any(matches))

    def _make_room(self) -> bool:
        """Whether one more connection may be open; the one that is silent longest ends for it."""
        if len(self.connections) <= self.limits.max_connections:
            return True
        oldest = next(iter(self.silent), None)
        if oldest is not None:
            oldest.cancel()
        return oldest is not None


def coverage_of(path: str) -> float | None:
    """What stands behind the question mark of an address.

    Raises:
        InputError: If it is not a number, or is said in two ways.
    """
    try:
        asked = parse_qsl(path.partition("?")[2], max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise InputError(coverage.FIELD, f"expected at most {MOST_PARAMETERS} parameters behind the ?") from None
    found = {value for name, value in asked if name == coverage.FIELD}
    if len(found) > 1:
        raise InputError(coverage.FIELD, "the address names more than one")
    return coverage.parsed(found.pop()) if found else None


def written(answers: list[dict[str, Any]]) -> Answer:
    """The answers as JSON, which has no infinite numbers."""
    try:
        return Answer.of(200, answers)
    except ValueError:
        return Answer.of(422, {"error": f"the model's answer is not finite: {ADVICE}"})


def records_of(body: bytearray, content_type: str, limits: Limits) -> list[Any]:
    """What a request asks about.

    Raises:
        BodyError: If it is not of the type that it says.
    """
    if content_type.startswith((*fields.file_types(), BYTES)):
        return [bytes(body)]
    if content_type == "text/plain":
        try:
            return [body.decode("utf-8-sig")]
        except UnicodeDecodeError as error:
            raise BodyError(f"the text is not UTF-8 at byte {error.start}") from None
    content = strict_json.parse(body, limits)
    return content if isinstance(content, list) else [content]


def main() -> int:
    """Serve until told to end; 2 where the user has to fix something."""
    asked = arguments().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as process 1 of a container nothing else would end it
    warnings.filterwarnings("ignore", module="PIL")  # of the size of pictures, which our own bounds judge
    bounds.read_short_numbers_only()
    try:
        limits = Limits(**{field.name: getattr(asked, field.name) for field in fields_of(Limits)})
        tokens = tokens_of(asked.token_file)
        if refusal := bounds.refusal(limits) or refusal_of(asked.host, tokens, asked.open):
            raise BundleError(refusal)
        bundle = Bundle.open(asked.bundle, limits=limits)
        _ = bundle.session  # loaded before the first request comes
        family = socket.AF_INET6 if ":" in asked.host else socket.AF_INET
        listener = socket.create_server((asked.host, asked.port), family=family, backlog=BACKLOG)
    except (BundleError, OSError, OverflowError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    host = f"[{asked.host}]" if ":" in asked.host else asked.host
    print(f"{bundle.name} at http://{host}:{listener.getsockname()[1]}/predict", flush=True)
    names = (asked.host_name or "").split(",")
    server = Server(bundle, limits, Origins.of(asked.host, [name for name in names if name.strip()]), tokens)
    asyncio.run(server.run(listener))
    sys.stdout.flush()
    os._exit(0)  # a computation that goes on would hold up the end


def arguments() -> argparse.ArgumentParser:
    """What the server may be told; every limit has an option."""
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", help="the folder, or an .onnx file that Deepglass wrote")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 answers other machines too")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    parser.add_argument("--host-name", help="names that the server is known by, separated by commas")
    parser.add_argument("--token-file", type=Path, help=f"bearer tokens, one per line; or one in {TOKEN}")
    parser.add_argument("--open", action="store_true", help="answer other machines without tokens")
    group = parser.add_argument_group("limits of what a request may bring; limits.py says why")
    for limit in fields_of(Limits):
        option = "--" + limit.name.replace("_", "-")
        group.add_argument(option, type=type(limit.default), default=limit.default, help=f"default: {limit.default}")
    return parser


def tokens_of(path: Path | None) -> list[bytes]:
    """Tokens from a file, or the one in the environment.

    Raises:
        BundleError: If there is none in the file, or one is so short that it can be guessed.
    """
    lines = path.read_bytes().splitlines() if path is not None else [os.environ.get(TOKEN, "").encode()]
    tokens = [line.strip() for line in lines if line.strip() and not line.startswith(b"#")]
    if path is not None and not tokens:
        raise BundleError(f"{path} holds no token: write one per line, such as `openssl rand -hex 32` makes")
    if any(len(token) < LEAST_TOKEN for token in tokens):
        raise BundleError(f"a token of fewer than {LEAST_TOKEN} characters can be guessed: use `openssl rand -hex 32`")
    return tokens


def refusal_of(host: str, tokens: list[bytes], is_open: bool) -> str | None:
    """Why it would be unsafe to listen there, or None."""
    if is_loopback(host) or tokens or is_open:
        return None
    return (
        f"--host {host} lets other machines in: set {TOKEN}, give --token-file FILE, or --open to let everybody; a "
        f"token is made by `openssl rand -hex 32`"
    )


if __name__ == "__main__":
    sys.exit(main())
