"""TensorFlow Serving's REST API, so that its clients work unchanged.

https://www.tensorflow.org/tfx/serving/api_rest: status, metadata, and the verbs predict, classify and regress, with
row form (`instances`), column form (`inputs`), `examples` with a `context`, and binary values as {"b64": …}.
A value may be a tensor's, or a record's as people have them: a picture in base64, a text, an object of columns.
"""

from functools import partial
from typing import Any

import numpy as np
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from deepglass.deploy.runtime import strict_json
from deepglass.deploy.runtime.records import Inspected
from deepglass.deploy.serve import openapi, tensors
from deepglass.deploy.serve.body import Body, expect_object
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.payload import from_json
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response, list_to_json, object_response, to_json
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import Exchange, model_for

SIGNATURE = "serving_default"
METHOD = "tensorflow/serving/"  # begins the name of the signature that each verb has as well
DTYPES = {
    "BOOL": "DT_BOOL", "UINT8": "DT_UINT8", "INT64": "DT_INT64", "FP32": "DT_FLOAT", "FP64": "DT_DOUBLE",
    "BYTES": "DT_STRING",
}  # fmt: skip

router = APIRouter(route_class=RawRoute, tags=["TensorFlow Serving"])


@router.post("/v1/models/{name}:predict", **openapi.TF_PREDICT)
async def predict(request: Request, name: str) -> Response:
    """Tensors, or records, to the outputs of the graph."""
    return await _predict(request, model_for(request, name))


@router.post("/v1/models/{name}/versions/{version}:predict", **openapi.TF_PREDICT)
async def predict_version(request: Request, name: str, version: str) -> Response:
    """The same with one version."""
    return await _predict(request, model_for(request, name, version))


@router.post("/v1/models/{name}:classify", **openapi.TF_EXAMPLES)
async def classify(request: Request, name: str) -> Response:
    """Examples to pairs of label and probability."""
    return await _classify(request, model_for(request, name))


@router.post("/v1/models/{name}/versions/{version}:classify", **openapi.TF_EXAMPLES)
async def classify_version(request: Request, name: str, version: str) -> Response:
    """The same with one version."""
    return await _classify(request, model_for(request, name, version))


@router.post("/v1/models/{name}:regress", **openapi.TF_EXAMPLES)
async def regress(request: Request, name: str) -> Response:
    """Examples to values."""
    return await _regress(request, model_for(request, name))


@router.post("/v1/models/{name}/versions/{version}:regress", **openapi.TF_EXAMPLES)
async def regress_version(request: Request, name: str, version: str) -> Response:
    """The same with one version."""
    return await _regress(request, model_for(request, name, version))


@router.get("/v1/models/{name}/metadata", **openapi.TF_METADATA)
async def metadata(request: Request, name: str) -> Response:
    """The signature of a model."""
    return _metadata(model_for(request, name))


@router.get("/v1/models/{name}/versions/{version}/metadata", **openapi.TF_METADATA)
async def version_metadata(request: Request, name: str, version: str) -> Response:
    """The signature of one version."""
    return _metadata(model_for(request, name, version))


@router.get("/v1/models/{name}", **openapi.TF_STATUS)
async def status(request: Request, name: str) -> Response:
    """The versions of a model that are served.

    Raises:
        HTTPException: 405 if a verb was asked with GET.
    """
    _refuse_verb(name)
    model_for(request, name)
    return _status(list(request.app.state.registry.versions[name]))


@router.get("/v1/models/{name}/versions/{version}", **openapi.TF_STATUS)
async def version_status(request: Request, name: str, version: str) -> Response:
    """Whether one version is served.

    Raises:
        HTTPException: 405 if a verb was asked with GET.
    """
    _refuse_verb(version)
    return _status([model_for(request, name, version).version])


async def _predict(request: Request, model: ServedModel) -> Response:
    async with Exchange(request, model) as exchange:
        by_row, given = await exchange.read(partial(_understand, model))
        warnings = model.bounds.warnings(given)
        model.bounds.check_answer(given, dict.fromkeys(model.outputs, False))
        return await _written(await model.infer(given), by_row, warnings)


def _understand(model: ServedModel, body: Body) -> tuple[bool, tensors.Tensors | Inspected]:
    """Whether a request brings its tensors row by row, and the tensors, or what will become them."""
    asked = _read(body, model, "predict")
    if ("instances" in asked) == ("inputs" in asked):
        raise RequestError(400, 'expected either "instances" or "inputs"', "instances")
    if "inputs" in asked:
        return False, _fitted(_from_columns(asked["inputs"], model), model)
    return True, _from_instances(asked["instances"], model)


def _fitted(given: tensors.Tensors, model: ServedModel) -> tensors.Tensors:
    return model.bounds.fitted(tensors.same_rows(given, model.max_rows))


async def _written(outputs: tensors.Tensors, by_row: bool, warnings: list[str]) -> Response:
    """Rows under "predictions", columns under "outputs"; a single output without its name."""
    about = {"warnings": warnings} if warnings else {}
    columns = {name: array.tolist() for name, array in outputs.items()}
    width = sum(array[:1].size for array in outputs.values())
    if len(columns) == 1:
        written = await list_to_json(next(iter(columns.values())), width)
        return object_response(about, "predictions" if by_row else "outputs", written)
    if by_row:
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return object_response(about, "predictions", await list_to_json(rows, width))
    parts = [to_json(name) + b":" + await list_to_json(column, width) for name, column in columns.items()]
    return object_response(about, "outputs", b"{" + b",".join(parts) + b"}")


async def _classify(request: Request, model: ServedModel) -> Response:
    return await _answer_examples(request, model, "classify")


async def _regress(request: Request, model: ServedModel) -> Response:
    return await _answer_examples(request, model, "regress")


async def _answer_examples(request: Request, model: ServedModel, verb: str) -> Response:
    async with Exchange(request, model) as exchange:
        notes, given = await exchange.read(lambda body: model.inspected(_examples(model, verb, body)))
        warnings = model.bounds.warnings(given)
        answers = await model.answer(given, notes)
    results = [model.bundle.answers.result(answer) for answer in answers]
    about = {"warnings": warnings} if warnings else {}
    return object_response(about, "results", await list_to_json(results, model.bounds.width))


def _examples(model: ServedModel, verb: str, body: Body) -> list[Any]:
    """The examples of a request, each with what it says about all of them."""
    asked = _read(body, model, verb)
    if verb != model.bundle.answers.VERB:
        raise RequestError(422, f"{model.name} is for {model.task}: use :predict, or POST /predict", "name")
    examples, context = asked.get("examples"), asked.get("context", {})
    if not isinstance(examples, list) or not all(isinstance(example, dict) for example in examples):
        raise RequestError(400, 'expected a list of objects under "examples"', "examples")
    if not isinstance(context, dict):
        raise RequestError(400, 'expected an object under "context"', "context")
    if not 0 < len(examples) <= model.max_rows:
        raise RequestError(422, f"expected 1 to {model.max_rows} examples, got {len(examples)}", "examples")
    columns = {described["name"] for described in model.bundle.schema["inputs"]}
    shared = {name: value for name, value in context.items() if name in columns}
    return from_json([shared | example for example in examples], model)


def _read(body: Body, model: ServedModel, verb: str) -> dict[str, Any]:
    """The body, if it asks for a signature that there is."""
    asked = expect_object(strict_json.parse(body, model.config))
    if (signature := asked.get("signature_name", SIGNATURE)) not in ("", SIGNATURE, METHOD + verb):
        message = f"signature_name: expected {SIGNATURE} or {METHOD}{verb}, got {str(signature)[:60]!r}"
        raise RequestError(400, message, "signature_name")
    return asked


def _from_instances(instances: Any, model: ServedModel) -> tensors.Tensors | Inspected:
    """Rows: of the only tensor, objects of tensors, or records."""
    if not isinstance(instances, list) or not 0 < len(instances) <= model.max_rows:
        raise RequestError(422, f"expected a list of 1 to {model.max_rows} instances", "instances")
    if all(_is_row_of_tensors(instance, model) for instance in instances):
        columns = {name: [instance[name] for instance in instances] for name in model.inputs}
        return _fitted({name: _tensor(model, name, column) for name, column in columns.items()}, model)
    if len(model.inputs) == 1 and not any(isinstance(instance, dict | str) for instance in instances):
        return _fitted(_from_columns(instances, model), model)
    return model.inspected(from_json(instances, model))[1]


def _from_columns(columns: Any, model: ServedModel) -> tensors.Tensors:
    """Whole tensors by name, or the only one."""
    if not isinstance(columns, dict):
        if len(model.inputs) > 1:
            names = ", ".join(model.inputs)
            raise RequestError(422, f"{model.name} takes several inputs: expected an object with {names}", "inputs")
        columns = {next(iter(model.inputs)): columns}
    for name in [*model.inputs, *columns]:
        if name not in columns or name not in model.inputs:
            raise RequestError(422, f"input {name[:60]!r} is missing or unknown: {', '.join(model.inputs)}", name[:60])
    return {name: _tensor(model, name, column) for name, column in columns.items()}


def _tensor(model: ServedModel, name: str, column: Any) -> np.ndarray:
    """One tensor; a column of a table may come flat, though the graph takes it as (B, 1)."""
    spec = model.inputs[name]
    is_flat = isinstance(column, list) and not any(isinstance(cell, list) for cell in column)
    shape = [len(column), 1] if is_flat and spec["shape"] == [-1, 1] else None
    array = tensors.from_list(spec, column, shape)
    model.bounds.shape_of(spec, list(array.shape))
    return array


def _is_row_of_tensors(instance: Any, model: ServedModel) -> bool:
    """Whether an object holds tensors; one of plain cells is a record."""
    if not isinstance(instance, dict) or set(instance) != set(model.inputs):
        return False
    return any(isinstance(value, list) for value in instance.values())


def _status(versions: list[str]) -> Response:
    fine = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    return json_response({"model_version_status": [{"version": version, **fine} for version in versions]})


def _metadata(model: ServedModel) -> Response:
    signature = {
        "inputs": {name: _tensor_info(spec) for name, spec in model.inputs.items()},
        "outputs": {name: _tensor_info(spec) for name, spec in model.outputs.items()},
        "method_name": METHOD + "predict",
    }
    return json_response({
        "model_spec": {"name": model.name, "signature_name": "", "version": model.version},
        "metadata": {"signature_def": {"signature_def": {SIGNATURE: signature}}},
    })  # fmt: skip


def _tensor_info(spec: tensors.Spec) -> dict[str, Any]:
    sizes = [{"size": str(size), "name": ""} for size in spec["shape"]]  # text, as protobuf writes whole numbers
    shape = {"dim": sizes, "unknown_rank": False}
    return {"dtype": DTYPES[spec["datatype"]], "tensor_shape": shape, "name": spec["name"]}


def _refuse_verb(last: str) -> None:
    """A verb is asked with POST; with GET it would look like part of a name."""
    if last.endswith((":predict", ":classify", ":regress")):
        raise HTTPException(405, headers={"Allow": "POST"})
