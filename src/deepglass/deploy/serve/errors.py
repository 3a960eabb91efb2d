"""What is answered when a request cannot be: a status, a sentence, and the field that is at fault."""

import json

from starlette.requests import Request
from starlette.responses import Response

from deepglass.core.errors import DeepglassError
from deepglass.deploy.runtime.errors import BodyError, InputError


class RequestError(DeepglassError):
    """A request that gets no answer.

    Args:
        status: The HTTP status, such as 422.
        message: What was expected, what came, what to do.
        field: The part of the request that is wrong, such as a column.
        headers: Further headers of the response, such as Retry-After.
    """

    def __init__(self, status: int, message: str, field: str | None = None, headers: dict[str, str] | None = None):
        self.status, self.field, self.headers = status, field, headers
        super().__init__(message)


def error_response(error: RequestError) -> Response:
    """The error as JSON; `error` is the key that the Open Inference Protocol and TensorFlow Serving both use."""
    content = {"error": str(error)} | ({"field": error.field} if error.field else {})
    return Response(json.dumps(content) + "\n", error.status, error.headers, "application/json")


async def answer_request_error(_: Request, error: Exception) -> Response:
    """FastAPI's handler for a `RequestError`."""
    assert isinstance(error, RequestError)
    forget_frames(error)
    return error_response(error)


def forget_frames(error: BaseException | None) -> None:
    """Let go of the calls that an error came through: in them lies the whole request, and often a circle around it.

    Python's collector would find the circle, much later; until then a refused body would stay in memory.
    """
    while error is not None:
        error.__traceback__ = None
        error = error.__context__


async def answer_input_error(_: Request, error: Exception) -> Response:
    """FastAPI's handler for a record that does not fit the model's schema."""
    assert isinstance(error, InputError)
    forget_frames(error)
    return error_response(RequestError(422, str(error), error.field))


async def answer_body_error(_: Request, error: Exception) -> Response:
    """FastAPI's handler for a body that is not what it says it is."""
    assert isinstance(error, BodyError)
    forget_frames(error)
    return error_response(RequestError(error.status, str(error), error.field))


async def answer_http_error(request: Request, error: Exception) -> Response:
    """FastAPI's handler for what routing refuses (an unknown path or method), and for defects of ours."""
    status, headers = getattr(error, "status_code", 500), getattr(error, "headers", None)
    wording = {
        404: "nothing is here: the paths are listed at /docs",
        405: f"{request.method} is not allowed here; allowed: {(headers or {}).get('Allow', 'see /docs')}",
        500: "the server failed; its log says why, under this request's id",
    }
    return error_response(RequestError(status, wording.get(status, str(error)), headers=headers))
