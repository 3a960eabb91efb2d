"""What a person sends to /predict, in whatever form, as records: JSON, CSV, pictures, texts, forms with files.

JSON is held to its types (a number is no text); in CSV and forms everything is text, and numbers are read from it.
"""

import base64
import binascii
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from deepglass.deploy.runtime.errors import InputError
from deepglass.deploy.runtime.rows import rows_of
from deepglass.deploy.serve.body import json_kind, parse_json, read_body
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.served_model import ServedModel

UNDERSTOOD = "application/json, text/csv, text/plain, image/*, multipart/form-data"
MAX_FILES = 64  # uploads of one form
FORM = "application/x-www-form-urlencoded"  # what curl calls everything, unless it is told otherwise


async def read_records(request: Request, model: ServedModel) -> list[Any]:
    """The records of a request, as the bundle takes them.

    Raises:
        RequestError: 4xx if the form is not understood, or there are none or too many.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    with model.batcher.arriving():
        body = await read_body(request, model.config)
        if kind == "multipart/form-data":
            records = await _from_parts(request, body, model)
        else:
            records = from_content(kind, body, model)
    if not 0 < len(records) <= model.max_rows:
        raise RequestError(422, f"expected 1 to {model.max_rows} records, got {len(records)}", "records")
    return records


def from_content(kind: str, body: bytes, model: ServedModel) -> list[Any]:
    """The records in one body or one uploaded file.

    Raises:
        RequestError: 415 if the content type is not understood, 400 if the content is not of that type.
    """
    if kind.startswith("image/") or kind == "application/octet-stream":
        return [body]
    if kind == "text/csv":
        return _rows(_text(body), model)
    if kind == "text/plain":
        return [_text(body)]
    if kind == FORM and not body.lstrip().startswith((b"{", b"[", b'"')):
        return [dict(parse_qsl(_text(body), keep_blank_values=True, max_num_fields=10_000))]
    if kind == "application/json" or kind == FORM or kind.endswith("+json"):
        return from_json(parse_json(body, model.config), model)
    raise RequestError(415, f"the content type {kind!r} is not understood: send {UNDERSTOOD}", "Content-Type")


def from_json(content: Any, model: ServedModel) -> list[Any]:
    """Records from parsed JSON: one, or a list of them.

    Raises:
        RequestError: 422 if one is not what the schema asks for; names the field.
    """
    records = content if isinstance(content, list) else [content]
    return [_checked(record, model, number) for number, record in enumerate(records, 1)]


def _checked(record: Any, model: ServedModel, row: int) -> Any:
    """The record, with the types of JSON as the schema has them and base64 unpacked."""
    inputs = model.bundle.schema["inputs"]
    first, kind = inputs[0]["name"], inputs[0]["kind"]
    if kind == "image":
        content = record.get(first, record) if isinstance(record, dict) else record
        return unpacked(content, first, row)
    if kind == "text" and isinstance(record, str):
        return record
    if not isinstance(record, dict):
        raise RequestError(422, f"record {row}: expected an object with {first}, got {json_kind(record)}", first)
    for described in inputs:
        cell = record.get(described["name"])
        if described["kind"] == "number" and not _may_be_number(cell, described["name"], model):
            name = described["name"]
            raise RequestError(422, f"record {row}, {name}: expected a number, got {json_kind(cell)}", name)
        if described["kind"] == "category" and type(cell) is bool and not described["is_boolean"]:
            name = described["name"]
            raise RequestError(422, f"record {row}, {name}: expected a word or a number, got a boolean", name)
    return record


def _may_be_number(cell: Any, name: str, model: ServedModel) -> bool:
    """A number of JSON; text only where the training data wrote numbers as nobody else does, such as $1,200."""
    if cell is None or type(cell) in (int, float):
        return True
    written = (model.bundle.reading or {}).get("columns", {}).get(name, {}).get("number")
    return isinstance(cell, str) and bool(written) and not written["is_plain"]


def unpacked(content: Any, field: str, row: int) -> Any:
    """A picture out of TensorFlow Serving's {"b64": …}; anything else as it is.

    Raises:
        RequestError: 422 if it is no base64.
    """
    if not isinstance(content, dict):
        return content
    if not isinstance(content.get("b64"), str):
        raise RequestError(422, f'record {row}, {field}: expected base64 or {{"b64": base64}}', field)
    try:
        return base64.b64decode(content["b64"], validate=True)
    except (binascii.Error, ValueError):
        raise RequestError(422, f"record {row}, {field}: the text under b64 is no base64", field) from None


async def _from_parts(request: Request, body: bytes, model: ServedModel) -> list[Any]:
    """The files of a form, each by its own content type; where there is none, its fields as one record."""

    async def stream() -> AsyncIterator[bytes]:
        yield body

    try:
        limits = {"max_files": MAX_FILES, "max_fields": 10_000, "max_part_size": model.config.max_body_bytes}
        form = await MultiPartParser(request.headers, stream(), **limits).parse()
    except (MultiPartException, KeyError, ValueError) as error:
        message = getattr(error, "message", None) or "it cannot be taken apart"
        raise RequestError(400, f"the form is damaged: {message}", "Content-Type") from None
    records: list[Any] = []
    try:
        for _, part in form.multi_items():
            if isinstance(part, UploadFile):
                records += from_content(_kind_of(part), await part.read(), model)
    finally:
        await form.close()
    return records or [dict(form)]


def _kind_of(part: UploadFile) -> str:
    """The type that the browser gave, or what the file's name says."""
    endings = {".csv": "text/csv", ".json": "application/json", ".txt": "text/plain"}
    by_name = next((kind for end, kind in endings.items() if (part.filename or "").lower().endswith(end)), None)
    return by_name or (part.content_type or "application/octet-stream").partition(";")[0]


def _rows(text: str, model: ServedModel) -> list[dict[str, str]]:
    try:
        return rows_of(text, model.bundle.reading)
    except InputError as error:
        raise RequestError(400, str(error)) from None


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(400, f"the body is not UTF-8 at byte {error.start}") from None
