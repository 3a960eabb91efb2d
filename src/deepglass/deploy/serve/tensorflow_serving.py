"""TensorFlow Serving's REST API, so that its clients work unchanged.

https://www.tensorflow.org/tfx/serving/api_rest: status, metadata, and the verbs predict, classify and regress, with
row form (`instances`), column form (`inputs`), `examples` with a `context`, and binary values as {"b64": …}.
A value may be a tensor's, or a record's as people have them: a picture in base64, a text, an object of columns.
"""

from typing import Any

import numpy as np
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from deepglass.deploy.serve import openapi, tensors
from deepglass.deploy.serve.body import expect_object, parse_json, read_body
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.payload import from_json
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import deadline, model_for

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
    """The versions of a model that are served."""
    _refuse_verb(name)
    model_for(request, name)
    return _status(list(request.app.state.registry.versions[name]))


@router.get("/v1/models/{name}/versions/{version}", **openapi.TF_STATUS)
async def version_status(request: Request, name: str, version: str) -> Response:
    """Whether one version is served."""
    _refuse_verb(version)
    return _status([model_for(request, name, version).version])


async def _predict(request: Request, model: ServedModel) -> Response:
    with model.batcher.arriving():
        asked = await _read(request, model)
        if ("instances" in asked) == ("inputs" in asked):
            raise RequestError(400, 'expected either "instances" or "inputs"', "instances")
        by_row = "instances" in asked
        given = _from_instances(asked["instances"], model) if by_row else _from_columns(asked["inputs"], model)
        answer = model.infer(tensors.same_rows(given, model.max_rows), seconds=deadline(request))
    outputs = {name: array.tolist() for name, array in (await answer).items()}
    if len(outputs) == 1:
        return json_response({"predictions" if by_row else "outputs": next(iter(outputs.values()))})
    if not by_row:
        return json_response({"outputs": outputs})
    return json_response({"predictions": [dict(zip(outputs, row)) for row in zip(*outputs.values())]})


async def _classify(request: Request, model: ServedModel) -> Response:
    answers = await _answer_examples(request, model, "probabilities")
    return json_response({"results": [[[label, p] for label, p in a["probabilities"].items()] for a in answers]})


async def _regress(request: Request, model: ServedModel) -> Response:
    answers = await _answer_examples(request, model, "value")
    return json_response({"results": [answer["value"] for answer in answers]})


async def _answer_examples(request: Request, model: ServedModel, needed: str) -> list[dict[str, Any]]:
    asked = await _read(request, model)
    if model.bundle.schema["answer"] != needed:
        raise RequestError(422, f"{model.name} is for {model.task}: use :predict, or POST /predict", "name")
    examples, context = asked.get("examples"), asked.get("context", {})
    if not isinstance(examples, list) or not all(isinstance(example, dict) for example in examples):
        raise RequestError(400, 'expected a list of objects under "examples"', "examples")
    if not isinstance(context, dict):
        raise RequestError(400, 'expected an object under "context"', "context")
    if not 0 < len(examples) <= model.max_rows:
        raise RequestError(422, f"expected 1 to {model.max_rows} examples, got {len(examples)}", "examples")
    return await model.answer(from_json([context | example for example in examples], model), deadline(request))


async def _read(request: Request, model: ServedModel) -> dict[str, Any]:
    asked = expect_object(parse_json(await read_body(request, model.config), model.config))
    if not isinstance(asked.get("signature_name", ""), str):
        raise RequestError(400, "expected a text as signature_name", "signature_name")
    return asked


def _from_instances(instances: Any, model: ServedModel) -> tensors.Tensors:
    """Rows: of the only tensor, objects of tensors, or records."""
    if not isinstance(instances, list) or not 0 < len(instances) <= model.max_rows:
        raise RequestError(422, f"expected a list of 1 to {model.max_rows} instances", "instances")
    if all(_is_row_of_tensors(instance, model) for instance in instances):
        columns = {name: [instance[name] for instance in instances] for name in model.inputs}
        return {name: tensors.from_list(model.inputs[name], column) for name, column in columns.items()}
    if len(model.inputs) == 1 and not any(isinstance(instance, dict | str) for instance in instances):
        return _from_columns(instances, model)
    return model.bundle.encode(from_json(instances, model))


def _from_columns(columns: Any, model: ServedModel) -> tensors.Tensors:
    """Whole tensors by name, or the only one."""
    if not isinstance(columns, dict):
        if len(model.inputs) > 1:
            names = ", ".join(model.inputs)
            raise RequestError(422, f"{model.name} takes several inputs: expected an object with {names}", "inputs")
        columns = {next(iter(model.inputs)): columns}
    for name in [*model.inputs, *columns]:
        if name not in columns or name not in model.inputs:
            raise RequestError(422, f"input {name!r} is missing or unknown: {', '.join(model.inputs)}", name)
    return {name: _column(model.inputs[name], column) for name, column in columns.items()}


def _column(spec: tensors.Spec, column: Any) -> np.ndarray:
    """A column of a table may come flat, though the graph takes it as (B, 1)."""
    is_flat = isinstance(column, list) and not any(isinstance(cell, list) for cell in column)
    shape = [len(column), 1] if is_flat and spec["shape"] == [-1, 1] else None
    return tensors.from_list(spec, column, shape)


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
        "method_name": "tensorflow/serving/predict",
    }
    return json_response({
        "model_spec": {"name": model.name, "signature_name": "", "version": model.version},
        "metadata": {"signature_def": {"signature_def": {"serving_default": signature}}},
    })  # fmt: skip


def _tensor_info(spec: tensors.Spec) -> dict[str, Any]:
    sizes = [{"size": str(size), "name": ""} for size in spec["shape"]]  # text, as protobuf writes whole numbers
    shape = {"dim": sizes, "unknown_rank": False}
    return {"dtype": DTYPES[spec["datatype"]], "tensor_shape": shape, "name": spec["name"]}


def _refuse_verb(last: str) -> None:
    """A verb is asked with POST; with GET it would look like part of a name."""
    if last.endswith((":predict", ":classify", ":regress")):
        raise HTTPException(405, headers={"Allow": "POST"})
