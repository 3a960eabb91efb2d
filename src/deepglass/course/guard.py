"""Who may come in: a lesson runs Python with the rights of whoever started it, so strangers stay outside.

Three questions before anything is answered, HTTP and WebSocket alike:
- Is the request addressed to us by a name that we are known by? (A page elsewhere can point its own name at this
  machine: DNS rebinding.)
- If a browser says which page asks, is it one of ours? (Any page can open a WebSocket to 127.0.0.1.)
- Where we can be reached from other machines: is the token there, in the address once, then in a cookie?
"""

import hmac
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from starlette.responses import PlainTextResponse, RedirectResponse

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
COOKIE = "deepglass-token"


class Guard:
    """ASGI middleware that lets in those who belong.

    Args:
        app: What is guarded.
        names: Host names that requests may be addressed to.
        token: Asked for if not empty.
    """

    def __init__(self, app: Any, names: tuple[str, ...] = LOOPBACK, token: str = ""):
        self.app, self.names, self.token = app, names, token

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self.refusal(scope, headers)
        if refused is None:
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 4403, "reason": "not allowed"})
        return await refused(scope, receive, send)

    def refusal(self, scope: Any, headers: dict[str, str]) -> Any:
        """What is answered instead, or None for those who may come in."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.names != ("*",) and hostname(host) not in self.names:
            return PlainTextResponse(f"This course answers to {', '.join(self.names)}, not to {host!r}.", 403)
        if origin is not None and urlsplit(origin).netloc != host:
            return PlainTextResponse(f"Pages of {origin} may not talk to this course.", 403)
        return self.without_token(scope, headers)

    def without_token(self, scope: Any, headers: dict[str, str]) -> Any:
        """A refusal where the token is missing; a cookie for those who brought it in the address."""
        if not self.token:
            return None
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        if cookie and hmac.compare_digest(cookie.value.encode(), self.token.encode()):
            return None
        brought = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if not hmac.compare_digest(brought.encode(), self.token.encode()):
            return PlainTextResponse("This course wants a token: open the address that `deepglass see` printed.", 403)
        answer = RedirectResponse(quote(scope["path"]), 303)
        answer.set_cookie(COOKIE, self.token, httponly=True, samesite="strict")
        return answer


def hostname(host: str) -> str:
    """ "localhost" of "localhost:2718"."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
