"""The application: four protocols, one page, and what surrounds every request.

request ── id, log, metrics ── whose page? ── token ── route ── queue of the model ── answer
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from deepglass import __version__
from deepglass.deploy.runtime.errors import BodyError, InputError
from deepglass.deploy.runtime.origins import Origins
from deepglass.deploy.serve import (
    chat_completions,
    open_inference,
    openapi,
    pages,
    plain,
    repository,
    tensorflow_serving,
    triton,
)
from deepglass.deploy.serve.access_log import AccessLog
from deepglass.deploy.serve.auth import RequireToken
from deepglass.deploy.serve.browsers import KnownOrigins
from deepglass.deploy.serve.connection_bounds import ConnectionBounds
from deepglass.deploy.serve.errors import (
    RequestError,
    answer_body_error,
    answer_http_error,
    answer_input_error,
    answer_request_error,
)  # fmt: skip
from deepglass.deploy.serve.registry import Registry

ROUTERS = (
    open_inference.inference, plain.router, triton.router, open_inference.router, chat_completions.router,
    tensorflow_serving.router, repository.router, pages.router,
)  # fmt: skip
ABOUT = (
    "Models exported by Deepglass, over the Open Inference Protocol, TensorFlow Serving's REST API, OpenAI's chat "
    "completions and plain HTTP."
)

# FastAPI would look around for OpenTelemetry at every request; our numbers are at /metrics
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False}


def create_app(registry: Registry, tokens: list[bytes] | None = None) -> FastAPI:
    """The application around a registry of models.

    Args:
        registry: What is served; models that are not loaded yet are loaded at the start.
        tokens: Bearer tokens, of which every request must bring one; None lets everybody in.
    """
    app = FastAPI(
        title="deepglass serve", version=__version__, description=ABOUT, lifespan=_lifespan,
        docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY,
    )  # fmt: skip
    config = registry.config
    app.state.registry, app.state.config, app.state.closing = registry, config, False
    app.state.bounds = ConnectionBounds(config, config.timeout_s)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    app.add_exception_handler(RequestError, answer_request_error)
    app.add_exception_handler(InputError, answer_input_error)
    app.add_exception_handler(BodyError, answer_body_error)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(Exception, answer_http_error)
    if tokens:
        app.add_middleware(RequireToken, tokens=tokens)
    app.add_middleware(KnownOrigins, origins=Origins.of(config.host, config.host_names))
    app.add_middleware(AccessLog, metrics=registry.metrics, pace=app.state.bounds.pace)
    bare = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    app.openapi = registry.cached(lambda: openapi.complete(bare, registry, needs_token=bool(tokens)))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    registry = app.state.registry
    if not registry.models():
        await registry.load_all()
    yield
    await registry.close()
