"""Plain requests: what a person has goes in, labels and probabilities come out."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deepglass.deploy.serve import openapi
from deepglass.deploy.serve.explain import explain
from deepglass.deploy.serve.payload import read_records
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import deadline, model_for

router = APIRouter(route_class=RawRoute, tags=["Plain"])


@router.post("/predict", **openapi.PREDICT)
async def predict(request: Request) -> Response:
    """Answer JSON, CSV, pictures or a text."""
    model = _chosen(request)
    records = await read_records(request, model)
    answers = await model.answer(records, deadline(request))
    return json_response({"model": model.name, "version": model.version, "predictions": answers})


@router.post("/explain", **openapi.EXPLAIN)
async def explain_first(request: Request) -> Response:
    """Answer the first record and say what the answer hangs on."""
    model = _chosen(request)
    records = await read_records(request, model)
    variants = await asyncio.to_thread(explain, model.bundle, records[0], model.max_rows)
    answers = await model.answer(variants.records, deadline(request), is_watched=False)
    named: dict[str, Any] = {"model": model.name, "version": model.version}
    return json_response(named | {"prediction": answers[0], "explanation": variants.conclude(answers)})


def _chosen(request: Request) -> ServedModel:
    query = request.query_params
    return model_for(request, query.get("model"), query.get("version"))
