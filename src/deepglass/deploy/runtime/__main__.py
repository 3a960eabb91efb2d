"""Predict with a bundle: `python -m deepglass_runtime BUNDLE INPUT…`, answers as JSON or CSV on standard output.

An input is a CSV or JSON file with rows, a picture file, a text file, or a text itself, as the model takes them.
"""

import argparse
import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .answers import flat
from .bundle import Bundle
from .errors import BundleError, InputError
from .formulas import harmless
from .rows import rows_of


def main() -> int:
    """Read, answer, print; 2 where the user has to fix something."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", help="the folder, or an .onnx file that Deepglass wrote")
    parser.add_argument("inputs", nargs="+", help="files, or texts")
    parser.add_argument("--csv", action="store_true", help="CSV instead of JSON")
    parser.add_argument("--coverage", type=float, help="such as 0.9: also what holds the truth so often")
    parser.add_argument("--keep-formulas", action="store_true", help="in CSV, leave cells such as =A1 as they are")
    asked = parser.parse_args()
    try:
        bundle = Bundle.open(asked.bundle)
        bundle.coverage.limit(asked.coverage)  # before anything is read
        records = [record for name in asked.inputs for record in records_of(bundle, name)]
        answers = predict(bundle, records, asked.coverage)
    except (BundleError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if asked.csv:
        write_csv(answers, asked.keep_formulas, bundle.answers.row)
    else:
        print(json.dumps(answers, indent=2, ensure_ascii=False))
    return 0


def predict(bundle: Bundle, records: list[Any], coverage: float | None = None) -> list[dict[str, Any]]:
    """As many at a time as one request may have; the rows of one past stay together."""
    if bundle.lead.GATHERS_ROWS:
        return bundle.predict(records, coverage)
    most = bundle.limits["rows"]
    batches = [records[start : start + most] for start in range(0, len(records), most)]
    return [answer for batch in batches for answer in bundle.predict(batch, coverage)]


def records_of(bundle: Bundle, name: str) -> list[Any]:
    """What a file, or a text itself, holds.

    Raises:
        InputError: If the file cannot be read; names it.
    """
    try:
        return bundle.lead.from_argument(name, lambda path: table_of(path, bundle.reading))
    except OSError as error:
        raise InputError(name, f"cannot be read ({error.strerror}): check the path") from None
    except (ValueError, RecursionError) as error:
        message = f"is damaged or of another kind ({error}): expected CSV, JSON, a picture or text"
        raise InputError(name, message) from None


def table_of(path: Path, reading: dict[str, Any] | None) -> list[Any]:
    """The records in a CSV or JSON file.

    Raises:
        ValueError: If it is neither, or holds no rows.
    """
    content = text_of(path, reading)
    if path.suffix.lower() != ".json":
        return _some(rows_of(content, reading))
    found = json.loads(content)
    return _some(found) if isinstance(found, list) else [found]


def text_of(path: Path, reading: dict[str, Any] | None) -> str:
    """A file in UTF-8, or in the encoding of the training file.

    Raises:
        ValueError: If it is in neither.
    """
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode((reading or {}).get("encoding", "utf-8"))


def _some(records: list[Any]) -> list[Any]:
    if not records:
        raise ValueError("it holds no rows")
    return records


def write_csv(
    answers: list[dict[str, Any]], keeps_formulas: bool = False, as_row: Callable[[Any], dict[str, Any]] = flat
) -> None:
    """One line per answer, with a column for every name that one of them has.

    Args:
        answers: As a model gives them.
        keeps_formulas: Leave cells that a spreadsheet would compute.
        as_row: From an answer to its cells by their names.
    """
    rows = [as_row(answer) for answer in answers]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    made = (lambda cell: cell) if keeps_formulas else harmless
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([made(name) for name in columns])
    writer.writerows([[made(row.get(name, "")) for name in columns] for row in rows])


if __name__ == "__main__":
    sys.exit(main())
