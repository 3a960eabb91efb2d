"""How the training table was read, as the small runtime wants it: regular expressions for the cells of each column."""

from typing import Any

from deepglass.data.reading.date_forms import COUNTS, ISO, MONTHS, order_of, pattern_of
from deepglass.data.reading.dates import KEEPS_CLOCK, OF_DIGITS, DateFormat
from deepglass.data.reading.missing import OF_NUMBERS
from deepglass.data.reading.number_format import SCALES, NumberFormat
from deepglass.data.reading.table_format import ColumnFormat, TableFormat


def of_table(format: TableFormat) -> dict[str, Any]:
    """What `deploy/runtime/columns.py` and `rows.py` read: plain data."""
    wanted = [column for column in format.columns if format.needed is None or column.name in format.needed]
    return {
        "columns": {column.name: _of_column(column) for column in wanted},
        "missing": list(format.missing),
        "sentinels": list(format.sentinels),
        "known": [column.name for column in wanted],
        "target": format.target,
        "time_parts": list(format.time_parts),
        "encoding": format.file.encoding if format.file else "utf-8",
        "delimiter": format.file.delimiter if format.file else ",",
        "header": format.file.header if format.file else True,
        "names": list(format.file.names) if format.file else [],
    }


def _of_column(column: ColumnFormat) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if column.number:
        found["number"] = _of_number(column.number)
    if column.date:
        found["date"] = _of_date(column.date)
    if column.number or column.date:
        found["missing"] = list(OF_NUMBERS)
    if column.width:
        found["width"] = column.width
    return found | ({"kept": list(column.kept)} if column.kept else {})


def _of_number(format: NumberFormat) -> dict[str, Any]:
    described = {"pattern": format.pattern, "example": format.example(), "is_plain": format == NumberFormat()}
    return described | ({"scales": SCALES} if format.is_scaled else {})


def _of_date(format: DateFormat) -> dict[str, Any]:
    forms = dict.fromkeys((*format.forms, ISO))
    has_names = any(order_of(form) == "name" for form in forms)
    return {
        "patterns": [pattern_of(form) for form in forms if form not in COUNTS],
        "example": format.says(),
        "keeps_clock": format.clock == KEEPS_CLOCK,
        "count": COUNTS.get(format.forms[0]),
        "is_digits": format.forms[0] in OF_DIGITS,
        **({"months": MONTHS} if has_names else {}),
    }
