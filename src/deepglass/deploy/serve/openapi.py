"""The OpenAPI document: what each path takes and answers, with the schemas of the models that are loaded.

The constants are the arguments of the routes; they name components, which `complete` fills in. Where JSON Schema
cannot say it (that a tensor's shape and its number of values agree), a request that fits the document may get 422.
"""

import copy
from pathlib import Path
from typing import Any

from deepglass.core import settings
from deepglass.deploy.runtime import fields, limits
from deepglass.deploy.runtime.coverage import FIELD
from deepglass.deploy.serve import explain
from deepglass.deploy.serve.registry import Registry
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.serving import DEADLINE

Json = dict[str, Any]

BINARY = {"type": "string", "format": "binary"}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _list_of(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _error(description: str) -> Json:
    return {"description": description, "content": _json(_ref("Error"))}


def _route(answer: Json, *, body: Json | None = None, queries: Json | None = None) -> Json:
    """The arguments of one route: its answer, the body of an inference, its query parameters."""
    responses: dict[int | str, Json] = {
        200: {"description": "The answer", "content": answer},
        "4XX": _error("The request cannot be answered; `error` says why, `field` where"),
    }
    extra: Json = {}
    if body is not None:
        responses |= {503: _error("Too much is waiting; Retry-After says when"), 504: _error("The deadline passed")}
        extra["requestBody"] = {"required": True, "content": body}
        milliseconds = {"type": "integer", "minimum": 1, "maximum": 9_999_999_999}
        extra["parameters"] = [{"name": DEADLINE, "in": "header", "schema": milliseconds}]
    for name, schema in (queries or {}).items():
        extra.setdefault("parameters", []).append({"name": name, "in": "query", "schema": schema})
    return {"responses": responses, "openapi_extra": extra}


def _ready(**more: Json) -> Json:
    """A route that says yes with 200 and no with 503."""
    answer = _json(_object(**more, ready={"type": "boolean"}))
    route = _route(answer)
    route["responses"][503] = {"description": "Not now", "content": answer}
    return route


TEXT, BOOLEAN, COUNT = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
NUMBER = {"type": "number"}
TENSOR = _object(name=TEXT, datatype=TEXT, shape=_list_of({"type": "integer"}))
ANY_OBJECT: Json = {"type": "object"}
SIGNATURE = {"enum": ["serving_default", ""]}

INFER = _route(_json(_ref("InferResponse")) | {"application/octet-stream": {"schema": BINARY}},
               body=_json(_ref("InferRequest")))  # fmt: skip
SERVER = _route(_json(_object(name=TEXT, version=TEXT, extensions=_list_of(TEXT))))
LIVE = _route(_json(_object(live=BOOLEAN)))
READY = _ready()
MODEL_READY = _ready(name=TEXT)
MODEL = _route(_json(_object(
    name=TEXT, versions=_list_of(TEXT), platform=TEXT, inputs=_list_of(TENSOR), outputs=_list_of(TENSOR)
)))  # fmt: skip
INDEX = _route(_json(_list_of(_object(name=TEXT, version=TEXT, state=TEXT, reason=TEXT))))
LOAD = _route(_json(ANY_OBJECT))
LOAD["openapi_extra"] = {"requestBody": {"content": _json({"type": "object", "properties": {
    "parameters": {"type": "object", "properties": {"unload_dependents": BOOLEAN}, "additionalProperties": False},
}})}}  # fmt: skip
INDEX["openapi_extra"] = {"requestBody": {"content": _json({"type": "object", "properties": {"ready": BOOLEAN}})}}
WHICH: Json = {"model": TEXT, "version": TEXT}
PREDICT = _route(
    _json(_object(model=TEXT, version=TEXT, predictions=_list_of(_ref("Answer")))),
    body=_json(_ref("Records")),
    queries=WHICH | {FIELD: {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}},
)  # fmt: skip
EXPLAIN = _route(
    _json(_object(model=TEXT, version=TEXT, prediction=_ref("Answer"), explanation=_object(
        kind={"enum": fields.parts()}, about=TEXT, method={"enum": explain.methods()}, title=TEXT,
        score=NUMBER, base=NUMBER, base_is=TEXT, parts=_list_of(_object(change=NUMBER)),
    ))),
    body=_json(_ref("Records")), queries=WHICH | {
        "method": {"enum": explain.methods()},
        "samples": {"type": "integer", "minimum": 1, "maximum": explain.LARGEST},
        "seed": {"type": "integer", "minimum": 0, "maximum": explain.LARGEST},
    },
)  # fmt: skip
TF_PREDICT = _route(
    _json({"anyOf": [_object(predictions={"type": "array"}), _object(outputs={})]}),
    body=_json({
        "type": "object",
        "properties": {"signature_name": SIGNATURE, "instances": {"type": "array", "minItems": 1}, "inputs": {}},
        "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
    }),
)  # fmt: skip
TF_EXAMPLES = _route(
    _json(_object(results={"type": "array"})),
    body=_json({
        "type": "object", "required": ["examples"],
        "properties": {
            "signature_name": SIGNATURE, "context": ANY_OBJECT,
            "examples": {"type": "array", "items": ANY_OBJECT, "minItems": 1},
        },
    }),
)  # fmt: skip
TF_METADATA = _route(_json(_object(model_spec=ANY_OBJECT, metadata=ANY_OBJECT)))
TF_STATUS = _route(_json(_object(
    model_version_status=_list_of(_object(version=TEXT, state=TEXT, status=ANY_OBJECT))
)))  # fmt: skip
PAGE = _route({"text/html": {"schema": TEXT}}) | {"include_in_schema": False}
DOCUMENT = _route(_json(ANY_OBJECT))
MODELS = _route(_json(_list_of(_object(
    name=TEXT, version=TEXT, task=TEXT, answer=TEXT, inputs=_list_of(ANY_OBJECT),
    labels={"type": ["array", "null"], "items": TEXT}, example=ANY_OBJECT, limits=ANY_OBJECT,
    most_coverage={"type": ["number", "null"]},
))))  # fmt: skip
DRIFT = _route(_json(_list_of(_object(
    model=TEXT, version=TEXT, inputs=_list_of(_object(
        input=TEXT, count=COUNT, distance={"type": ["number", "null"]}, has_drifted={"type": ["boolean", "null"]},
    )),
))))  # fmt: skip
METRICS = _route({"text/plain": {"schema": TEXT}})
CHAT = _route(_json(ANY_OBJECT) | {"text/event-stream": {"schema": TEXT}}, body=_json({
    "type": "object", "required": ["messages"],
    "properties": {
        "model": TEXT, "messages": {"type": "array", "minItems": 1, "items": ANY_OBJECT}, "stream": BOOLEAN,
        "temperature": {"type": "number", "minimum": 0},
        "top_p": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "top_k": {"type": "integer", "minimum": 1}, "min_p": {"type": "number", "minimum": 0, "maximum": 1},
        "repetition_penalty": {"type": "number", "exclusiveMinimum": 0},
        "max_tokens": {"type": "integer", "minimum": 1}, "seed": {"type": "integer", "minimum": 0},
    },
}))  # fmt: skip
CHAT["responses"]["4XX"] = {"description": "An error in OpenAI's form", "content": _json(_object(error=ANY_OBJECT))}
CHAT["responses"][503] = CHAT["responses"][504] = CHAT["responses"]["4XX"]
CHAT_MODELS = _route(_json(_object(object=TEXT, data=_list_of(ANY_OBJECT))))
STATS = _route(_json(_object(model_stats=_list_of(_object(
    name=TEXT, version=TEXT, last_inference=COUNT, inference_count=COUNT, execution_count=COUNT,
    inference_stats=ANY_OBJECT,
)))))  # fmt: skip
CONFIG = _route(_json(_object(
    name=TEXT, platform=TEXT, backend=TEXT, max_batch_size=COUNT, input=_list_of(ANY_OBJECT),
    output=_list_of(ANY_OBJECT), dynamic_batching=ANY_OBJECT,
)))  # fmt: skip
LIMITS = settings.settings_of(Path(str(limits.__file__)), "Limits")


def complete(bare: Json, registry: Registry, needs_token: bool) -> Json:
    """The document for the models that are loaded now.

    Args:
        bare: What FastAPI makes of the routes.
        registry: The models.
        needs_token: Whether every request must bring a bearer token.
    """
    document, models = copy.deepcopy(bare), registry.models()
    document["x-limits"] = [
        {"name": limit.name, "value": getattr(registry.config, limit.name), "about": limit.help} for limit in LIMITS
    ]
    components = document.setdefault("components", {})
    components["schemas"] = {
        "Answer": _any_of([model.bundle.answers.json_schema() for model in models]),
        "Error": {"type": "object", "properties": {"error": TEXT, "field": TEXT}, "required": ["error"]},
        "InferRequest": _any_of([infer_request(model) for model in models]),
        "InferResponse": _object(model_name=TEXT, model_version=TEXT, outputs=_list_of(TENSOR)),
        "Records": _any_of([_records(model) for model in models]),
    }
    choices = {"name": registry.names(), "model": registry.names(), "version": sorted({m.version for m in models})}
    forms = _other_forms(models)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            for parameter in operation.get("parameters", []):
                if parameter["name"] in choices:
                    parameter["schema"] = {"type": "string", "enum": choices[parameter["name"]]}
        if path in ("/predict", "/explain"):
            operations["post"]["requestBody"]["content"] |= forms
    if needs_token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
    return document


def infer_request(model: ServedModel) -> Json:
    """The body of an inference with JSON tensors."""
    tensors = [_tensor(spec) for spec in model.inputs.values()]
    inputs = {"type": "array", "items": _any_of(tensors), "minItems": len(tensors), "maxItems": len(tensors)}
    output = {"type": "object", "properties": {"name": {"enum": [*model.outputs]}}, "required": ["name"]}
    parameters = {"type": "object", "properties": {
        "binary_data_output": BOOLEAN, "timeout": {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
    }}  # fmt: skip
    properties = {"id": TEXT, "parameters": parameters, "inputs": inputs, "outputs": _list_of(output)}
    return {"type": "object", "properties": properties, "required": ["inputs"]}


def _tensor(spec: Json) -> Json:
    item = {"BYTES": TEXT, "BOOL": BOOLEAN, "INT64": {"type": "integer"}, "UINT8": {"type": "integer", "minimum": 0}}
    shape = [{"type": "integer", "minimum": 1} if size == -1 else {"const": size} for size in spec["shape"]]
    data = {"type": "array", "minItems": 1, "items": {"anyOf": [
        item.get(spec["datatype"], {"type": "number"}), {"type": "array"}
    ]}}  # fmt: skip
    size = {"type": "array", "prefixItems": shape, "minItems": len(shape), "maxItems": len(shape)}
    return _object(name={"const": spec["name"]}, datatype={"const": spec["datatype"]}, shape=size, data=data)


def _records(model: ServedModel) -> Json:
    """A record, or a list of them."""
    record = model.bundle.lead.record_schema(model.config.unknown == "allow")
    return {"anyOf": [record, {"type": "array", "items": record, "minItems": 1, "maxItems": model.max_rows}]}


def _other_forms(models: list[ServedModel]) -> Json:
    """What else /predict takes, as far as one of the models can use it."""
    known = dict.fromkeys(form for model in models for form in model.bundle.lead.FORMS)
    forms = {form: {"schema": TEXT if form.startswith("text/") else BINARY} for form in known}
    return {"multipart/form-data": {"schema": ANY_OBJECT}} | forms


def _any_of(schemas: list[Json]) -> Json:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas or [ANY_OBJECT]}
