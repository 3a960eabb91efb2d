"""The Open Inference Protocol, version 2, over REST: what Triton, KServe and their clients speak.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol, with its extensions for binary
tensor data and, in `repository.py`, for loading models.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deepglass import __version__
from deepglass.deploy.runtime import strict_json
from deepglass.deploy.serve import openapi, tensors
from deepglass.deploy.serve.body import Body, expect_object
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response, list_to_json, to_json
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import Exchange, model_for, seconds_of

HEADER_LENGTH = "Inference-Header-Content-Length"  # of the JSON before the binary data
UNSUPPORTED = ("classification", "shared_memory_region")  # of Triton's extensions; silence would mislead
EXTENSIONS = ["binary_tensor_data", "model_repository", "model_configuration", "statistics"]
MOST_ID = 512  # characters
SHOWN = 60  # characters of what came that a message repeats

TAGS = ["Open Inference Protocol"]
inference = APIRouter(route_class=RawRoute, tags=[*TAGS])  # asked most, so looked at first
router = APIRouter(route_class=RawRoute, tags=[*TAGS])


@inference.post("/v2/models/{name}/infer", **openapi.INFER)
async def infer(request: Request, name: str) -> Response:
    """Compute with the newest version, or the canary."""
    return await _infer(request, model_for(request, name))


@inference.post("/v2/models/{name}/versions/{version}/infer", **openapi.INFER)
async def infer_version(request: Request, name: str, version: str) -> Response:
    """Compute with one version."""
    return await _infer(request, model_for(request, name, version))


@router.get("/v2", **openapi.SERVER)
async def server_metadata(request: Request) -> Response:
    """Name, version and extensions of the server."""
    return json_response({"name": "deepglass", "version": __version__, "extensions": EXTENSIONS})


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


@dataclass(frozen=True)
class Asked:
    """What a request asks, understood and held against the model."""

    outputs: dict[str, bool]  # those that are wanted, and whether each comes as bytes
    id: str | None
    seconds: float | None  # of the parameter `timeout`
    warnings: list[str]


async def _infer(request: Request, model: ServedModel) -> Response:
    async with Exchange(request, model) as exchange:
        asked, inputs = await exchange.read(partial(understand, model, exchange.header(HEADER_LENGTH)))
        if asked.seconds is not None:
            exchange.answer_within(asked.seconds)
        outputs = await model.infer(inputs, list(asked.outputs))
        return await _respond(asked, model, outputs)


def understand(model: ServedModel, length: str | None, body: Body) -> tuple[Asked, tensors.Tensors]:
    """A request, from its bytes.

    Args:
        model: Who is asked.
        length: The header that says how many bytes of the body are JSON; None where all are.
        body: JSON, then the tensors that come in binary.

    Raises:
        BodyError: 400 if it is not JSON.
        RequestError: 400 or 422 that names the part that is wrong.
    """
    header, binary = _split(body, length)
    asked = expect_object(strict_json.parse(header, model.config, allows_nan=True))
    parameters, name = _parameters(asked), asked.get("id")
    if not isinstance(name, str | None) or len(name or "") > MOST_ID:
        raise RequestError(400, f"id: expected a text of at most {MOST_ID} characters", "id")
    inputs = read_inputs(asked, binary, model)
    wanted = _wanted(asked, parameters, model)
    model.bounds.check_answer(inputs, wanted)
    seconds = seconds_of(parameters["timeout"]) if "timeout" in parameters else None
    return Asked(wanted, name, seconds, model.bounds.warnings(inputs)), model.bounds.fitted(inputs)


def read_inputs(asked: dict[str, Any], binary: memoryview, model: ServedModel) -> tensors.Tensors:
    """The tensors of a request, checked against the graph.

    Raises:
        RequestError: 400 or 422 that names the tensor.
    """
    given = asked.get("inputs")
    if not isinstance(given, list) or not all(isinstance(tensor, dict) for tensor in given):
        raise RequestError(400, "expected a list of tensors under inputs", "inputs")
    if len(given) > len(model.inputs):
        takes = f"{model.name} takes {', '.join(model.inputs)}, once each"
        raise RequestError(400, f"{len(given)} inputs; {takes}", "inputs")
    found, place = {}, 0
    for tensor in given:
        spec = _spec_of(tensor, model)
        name, shape = spec["name"], model.bounds.shape_of(spec, _shape_of(tensor))
        if name in found:
            raise RequestError(400, f"the input {name} was given twice", "inputs")
        parameters = _parameters(tensor)
        size = parameters.get("binary_data_size")
        if "binary_data_size" not in parameters:
            found[name] = tensors.from_list(spec, tensor.get("data"), shape)
        else:
            if type(size) is not int or not 0 <= size <= len(binary) - place:
                raise RequestError(400, f"{name}: binary_data_size {str(size)[:20]} is more than came", name)
            found[name] = tensors.from_bytes(spec, binary[place : place + size], shape)
            place += size
    for name in model.inputs:
        if name not in found:
            raise RequestError(422, f"input {name} is missing; {model.name} takes {', '.join(model.inputs)}", name)
    if place != len(binary):
        raise RequestError(400, f"{len(binary) - place} bytes are left over after the last input", "inputs")
    return tensors.same_rows(found, model.max_rows)


def _spec_of(tensor: dict[str, Any], model: ServedModel) -> tensors.Spec:
    name, datatype = tensor.get("name"), tensor.get("datatype")
    if not isinstance(name, str) or name not in model.inputs:
        takes = f"{model.name} takes {', '.join(model.inputs)}"
        raise RequestError(422, f"no input is called {str(name)[:SHOWN]!r}; {takes}", "name")
    spec = model.inputs[name]
    if datatype != spec["datatype"]:
        raise RequestError(422, f"{name}: expected datatype {spec['datatype']}, got {str(datatype)[:SHOWN]!r}", name)
    return spec


def _shape_of(tensor: dict[str, Any]) -> list[int]:
    shape, name = tensor.get("shape"), tensor["name"]
    if not isinstance(shape, list) or not all(type(size) is int and 0 < size < 2**31 for size in shape):
        raise RequestError(422, f"{name}: expected a shape such as [1, 4], sizes above 0", name)
    return shape


def _parameters(holder: dict[str, Any]) -> dict[str, Any]:
    parameters = holder.get("parameters", {})
    if not isinstance(parameters, dict):
        raise RequestError(400, f"parameters must be an object, got {strict_json.kind(parameters)}", "parameters")
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
    if len(given) > len(model.outputs):
        raise RequestError(400, f"{len(given)} outputs; there is {', '.join(model.outputs)}, once each", "outputs")
    wanted = {}
    for output in given or [{"name": name} for name in model.outputs]:
        name = output.get("name")
        if not isinstance(name, str) or name not in model.outputs:
            there_is = ", ".join(model.outputs)
            raise RequestError(422, f"no output is called {str(name)[:SHOWN]!r}; there is {there_is}", "outputs")
        wanted[name] = _flag(_parameters(output), "binary_data", as_bytes)
    return wanted


def _flag(parameters: dict[str, Any], name: str, default: bool) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise RequestError(400, f"{name}: expected true or false, got {strict_json.kind(value)}", name)
    return value


def _split(body: Body, length: str | None) -> tuple[Body, memoryview]:
    """JSON and binary part of a body; the binary part stays where it is."""
    if length is None:
        return body, memoryview(b"")
    if not (length.isascii() and length.isdigit() and len(length) <= len(str(len(body))) and int(length) <= len(body)):
        raise RequestError(400, f"{HEADER_LENGTH} {length[:20]!r} is not a length within the body", HEADER_LENGTH)
    return body[: int(length)], memoryview(body)[int(length) :]


async def _respond(asked: Asked, model: ServedModel, outputs: tensors.Tensors) -> Response:
    """The outputs in the order in which they were asked for, numbers in JSON or behind it."""
    described, binary = [], []
    for name, array in outputs.items():
        output = {"name": name, "datatype": tensors.datatype_of(array), "shape": list(array.shape)}
        if asked.outputs[name]:
            binary.append(tensors.to_bytes(array))
            described.append(to_json(output | {"parameters": {"binary_data_size": len(binary[-1])}}))
        else:
            described.append(to_json(output)[:-1] + b',"data":' + await list_to_json(array.ravel().tolist()) + b"}")
    about: dict[str, Any] = {"model_name": model.name, "model_version": model.version}
    if asked.id is not None:
        about["id"] = asked.id
    if asked.warnings:
        about["parameters"] = {"warnings": "; ".join(asked.warnings)}
    header = to_json(about)[:-1] + b',"outputs":[' + b",".join(described) + b"]}"
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
    described = {"inputs": model.bundle.tensors["inputs"], "outputs": model.bundle.tensors["outputs"]}
    return json_response({"name": model.name, "versions": versions, "platform": "onnxruntime_onnx", **described})
