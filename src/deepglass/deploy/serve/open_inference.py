"""The Open Inference Protocol, version 2, over REST: what Triton, KServe and their clients speak.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol, with its extensions for binary
tensor data and, in `repository.py`, for loading models.
"""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deepglass import __version__
from deepglass.deploy.serve import openapi, tensors
from deepglass.deploy.serve.body import expect_object, json_kind, parse_json, read_body
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response, to_json
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import deadline, model_for

HEADER_LENGTH = "Inference-Header-Content-Length"  # of the JSON before the binary data
UNSUPPORTED = ("classification", "shared_memory_region")  # of Triton's extensions; silence would mislead

router = APIRouter(route_class=RawRoute, tags=["Open Inference Protocol"])


@router.post("/v2/models/{name}/infer", **openapi.INFER)
async def infer(request: Request, name: str) -> Response:
    """Compute with the newest version, or the canary."""
    return await _infer(request, model_for(request, name))


@router.post("/v2/models/{name}/versions/{version}/infer", **openapi.INFER)
async def infer_version(request: Request, name: str, version: str) -> Response:
    """Compute with one version."""
    return await _infer(request, model_for(request, name, version))


@router.get("/v2", **openapi.SERVER)
async def server_metadata(request: Request) -> Response:
    """Name, version and extensions of the server."""
    extensions = ["binary_tensor_data", "model_repository"]
    return json_response({"name": "deepglass", "version": __version__, "extensions": extensions})


@router.get("/v2/health/live", **openapi.LIVE)
async def live(request: Request) -> Response:
    """Whether the process answers."""
    return json_response({"live": True})


@router.get("/v2/health/ready", **openapi.READY)
async def ready(request: Request) -> Response:
    """Whether every model computed an answer just now, and the server is not stopping."""
    state = request.app.state
    is_ready = not state.closing and await state.registry.is_ready()
    return json_response({"ready": is_ready}, 200 if is_ready else 503)


@router.get("/v2/models/{name}/ready", **openapi.MODEL_READY)
async def model_ready(request: Request, name: str) -> Response:
    """Whether a model computed an answer just now."""
    return await _model_ready(model_for(request, name))


@router.get("/v2/models/{name}/versions/{version}/ready", **openapi.MODEL_READY)
async def version_ready(request: Request, name: str, version: str) -> Response:
    """Whether one version computed an answer just now."""
    return await _model_ready(model_for(request, name, version))


@router.get("/v2/models/{name}", **openapi.MODEL)
async def model_metadata(request: Request, name: str) -> Response:
    """Versions and tensors of a model."""
    return _metadata(request, model_for(request, name))


@router.get("/v2/models/{name}/versions/{version}", **openapi.MODEL)
async def version_metadata(request: Request, name: str, version: str) -> Response:
    """Tensors of one version."""
    return _metadata(request, model_for(request, name, version))


async def _infer(request: Request, model: ServedModel) -> Response:
    config = model.config
    with model.batcher.arriving():
        body = await read_body(request, config)
        header, binary = _split(body, request.headers.get(HEADER_LENGTH))
        asked = expect_object(parse_json(header, config))
        if not isinstance(asked.get("id", ""), str):
            raise RequestError(400, f"id: expected a text, got {json_kind(asked['id'])}", "id")
        parameters = _parameters(asked)
        inputs = read_inputs(asked, binary, model)
        wanted = _wanted(asked, parameters, model)
        seconds = deadline(request, parameters)
        answer = model.infer(inputs, list(wanted), seconds)
    outputs = await answer
    return _respond(asked, model, outputs, wanted)


def read_inputs(asked: dict[str, Any], binary: bytes, model: ServedModel) -> tensors.Tensors:
    """The tensors of a request, checked against the graph.

    Raises:
        RequestError: 400 or 422 that names the tensor.
    """
    given = asked.get("inputs")
    if not isinstance(given, list) or not all(isinstance(tensor, dict) for tensor in given):
        raise RequestError(400, "expected a list of tensors under inputs", "inputs")
    found, place = {}, 0
    for tensor in given:
        spec, shape = _spec_of(tensor, model), _shape_of(tensor)
        parameters = _parameters(tensor)
        size = parameters.get("binary_data_size")
        if "binary_data_size" not in parameters:
            found[spec["name"]] = tensors.from_list(spec, tensor.get("data"), shape)
        else:
            if type(size) is not int or not 0 <= size <= len(binary) - place:
                raise RequestError(400, f"{spec['name']}: binary_data_size {size} is more than came", spec["name"])
            found[spec["name"]] = tensors.from_bytes(spec, binary[place : place + size], shape)
            place += size
    for name in model.inputs:
        if name not in found:
            raise RequestError(422, f"input {name} is missing; {model.name} takes {', '.join(model.inputs)}", name)
    if len(given) != len(model.inputs) or place != len(binary):
        raise RequestError(400, "an input was given twice, or bytes are left over after the last", "inputs")
    return tensors.same_rows(found, model.max_rows)


def _spec_of(tensor: dict[str, Any], model: ServedModel) -> tensors.Spec:
    name, datatype = tensor.get("name"), tensor.get("datatype")
    if not isinstance(name, str) or name not in model.inputs:
        raise RequestError(422, f"no input is called {name!r}; {model.name} takes {', '.join(model.inputs)}", "name")
    spec = model.inputs[name]
    if datatype != spec["datatype"]:
        raise RequestError(422, f"{name}: expected datatype {spec['datatype']}, got {datatype!r}", name)
    return spec


def _shape_of(tensor: dict[str, Any]) -> list[int]:
    shape, name = tensor.get("shape"), tensor["name"]
    if not isinstance(shape, list) or not all(type(size) is int and 0 < size < 2**31 for size in shape):
        raise RequestError(422, f"{name}: expected a shape such as [1, 4], got {json_kind(shape)}", name)
    return shape


def _parameters(holder: dict[str, Any]) -> dict[str, Any]:
    parameters = holder.get("parameters", {})
    if not isinstance(parameters, dict):
        raise RequestError(400, f"parameters must be an object, got {json_kind(parameters)}", "parameters")
    for name in UNSUPPORTED:
        if name in parameters:
            raise RequestError(400, f"the parameter {name} is not supported: POST /predict answers with labels", name)
    return parameters


def _wanted(asked: dict[str, Any], parameters: dict[str, Any], model: ServedModel) -> dict[str, bool]:
    """The outputs that are asked for, and whether each comes as bytes; all of them if none is named."""
    as_bytes = _flag(parameters, "binary_data_output", False)
    given = asked.get("outputs", [])
    if not isinstance(given, list) or not all(isinstance(output, dict) for output in given):
        raise RequestError(400, "expected a list of objects with a name under outputs", "outputs")
    wanted = {}
    for output in given or [{"name": name} for name in model.outputs]:
        name = output.get("name")
        if not isinstance(name, str) or name not in model.outputs:
            raise RequestError(422, f"no output is called {name!r}; there is {', '.join(model.outputs)}", "outputs")
        wanted[name] = _flag(_parameters(output), "binary_data", as_bytes)
    return wanted


def _flag(parameters: dict[str, Any], name: str, default: bool) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise RequestError(400, f"{name}: expected true or false, got {json_kind(value)}", name)
    return value


def _split(body: bytes, length: str | None) -> tuple[bytes, bytes]:
    """JSON and binary part of a body."""
    if length is None:
        return body, b""
    if not (length.isascii() and length.isdigit() and int(length) <= len(body)):
        raise RequestError(400, f"{HEADER_LENGTH} {length!r} is no length within the body", HEADER_LENGTH)
    return body[: int(length)], body[int(length) :]


def _respond(
    asked: dict[str, Any], model: ServedModel, outputs: tensors.Tensors, as_bytes: dict[str, bool]
) -> Response:
    described, binary = [], []
    for name, array in outputs.items():
        output = {"name": name, "datatype": tensors.datatype_of(array), "shape": list(array.shape)}
        if as_bytes[name]:
            binary.append(tensors.to_bytes(array))
            output["parameters"] = {"binary_data_size": len(binary[-1])}
        else:
            output["data"] = array.ravel().tolist()
        described.append(output)
    answer = {"model_name": model.name, "model_version": model.version, "outputs": described}
    if "id" in asked:
        answer["id"] = asked["id"]
    header = to_json(answer)
    if not binary:
        return Response(header, media_type="application/json")
    return Response(
        header + b"".join(binary), media_type="application/octet-stream", headers={HEADER_LENGTH: str(len(header))}
    )


async def _model_ready(model: ServedModel) -> Response:
    is_ready = await model.is_ready()
    return json_response({"name": model.name, "ready": is_ready}, 200 if is_ready else 503)


def _metadata(request: Request, model: ServedModel) -> Response:
    versions = list(request.app.state.registry.versions[model.name])
    tensors_of = {"inputs": list(model.inputs.values()), "outputs": list(model.outputs.values())}
    return json_response({"name": model.name, "versions": versions, "platform": "onnxruntime_onnx", **tensors_of})
