"""Plain requests: what a user has goes in, labels and probabilities come out."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deepglass.deploy.runtime.coverage import FIELD, parsed
from deepglass.deploy.serve import openapi
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.explain import PARAMETERS, Asked, Variants, explain
from deepglass.deploy.serve.payload import records_of
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response, list_to_json, object_response
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import Exchange, model_for
from deepglass.deploy.serve.tensors import Tensors

MOST_PARAMETERS = 16  # of an address

router = APIRouter(route_class=RawRoute, tags=["Plain"])


@router.post("/predict", **openapi.PREDICT)
async def predict(request: Request) -> Response:
    """Answer JSON, CSV, pictures or a text; with `coverage` also by what holds the truth so often.

    Raises:
        RequestError: If the request cannot be read, or its model is not served.
        InputError: If the model cannot promise the coverage.
    """
    model, coverage = _chosen(request), _query(request).get(FIELD)
    limit = None if coverage is None else model.bundle.coverage.limit(parsed(coverage))
    async with Exchange(request, model) as exchange:
        notes, tensors = await exchange.read(lambda body: model.inspected(records_of(request.headers, model, body)))
        warnings = model.bounds.warnings(tensors)
        answers = await model.answer(tensors, notes, limit=limit)
        written = await list_to_json(answers, model.bounds.width)
    return object_response(_named(model, warnings), "predictions", written)


@router.post("/explain", **openapi.EXPLAIN)
async def explain_first(request: Request) -> Response:
    """Answer the first record and say what the answer hangs on.

    Raises:
        RequestError: If the request cannot be read, its model is not served, or the method is not for it.
    """
    if FIELD in (query := _query(request)):
        raise RequestError(422, "belongs to /predict: what is explained is the answer itself; leave it out", FIELD)
    model, asked = _chosen(request), Asked.of(query)
    async with Exchange(request, model) as exchange:
        variants, tensors = await exchange.read(
            lambda body: _variants(records_of(request.headers, model, body), model, asked),
            is_heavy=model.bundle.lead.IS_HEAVY or asked != Asked(),
        )
        warnings = model.bounds.warnings({name: array[:1] for name, array in tensors.items()})
        answers = await model.answer(tensors, [], is_watched=False)
        explanation = await asyncio.to_thread(variants.conclude, answers)  # intervals take their time
    named = _named(model, warnings)
    return json_response(named | {"prediction": answers[0], "explanation": explanation})


def _variants(records: list[Any], model: ServedModel, asked: Asked) -> tuple[Variants, Tensors]:
    """The first record with parts hidden, and the tensors of all."""
    variants = explain(model.bundle, model.bounds.check_records(records)[0], model.max_rows, asked)
    tensors = model.bundle.encode(variants.records)
    variants.records.clear()
    return variants, tensors


def _named(model: ServedModel, warnings: list[str]) -> dict[str, Any]:
    return {"model": model.name, "version": model.version} | ({"warnings": warnings} if warnings else {})


def _chosen(request: Request) -> ServedModel:
    """The model that the address names.

    Raises:
        RequestError: 400 if the address has more parameters than anybody needs, or names two models.
    """
    named = _query(request)
    return model_for(request, named.get("model"), named.get("version"))


def _query(request: Request) -> dict[str, str]:
    """What stands behind the question mark.

    Raises:
        RequestError: 400 if there is more than anybody needs, or one thing is said in two ways.
    """
    try:
        query = parse_qsl(request.scope["query_string"].decode("latin-1"), max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise RequestError(400, f"expected at most {MOST_PARAMETERS} parameters behind the ?") from None
    for name in ("model", "version", FIELD, *PARAMETERS):
        if len({value for key, value in query if key == name}) > 1:
            raise RequestError(400, f"the address names more than one {name}", name)
    return dict(query)
