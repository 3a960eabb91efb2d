"""What every protocol does alike: find the model, note it for the log, and know until when an answer is wanted."""

from typing import Any

from starlette.requests import Request

from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.served_model import ServedModel

DEADLINE = "X-Request-Timeout-Ms"


def model_for(request: Request, name: str | None, version: str | None = None) -> ServedModel:
    """The model that a request means; the only one where it names none.

    Raises:
        RequestError: 404 if there is none, 422 if it does not say which of several.
    """
    registry = request.app.state.registry
    model = registry.only() if name is None else registry.choose(name, version)
    request.scope["deepglass"] = {"model": model.name, "version": model.version}
    return model


def deadline(request: Request, parameters: dict[str, Any] | None = None) -> float | None:
    """Seconds until an answer is of no use, from the header X-Request-Timeout-Ms or Triton's parameter `timeout`.

    Raises:
        RequestError: 400 if it is no positive number.
    """
    if parameters and "timeout" in parameters:
        microseconds = parameters["timeout"]
        if type(microseconds) is not int or not 0 < microseconds < 2**53:
            raise RequestError(400, "timeout: expected microseconds above 0", "timeout")
        return microseconds / 1e6
    header = request.headers.get(DEADLINE)
    if header is None:
        return None
    if not (header.isascii() and header.isdigit() and len(header) <= 10 and int(header) > 0):
        raise RequestError(400, f"{DEADLINE}: expected milliseconds above 0, got {header[:20]!r}", DEADLINE)
    return int(header) / 1000
