"""OpenAI's chat completions, so that its clients work unchanged: /v1/chat/completions and /v1/models.

https://platform.openai.com/docs/api-reference/chat: messages go in, an answer comes out, whole or piece by piece as
server-sent events. Beyond OpenAI's fields are `top_k`, `min_p` and `repetition_penalty`. Errors have OpenAI's form:
{"error": {"message": …, "type": …, "param": …, "code": …}}.
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from deepglass.deploy.runtime import strict_json
from deepglass.deploy.runtime.errors import BodyError, InputError
from deepglass.deploy.runtime.sampling import Sampling
from deepglass.deploy.runtime.talking import OUTPUT, Talk, can_talk
from deepglass.deploy.serve import openapi
from deepglass.deploy.serve.body import expect_object, read_body
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.raw_route import RawRoute
from deepglass.deploy.serve.responses import json_response
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import Exchange, model_for

NUMBERS = ("temperature", "top_p", "min_p", "repetition_penalty")
COUNTS = ("top_k", "max_tokens", "max_completion_tokens", "seed", "n")
PASSED_OVER = ("user", "metadata", "store", "stream_options", "service_tier", "safety_identifier")
ONLY = {  # what cannot be had otherwise here
    "n": (1,), "frequency_penalty": (0, 0.0), "presence_penalty": (0, 0.0), "logprobs": (False,),
    "response_format": ({"type": "text"},), "tools": ([],), "tool_choice": ("none",), "logit_bias": ({},),
}  # fmt: skip
KNOWN = {"messages", "model", "stream", "stop", *NUMBERS, *COUNTS, *PASSED_OVER, *ONLY}
MOST_ANSWER = 400  # tokens, where nobody asks
MOST_STOPS, LONGEST_STOP = 4, 200
KINDS = {401: "authentication_error", 404: "not_found_error", 503: "server_error", 504: "server_error"}

router = APIRouter(route_class=RawRoute, tags=["OpenAI"])


@dataclass(frozen=True)
class Asked:
    """One request."""

    messages: Any
    how: Sampling
    most: int
    seed: int
    stop: tuple[str, ...]
    is_stream: bool

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Asked":
        """From the body.

        Raises:
            RequestError: 400; names the field.
        """
        for name, value in content.items():
            if name not in KNOWN:
                raise RequestError(400, f"unrecognized field {name[:40]!r}; known are {', '.join(sorted(KNOWN))}", name)
            if name in ONLY and value is not None and value not in ONLY[name]:
                raise RequestError(400, f"{name}: expected {json.dumps(ONLY[name][0])}; nothing else is had here", name)
        given = {name: value for name in NUMBERS if (value := _number(content, name)) is not None}
        counts = {name: _count(content, name) for name in COUNTS}
        how = Sampling(**given, top_k=counts["top_k"])
        if found := how.fault():
            raise RequestError(400, f"{found[0]}: {found[1]}", found[0])
        most = counts["max_completion_tokens"] or counts["max_tokens"] or MOST_ANSWER
        stream = content.get("stream")
        if stream not in (None, True, False):
            raise RequestError(400, "stream: expected true or false", "stream")
        if "messages" not in content:
            raise RequestError(400, 'expected messages such as [{"role": "user", "content": "hi"}]', "messages")
        seed = counts["seed"]
        return cls(
            content["messages"], how, most, int(time.time_ns() % 2**31) if seed is None else seed,
            _stops(content), bool(stream),
        )  # fmt: skip


def _number(content: Mapping[str, Any], name: str) -> float | None:
    value = content.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise RequestError(400, f"{name}: expected a number", name)
    return None if value is None else float(value)


def _count(content: Mapping[str, Any], name: str) -> int | None:
    value = content.get(name)
    least = 0 if name == "seed" else 1
    if value is not None and (type(value) is not int or not least <= value < 2**53):
        raise RequestError(400, f"{name}: expected a whole number from {least} on", name)
    return value


def _stops(content: Mapping[str, Any]) -> tuple[str, ...]:
    stop = content.get("stop") or []
    words = [stop] if isinstance(stop, str) else stop
    is_list = isinstance(words, list) and len(words) <= MOST_STOPS
    if not is_list or not all(isinstance(word, str) and 0 < len(word) <= LONGEST_STOP for word in words):
        raise RequestError(400, f"stop: expected a text, or up to {MOST_STOPS} of {LONGEST_STOP} characters", "stop")
    return tuple(words)


@router.post("/v1/chat/completions", **openapi.CHAT)
async def chat_completions(request: Request) -> Response:
    """Answer a conversation, whole or piece by piece."""
    try:
        return await _answer(request)
    except RequestError as error:
        return refusal(error.status, str(error), error.field, error.headers)
    except InputError as error:
        return refusal(400, str(error), error.field)
    except BodyError as error:
        return refusal(error.status, str(error), error.field)


@router.get("/v1/models", **openapi.CHAT_MODELS)
async def list_models(request: Request) -> Response:
    """The models that converse."""
    models = [model for model in request.app.state.registry.models() if can_talk(model.bundle)]
    names = dict.fromkeys(model.name for model in models)
    return json_response({"object": "list", "data": [
        {"id": name, "object": "model", "created": 0, "owned_by": "deepglass"} for name in names
    ]})  # fmt: skip


def refusal(status: int, message: str, field: str | None = None, headers: Any = None) -> Response:
    """An error in OpenAI's form."""
    kind = KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    code = "model_not_found" if status == 404 else None
    content = {"error": {"message": message, "type": kind, "param": field, "code": code}}
    return Response(json.dumps(content) + "\n", status, headers, "application/json")


async def _answer(request: Request) -> Response:
    registry = request.app.state.registry
    first = registry.models()
    reader = Exchange(request, first[0]) if first else None
    if reader is None:
        raise RequestError(503, "no model is loaded", headers={"Retry-After": "5"})
    async with reader as exchange:
        content = expect_object(strict_json.parse(await read_body(exchange), request.app.state.config))
        asked, model = Asked.of(content), _chosen(request, content.get("model"))
        talk, prompt_tokens = _begun(model, asked)
        about = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": model.name}
        if asked.is_stream:
            events = _events(model, talk, about, exchange.seconds)
            return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        async for _ in _pieces(model, talk):
            pass
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": len(talk.written)}
    usage["total_tokens"] = sum(usage.values())
    message = {"role": "assistant", "content": talk.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": talk.finish}
    return json_response({**about, "object": "chat.completion", "choices": [choice], "usage": usage})


def _chosen(request: Request, name: Any) -> ServedModel:
    if name is not None and not isinstance(name, str):
        raise RequestError(400, "model: expected a name", "model")
    model = model_for(request, name)
    if not can_talk(model.bundle):
        raise RequestError(400, f"{model.name} does not converse: it was trained for {model.task}", "model")
    return model


def _begun(model: ServedModel, asked: Asked) -> tuple[Talk, int]:
    """An answer of which nothing is said, and the number of tokens before it."""
    encoder = model.bundle.encoder
    found = encoder.inspect([{model.bundle.lead.name: asked.messages}]).texts[0]
    ids, _ = encoder.prompt(found)
    return Talk(encoder, ids, asked.how, asked.most, asked.seed, asked.stop), len(ids)


async def _pieces(model: ServedModel, talk: Talk) -> AsyncIterator[str]:
    """The answer as it grows; the first reading is counted as a request."""
    is_first = True
    while talk.finish is None:
        tensors = talk.encoder.padded([talk.seen])
        outputs = await model.infer(tensors, [OUTPUT], is_watched=is_first)
        is_first = False
        if piece := talk.take(outputs[OUTPUT][0]):
            yield piece


async def _events(model: ServedModel, talk: Talk, about: dict[str, Any], seconds: float) -> AsyncIterator[bytes]:
    """Server-sent events, the last of which says that it is over."""

    def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _line({**about, "object": "chat.completion.chunk", "choices": [choice]})

    yield event({"role": "assistant", "content": ""})
    try:
        async with asyncio.timeout(seconds):
            async for piece in _pieces(model, talk):
                yield event({"content": piece})
        yield event({}, talk.finish)
    except (RequestError, TimeoutError) as error:
        message = str(error) or f"no answer within {seconds:g} s: ask for fewer tokens"
        yield _line({"error": {"message": message, "type": "server_error", "param": None, "code": None}})
    yield b"data: [DONE]\n\n"


def _line(content: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(content).encode() + b"\n\n"
