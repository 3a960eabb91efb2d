"""What browsers may ask for: the server's own pages, and pages of this machine or of a name that it is known by.

A request of any other page is refused, whether it changes something or reads: `deploy/runtime/origins.py` says why. A
page that may ask gets the answers that CORS wants, a preflight among them.
"""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deepglass.deploy.runtime.origins import ALLOWED, HEADERS, Origins
from deepglass.deploy.serve.errors import RequestError, error_response

PREFLIGHT_SECONDS = 600  # that a browser remembers what it was told


class KnownOrigins:
    """Lets through what programs ask, and pages that are known."""

    def __init__(self, app: ASGIApp, origins: Origins):
        self.app, self.origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        host = origin = site = mode = None
        is_preflight = False
        for name, value in scope["headers"]:
            match name:
                case b"host":
                    host = value.decode("latin-1")
                case b"origin":
                    origin = value.decode("latin-1")
                case b"sec-fetch-site":
                    site = value.decode("latin-1")
                case b"sec-fetch-mode":
                    mode = value.decode("latin-1")
                case b"access-control-request-method":
                    is_preflight = scope["method"] == "OPTIONS"
        if refusal := self.origins.refusal(host, origin, site, mode):
            error = RequestError(403, refusal, "Host" if origin is None else "Origin")
            await error_response(error)(scope, receive, send)
        elif origin is None:
            await self.app(scope, receive, send)
        elif is_preflight:
            await Response(status_code=204, headers=self._allowed(origin))(scope, receive, send)
        else:
            await self._shared(origin, scope, receive, send)

    def _allowed(self, origin: str) -> dict[str, str]:
        allowed = {"Access-Control-Allow-Methods": ALLOWED, "Access-Control-Allow-Headers": HEADERS}
        return allowed | {"Access-Control-Max-Age": str(PREFLIGHT_SECONDS), **self._may_read(origin)}

    def _may_read(self, origin: str) -> dict[str, str]:
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if self.origins.shares_with(origin) else {}

    async def _shared(self, origin: str, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer, with a note that the page may read it."""
        note = [(name.lower().encode(), value.encode()) for name, value in self._may_read(origin).items()]

        async def send_with_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].extend(note)
            await send(message)

        await self.app(scope, receive, send_with_note)
