"""What Triton's clients ask besides inference: a model's configuration, and what it has computed so far.

https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_model_configuration.html
https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_statistics.html
"""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deepglass.deploy.serve import openapi
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import model_for
from deepglass.deploy.serve.tensors import Spec

TYPES = {
    "BOOL": "TYPE_BOOL", "UINT8": "TYPE_UINT8", "INT64": "TYPE_INT64", "FP32": "TYPE_FP32", "FP64": "TYPE_FP64",
    "BYTES": "TYPE_STRING",
}  # fmt: skip

router = APIRouter(route_class=RawRoute, tags=["Open Inference Protocol"])


@router.get("/v2/models/stats", **openapi.STATS)
async def all_statistics(request: Request) -> Response:
    """What every model has computed since it was loaded."""
    return _statistics(request.app.state.registry.models())


@router.get("/v2/models/{name}/stats", **openapi.STATS)
async def statistics(request: Request, name: str) -> Response:
    """What all versions of a model have computed since they were loaded."""
    registry = request.app.state.registry
    registry.choose(name)
    return _statistics(list(registry.versions[name].values()))


@router.get("/v2/models/{name}/versions/{version}/stats", **openapi.STATS)
async def version_statistics(request: Request, name: str, version: str) -> Response:
    """What one version has computed since it was loaded."""
    return _statistics([model_for(request, name, version)])


@router.get("/v2/models/{name}/config", **openapi.CONFIG)
async def configuration(request: Request, name: str) -> Response:
    """Tensors, largest batch and batching of a model, as Triton writes them."""
    return _configuration(model_for(request, name))


@router.get("/v2/models/{name}/versions/{version}/config", **openapi.CONFIG)
async def version_configuration(request: Request, name: str, version: str) -> Response:
    """The same of one version."""
    return _configuration(model_for(request, name, version))


def _statistics(models: list[ServedModel]) -> Response:
    return json_response({"model_stats": [m.counts.as_statistics(m.name, m.version) for m in models]})


def _configuration(model: ServedModel) -> Response:
    config = model.config
    return json_response({
        "name": model.name, "platform": "onnxruntime_onnx", "backend": "onnxruntime",
        "version_policy": {"all": {}}, "max_batch_size": model.max_rows,
        "input": [_tensor(spec) for spec in model.bundle.tensors["inputs"]],
        "output": [_tensor(spec) for spec in model.bundle.tensors["outputs"]],
        "dynamic_batching": {
            "preferred_batch_size": [config.max_batch],
            "max_queue_delay_microseconds": round(config.max_wait_ms * 1000),
        },
    })  # fmt: skip


def _tensor(spec: Spec) -> dict[str, Any]:
    """A tensor without its first dimension, which is the batch."""
    return {"name": spec["name"], "data_type": TYPES[spec["datatype"]], "dims": spec["shape"][1:]}
