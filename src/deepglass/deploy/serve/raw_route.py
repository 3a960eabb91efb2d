"""Routes that FastAPI documents and does not slow down."""

from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import Receive, Scope, Send


class RawRoute(APIRoute):
    """A route whose function takes the request and the parts of the path, and makes the response itself.

    FastAPI would resolve dependencies, keep stacks of what to close, and validate with pydantic on the way in and out;
    on the path of every inference that costs more than a small model does. What comes in is checked by ours, which
    knows the model's schema.
    """

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.app = self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The function itself."""
        response = await self.endpoint(Request(scope, receive, send), **scope["path_params"])
        await response(scope, receive, send)
