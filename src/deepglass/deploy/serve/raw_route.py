"""Routes that FastAPI documents and does not slow down."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response


class RawRoute(APIRoute):
    """A route whose function takes the request and the parts of the path, and makes the response itself.

    FastAPI would resolve dependencies and validate with pydantic on the way in and out; on the path of every inference
    that costs more than a small model does. What comes in is checked by ours, which knows the model's schema.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The function itself."""
        endpoint = self.endpoint

        async def handler(request: Request) -> Response:
            return await endpoint(request, **request.path_params)

        return handler
