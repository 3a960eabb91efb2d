"""Pages for people and numbers for machines: /, /chat, /docs, /openapi.json, /models, /drift, /metrics.

The pages are whole in themselves; the header below forbids them to ask anything of another server.
"""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deepglass.deploy.runtime.talking import can_talk
from deepglass.deploy.serve import openapi
from deepglass.deploy.serve.explain import can_explain, methods
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response
from deepglass.deploy.serve.served_model import ServedModel

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

router = APIRouter(route_class=RawRoute, tags=["Pages and numbers"])


@router.get("/", **openapi.PAGE)
async def page(request: Request) -> Response:
    """Try the models in a browser."""
    return HTMLResponse(_page(), headers=HEADERS)


@router.get("/chat", **openapi.PAGE)
async def chat(request: Request) -> Response:
    """Talk with a model that converses."""
    return HTMLResponse((FOLDER / "chat.html").read_bytes(), headers=HEADERS)


@router.get("/docs", **openapi.PAGE)
async def docs(request: Request) -> Response:
    """Every path, what it takes and what it answers."""
    return HTMLResponse((FOLDER / "docs.html").read_bytes(), headers=HEADERS)


@router.get("/openapi.json", **openapi.DOCUMENT)
async def document(request: Request) -> Response:
    """This interface as OpenAPI, with the models that are loaded now."""
    return json_response(request.app.openapi())


@router.get("/models", **openapi.MODELS)
async def models(request: Request) -> Response:
    """What each model takes, with a typical record."""
    return json_response([described(model) for model in request.app.state.registry.models()])


@cache
def _page() -> str:
    """The page with the script of its chart inside: it asks for no other file."""
    parts = {name: (FOLDER / name).read_text(encoding="utf-8") for name in ("index.html", "forecast.js")}
    return parts["index.html"].replace("/* forecast.js */", parts["forecast.js"])


def described(model: ServedModel) -> dict[str, Any]:
    """What a page needs to know of a model."""
    schema = model.bundle.schema
    about = {"name": model.name, "version": model.version, "task": model.task, "answer": schema["answer"]}
    shown = {"inputs": schema["inputs"], "labels": model.bundle.labels, "example": model.typical_record}
    explains = methods() if can_explain(model.bundle) else []
    page = {"form": model.bundle.lead.form(), "shown": model.bundle.answers.shown(), "explains": explains}
    most = {"most_coverage": model.bundle.coverage.most, "limits": model.bundle.limits}
    talks = {"talks": can_talk(model.bundle)}
    return {**about, **shown, **page, **model.bundle.lead.shown(), **most, **talks}


@router.get("/drift", **openapi.DRIFT)
async def drift(request: Request) -> Response:
    """How far the inputs are from those of training; of the worker that answers, where there are several."""
    models = request.app.state.registry.models()
    reports = [{"model": m.name, "version": m.version, "inputs": m.drift.report()} for m in models]
    return json_response(reports)


@router.get("/metrics", **openapi.METRICS)
async def metrics(request: Request) -> Response:
    """Numbers for Prometheus."""
    registry = request.app.state.registry
    for model in registry.models():
        model.queue_gauge.set(len(model.batcher))
        for record in model.drift.report():
            if record["distance"] is not None:
                registry.metrics.drift.labels(model.name, model.version, record["input"]).set(record["distance"])
    return Response(registry.metrics.as_text(), media_type=CONTENT_TYPE_LATEST)
