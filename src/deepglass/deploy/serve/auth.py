"""Bearer tokens: who may ask.

RFC 6750, The OAuth 2.0 Authorization Framework: Bearer Token Usage, https://www.rfc-editor.org/rfc/rfc6750
"""

import hmac
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from deepglass.core.errors import OptionError
from deepglass.deploy.serve.errors import RequestError, error_response

OPEN_PATHS = frozenset({"/", "/chat", "/docs", "/v2/health/live", "/v2/health/ready"})  # pages without content; probes
MIN_CHARACTERS = 16


class RequireToken:
    """Lets through who brings one of the tokens; everybody may ask whether the server lives."""

    def __init__(self, app: ASGIApp, tokens: list[bytes]):
        self.app, self.tokens = app, tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, or pass on."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or self.is_known(scope):
            await self.app(scope, receive, send)
            return
        challenge = {"WWW-Authenticate": "Bearer"}
        error = RequestError(401, "send a token that this server knows: Authorization: Bearer TOKEN", headers=challenge)
        await error_response(error)(scope, receive, send)

    def is_known(self, scope: Scope) -> bool:
        """Whether the request's token is one of ours; every one is compared, each in constant time."""
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        scheme, _, token = header.partition(b" ")
        matches = [hmac.compare_digest(token.strip(), known) for known in self.tokens]
        return scheme.lower() == b"bearer" and any(matches)


def read_tokens(path: Path) -> list[bytes]:
    """Tokens from a file, one per line; empty lines and those that begin with # are passed over.

    Raises:
        OptionError: If the file cannot be read, or holds no token or a short one.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise OptionError(f"--token-file {path} cannot be read: {error.strerror}") from None
    tokens = [line.strip() for line in lines if line.strip() and not line.startswith(b"#")]
    if not tokens:
        raise OptionError(f"--token-file {path} holds no token: write one per line, as `openssl rand -hex 32` makes")
    if short := [len(token) for token in tokens if len(token) < MIN_CHARACTERS]:
        raise OptionError(f"--token-file {path}: a token of {short[0]} characters can be guessed, use {MIN_CHARACTERS}")
    return tokens
