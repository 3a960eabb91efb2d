"""Serve a bundle with Python's own HTTP server: `python -m deepglass_runtime.serving BUNDLE --port 8000`.

    POST /predict   a JSON record or list of records, or the bytes of a picture, or a plain text → a list of answers
    GET  /health    200 once the model has answered
    GET  /schema    what goes in and comes out

Small on purpose: one request at a time computes, nothing is batched. `deepglass serve` is for more.
"""

import argparse
import json
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .bundle import Bundle
from .errors import BundleError, InputError

MOST_BYTES = 32 * 2**20  # of a request
SECONDS = 30  # that a client may be silent


class Handler(BaseHTTPRequestHandler):
    """Answers requests with the server's bundle."""

    server: "Server"
    timeout = SECONDS
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        match self.path:
            case "/health":
                self._send(HTTPStatus.OK, {"ready": True, "name": self.server.bundle.name})
            case "/schema":
                self._send(HTTPStatus.OK, self.server.bundle.schema)
            case _:
                self._send(HTTPStatus.NOT_FOUND, {"error": f"{self.path} is not here: POST to /predict"})

    def do_POST(self) -> None:
        if self.path != "/predict":
            self._refuse(HTTPStatus.NOT_FOUND, f"{self.path} is not here: POST to /predict")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "expected a Content-Length")
        elif int(length) > MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"expected at most {MOST_BYTES:,} bytes, got {length}")
        else:
            self._predict(self.rfile.read(int(length)))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a request may hold what is nobody's business."""

    def _predict(self, body: bytes) -> None:
        try:
            records = records_of(body, self.headers.get_content_type())
            self._send(HTTPStatus.OK, self.server.bundle.predict(records))
        except InputError as error:
            self._send(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error), "field": error.field})
        except (ValueError, RecursionError) as error:
            self._send(HTTPStatus.BAD_REQUEST, {"error": f"the body cannot be read: {error}"})

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Without reading the body, so the connection cannot go on."""
        self.close_connection = True
        self._send(status, {"error": message})

    def _send(self, status: HTTPStatus, content: Any) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """An HTTP server with a bundle."""

    daemon_threads = True

    def __init__(self, bundle: Bundle, host: str, port: int):
        self.bundle = bundle
        _ = bundle.session  # loaded before the first request comes
        super().__init__((host, port), Handler)


def records_of(body: bytes, content_type: str) -> list[Any]:
    """What a request asks about."""
    if content_type == "text/plain":
        return [body.decode("utf-8")]
    if content_type.startswith("image/") or content_type == "application/octet-stream":
        return [body]
    content = json.loads(body)
    return content if isinstance(content, list) else [content]


def main() -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 answers other machines too")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    asked = parser.parse_args()
    try:
        server = Server(Bundle.open(asked.bundle), asked.host, asked.port)
    except (BundleError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{server.bundle.name} at http://{asked.host}:{server.server_port}/predict", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
