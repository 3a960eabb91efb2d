"""JSON lines, one object per line, or one JSON list of objects; objects within objects become columns `a.b`."""

import json
import re
from itertools import accumulate
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import json as arrow_json

from deepglass.core.errors import DataError
from deepglass.data.reading.opening import is_gzip, opened, suffix

BLOCK_BYTES = 1 << 24  # a line, perhaps a whole document, must fit into a block
MOST_DEPTH = 100  # brackets within brackets: no table is nested like that, and a parser may run out of stack
BRACKETS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def read_json(path: Path, max_rows: int | None) -> pd.DataFrame:
    """The records of a file, one per row; dates stay as they were written.

    Raises:
        DataError: If it is not JSON, or its records are not objects; names the line.
    """
    if suffix(path) == ".json":
        with opened(path) as file:
            return pd.json_normalize(_records(file.read(), path)[:max_rows])
    table = _by_arrow(path, {})
    if table is not None and (times := [field.name for field in table.schema if pa.types.is_timestamp(field.type)]):
        table = _by_arrow(path, dict.fromkeys(times, pa.string()))
    if table is None:  # lines of different form, or broken ones
        return _line_by_line(path, max_rows)
    return table.flatten().slice(0, max_rows).to_pandas(split_blocks=True, self_destruct=True)


def _by_arrow(path: Path, types: dict[str, pa.DataType]) -> pa.Table | None:
    """The table if pyarrow takes the file."""
    with opened(path) as file:
        if _depth(file.read(BLOCK_BYTES)) > MOST_DEPTH:
            return None
    options = arrow_json.ParseOptions(explicit_schema=pa.schema(types.items()) if types else None)
    with pa.input_stream(str(path), compression="gzip" if is_gzip(path) else None) as stream:
        try:
            return arrow_json.read_json(stream, arrow_json.ReadOptions(block_size=BLOCK_BYTES), options)
        except (pa.ArrowInvalid, OSError):
            return None


def _line_by_line(path: Path, max_rows: int | None) -> pd.DataFrame:
    """So that a broken line can be named."""
    with opened(path) as file:
        lines = [(number, line) for number, line in enumerate(file, 1) if line.strip()][:max_rows]
        return pd.json_normalize([_record(line, path, number) for number, line in lines])


def _record(line: bytes, path: Path, number: int) -> dict[str, Any]:
    where = f"{path}, line {number}"
    record = _parsed(line, where, "expected one object per line")
    if not isinstance(record, dict):
        raise DataError(f'{where}: expected an object such as {{"column": 1}}, got {line[:40]!r}')
    return record


def _records(content: bytes, path: Path) -> list[dict[str, Any]]:
    records = _parsed(content, str(path), "JSON lines are named .jsonl")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise DataError(f"{path}: expected a list of objects, one per row; or write one per line and name it .jsonl")
    return records


def _parsed(content: bytes, where: str, advice: str) -> Any:
    if _depth(content) > MOST_DEPTH:
        raise DataError(f"{where}: brackets are nested more than {MOST_DEPTH} deep; {advice}, with plain values in it")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON ({error}); {advice}") from None


def _depth(content: bytes) -> int:
    """The deepest nesting of brackets; those within texts are left out where it matters."""
    deepest = _deepest(content)
    return deepest if deepest <= MOST_DEPTH else _deepest(TEXTS.sub(b"", content))


def _deepest(content: bytes) -> int:
    steps = (BRACKETS[byte] for byte in content.translate(None, NO_BRACKETS))
    return max(accumulate(steps), default=0)


TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
NO_BRACKETS = bytes(byte for byte in range(256) if byte not in BRACKETS)
