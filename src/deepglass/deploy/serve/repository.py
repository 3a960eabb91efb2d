"""Loading and dropping models while the server runs: the repository extension of the Open Inference Protocol.

https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_model_repository.html
Only bundles that the server was started with, or that lie in its repository folder, can be loaded: a request brings a
name, never a path.
"""

import os
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deepglass.deploy.runtime.errors import BundleError
from deepglass.deploy.serve import openapi
from deepglass.deploy.serve.body import Reading, read_object
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.metrics import SHARED_FOLDER
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response

router = APIRouter(route_class=RawRoute, tags=["Model repository"])


@router.post("/v2/repository/index", **openapi.INDEX)
async def index(request: Request) -> Response:
    """Every model that could be served; with {"ready": true} those that are.

    Raises:
        RequestError: 400 if `ready` is neither true nor false.
    """
    only_ready = (await _asked(request)).get("ready", False)
    if not isinstance(only_ready, bool):
        raise RequestError(400, "ready: expected true or false", "ready")
    rows = await request.app.state.registry.index()
    return json_response([row for row in rows if not only_ready or row["state"] == "READY"])


@router.post("/v2/repository/models/{name}/load", **openapi.LOAD)
async def load(request: Request, name: str) -> Response:
    """Open all versions of a model anew; until they answer, those that were served go on.

    Raises:
        RequestError: 409 if several workers serve, or a bundle cannot be opened.
    """
    _must_be_alone()
    await _require_no_override(request)
    try:
        await request.app.state.registry.load(name)
    except BundleError as error:
        raise RequestError(409, str(error), "name") from None
    return json_response({})


@router.post("/v2/repository/models/{name}/unload", **openapi.LOAD)
async def unload(request: Request, name: str) -> Response:
    """Finish what waits for a model, then drop it.

    Raises:
        RequestError: 409 if several workers serve.
    """
    _must_be_alone()
    await _require_no_override(request)
    await request.app.state.registry.unload(name)
    return json_response({})


async def _asked(request: Request) -> dict[str, Any]:
    """The body, which is small, and may be empty."""
    with Reading(request) as reader:
        return await read_object(reader)


async def _require_no_override(request: Request) -> None:
    """A bundle has its settings in itself: what a request brings of its own is refused, not passed over."""
    parameters = (await _asked(request)).get("parameters", {})
    if not isinstance(parameters, dict):
        raise RequestError(400, "parameters: expected an object", "parameters")
    if not isinstance(parameters.get("unload_dependents", False), bool):
        raise RequestError(400, "unload_dependents: expected true or false", "parameters")
    if unknown := [name for name in parameters if name != "unload_dependents"]:
        raise RequestError(400, f"the parameter {unknown[0][:60]} is not supported: the bundle says all", "parameters")


def _must_be_alone() -> None:
    """Each worker has models of its own; a request reaches one of them."""
    if SHARED_FOLDER in os.environ:
        raise RequestError(409, "several workers would come to differ: start with --workers 1, or restart the server")
