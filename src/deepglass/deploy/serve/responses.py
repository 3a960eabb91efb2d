"""JSON out: compact, and never NaN, which JSON does not have."""

import json
from typing import Any

from starlette.responses import Response

from deepglass.deploy.serve.errors import RequestError


def to_json(content: Any) -> bytes:
    """Compact JSON.

    Raises:
        RequestError: 422 if a number in it is not finite: the inputs were so large that the model overflowed.
    """
    try:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        raise RequestError(422, "the model's answer is not finite: send values nearer to those of training") from None


def json_response(content: Any, status: int = 200) -> Response:
    """A response with JSON."""
    return Response(to_json(content), status, media_type="application/json")
