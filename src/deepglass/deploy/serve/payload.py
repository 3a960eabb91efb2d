"""What a user sends to /predict, in whatever form, as records: JSON, CSV, pictures, texts, forms with files.

JSON is held to its types (a number is not a text); in CSV and forms everything is text, and numbers are read from it.
"""

from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers

from deepglass.deploy.runtime import strict_json
from deepglass.deploy.runtime.errors import BodyError
from deepglass.deploy.runtime.fields import file_types
from deepglass.deploy.runtime.limits import Limits
from deepglass.deploy.runtime.rows import rows_of
from deepglass.deploy.serve.body import Body
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.multipart import Part, parts_of
from deepglass.deploy.serve.served_model import ServedModel

UNDERSTOOD = ", ".join(
    ("application/json", "text/csv", "text/plain", *(f"{begin}*" for begin in file_types()), "multipart/form-data")
)
FORM = "application/x-www-form-urlencoded"  # what curl calls everything, unless it is told otherwise
MOST_FORM_BYTES = 1_048_576  # of a form without files, and MOST_ESCAPES in it: each costs far more than its bytes
MOST_ESCAPES = 100_000
ENDINGS = {".csv": "text/csv", ".json": "application/json", ".txt": "text/plain"}


def records_of(headers: Headers, model: ServedModel, body: Body) -> list[Any]:
    """The records of a request, as the bundle takes them.

    Raises:
        RequestError: 415 if the form is not understood.
        BodyError: If the content is not of the form that the request names; 422 if a record is not what the schema
            asks for.
    """
    content_type = headers.get("content-type", "application/json")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _from_parts(parts_of(body, content_type), model)
    return from_content(kind, body, model)


def from_content(kind: str, body: Body, model: ServedModel) -> list[Any]:
    """The records in one body or one uploaded file.

    Raises:
        RequestError: 415 if the content type is not understood.
        BodyError: If the content is not of that type.
    """
    if kind.startswith((*file_types(), "application/octet-stream")):
        return [_taken(body)]
    if kind == "text/csv":
        return _rows(body, model)
    if kind == "text/plain":
        return [_text(body, model.config)]
    if kind == FORM and not body[:1024].lstrip().startswith((b"{", b"[", b'"')):
        return [_fields(body, model.config)]
    if kind == "application/json" or kind == FORM or kind.endswith("+json"):
        return from_json(strict_json.parse(body, model.config), model)
    raise RequestError(415, f"the content type {kind[:60]!r} is not understood: send {UNDERSTOOD}", "Content-Type")


def from_json(content: Any, model: ServedModel) -> list[Any]:
    """Records from parsed JSON: one, or a list of them.

    Raises:
        BodyError: 422 if one is not what the schema asks for; names the field.
    """
    records = content if isinstance(content, list) else [content]
    return [model.bundle.lead.from_json(record, number) for number, record in enumerate(records, 1)]


def _from_parts(parts: list[Part], model: ServedModel) -> list[Any]:
    """The files of a form, each by its own content type; where there is none, its fields as one record."""
    records: list[Any] = []
    for part in parts:
        if part.filename is not None:
            records += from_content(_kind_of(part), part.content, model)
    return records or [_distinct([(part.name, _text(part.content, model.config)) for part in parts])]


def _kind_of(part: Part) -> str:
    """What the file's name says, or the type that the browser gave."""
    by_name = next((kind for end, kind in ENDINGS.items() if (part.filename or "").lower().endswith(end)), None)
    return by_name or (part.content_type or "application/octet-stream").partition(";")[0].strip().lower()


def _fields(body: Body, limits: Limits) -> dict[str, str]:
    """The fields of a form without files, as one record."""
    if len(body) > MOST_FORM_BYTES or body.count(b"%") > MOST_ESCAPES:
        raise BodyError(f"a form of more than {MOST_FORM_BYTES:,} bytes: send JSON, or multipart/form-data", 413)
    try:
        pairs = parse_qsl(_text(body, limits), keep_blank_values=True, max_num_fields=10_000)
    except ValueError:
        raise BodyError("a form of more than 10,000 fields: send JSON or CSV", 413) from None
    return _distinct(pairs)


def _distinct(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """A record whose fields were all given once."""
    record = dict(pairs)
    if len(record) < len(pairs):
        raise BodyError("a field of the form was given twice: send each once, or several rows as CSV")
    return record


def _rows(body: Body, model: ServedModel) -> list[dict[str, str]]:
    """Rows of a CSV, as the training table was written; those of a series may be more than answers."""
    limits = model.config
    if body.count(b",") + body.count(b"\n") > 2 * limits.max_values:  # some may be inside of texts
        raise BodyError(f"the CSV holds more than {limits.max_values:,} cells: send fewer rows at once", 413)
    most_rows = None if model.bundle.lead.GATHERS_ROWS else model.max_rows
    return rows_of(_text(body, limits), model.bundle.reading, limits.max_values, most_rows)


def _taken(body: Body) -> bytes:
    """The body as bytes, which are not held twice for long."""
    content = bytes(body)
    if isinstance(body, bytearray):
        body.clear()
    return content


def _text(body: Body, limits: Limits) -> str:
    try:
        return strict_json.as_text(body, limits)
    except UnicodeDecodeError as error:
        raise BodyError(f"the body is not UTF-8 at byte {error.start}") from None
