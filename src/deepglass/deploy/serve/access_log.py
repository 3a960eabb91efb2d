"""One line of JSON per request, with an id that the response carries too; never what was asked or answered.

The id is the client's own X-Request-ID where it sent one, so that a request can be followed through several servers.
"""

import asyncio
import json
import logging
import os
import re
import sys
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deepglass.deploy.serve.connection_bounds import RefusalPace
from deepglass.deploy.serve.metrics import Metrics

REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
NO_SNIFFING = (b"x-content-type-options", b"nosniff")  # JSON that repeats what was sent is never taken for a page
CLIENT_GONE = 499  # as nginx notes it
logger = logging.getLogger("deepglass.serve")


class AccessLog:
    """Notes every request: in the log, in the metrics, and its id in the response.

    Args:
        app: What answers.
        metrics: Where requests are counted.
        pace: How fast refusals may go out.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, pace: RefusalPace):
        self.app, self.metrics, self.pace = app, metrics, pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure from the first byte of the head to the last of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status, request_id = time.perf_counter(), 500, _request_id(scope)
        closing = scope["app"].state.closing if "app" in scope else False

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if 400 <= status < 500 and (delay := self.pace.delay(time.monotonic())) > 0:
                    await asyncio.sleep(delay)
                message["headers"] += [(b"x-request-id", request_id), NO_SNIFFING]
                if closing or not scope.get("is_whole", True):  # what is left of the body will not be read
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except asyncio.CancelledError:  # the client is gone, or the server's time to end is over
            status = CLIENT_GONE
        finally:
            self._note(scope, status, request_id, time.perf_counter() - start)

    def _note(self, scope: Scope, status: int, request_id: bytes, seconds: float) -> None:
        route = scope.get("route")
        path = route.path if route else "unknown"
        self.metrics.note(path, status, seconds)
        if logger.isEnabledFor(logging.INFO):
            line = {"id": request_id.decode(), "method": scope["method"], "path": path, "status": status}
            line |= scope.get("deepglass", {}) | {"ms": round(seconds * 1000, 2)}
            logger.info("request", extra={"fields": line})


class JsonLines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message, then the fields that were given along."""
        line = {"time": round(record.created, 3), "level": record.levelname.lower(), "message": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_to_stderr(is_wanted: bool) -> None:
    """Our lines and uvicorn's, in one form, on standard error; without requests if they are not wanted."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("deepglass.serve", "uvicorn.error"):
        chosen = logging.getLogger(name)
        chosen.handlers, chosen.propagate = [handler], False
        chosen.setLevel(logging.INFO if is_wanted else logging.WARNING)


def _request_id(scope: Scope) -> bytes:
    sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return sent if REQUEST_ID.fullmatch(sent) else os.urandom(8).hex().encode()
