"""Predict with a bundle: `python -m deepglass_runtime BUNDLE INPUT…`, answers as JSON or CSV on standard output.

An input is a CSV or JSON file with rows, a picture file, a text file, or a text itself, as the model takes them.
"""

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

from .bundle import Bundle
from .errors import BundleError, InputError
from .rows import rows_of


def main() -> int:
    """Read, answer, print; 2 where the person has to mend something."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", help="the folder, or an .onnx file that Deepglass wrote")
    parser.add_argument("inputs", nargs="+", help="files, or texts")
    parser.add_argument("--csv", action="store_true", help="CSV instead of JSON")
    asked = parser.parse_args()
    try:
        bundle = Bundle.open(asked.bundle)
        answers = predict(bundle, [record for name in asked.inputs for record in records_of(bundle, name)])
    except (BundleError, InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if asked.csv:
        write_csv(answers)
    else:
        print(json.dumps(answers, indent=2, ensure_ascii=False))
    return 0


def predict(bundle: Bundle, records: list[Any]) -> list[dict[str, Any]]:
    """As many at a time as one request may have; the rows of one past stay together."""
    if bundle.task == "forecasting":
        return bundle.predict(records)
    most = bundle.limits["rows"]
    batches = [records[start : start + most] for start in range(0, len(records), most)]
    return [answer for batch in batches for answer in bundle.predict(batch)]


def records_of(bundle: Bundle, name: str) -> list[Any]:
    """What a file, or a text itself, holds."""
    path, kind = Path(name), bundle.schema["inputs"][0]["kind"]
    if kind == "image":
        return [path.read_bytes()]
    is_table = path.suffix.lower() in (".csv", ".tsv", ".json")
    if kind == "text" and not is_table:
        return [path.read_text(encoding="utf-8") if path.is_file() else name]
    content = text_of(path, bundle.reading)
    if path.suffix.lower() == ".json":
        found = json.loads(content)
        return found if isinstance(found, list) else [found]
    return rows_of(content, bundle.reading)


def text_of(path: Path, reading: dict[str, Any] | None) -> str:
    """A file in UTF-8, or in the encoding of the training file."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = (reading or {}).get("encoding", "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError("records", f"{path} is not UTF-8 text at byte {error.start}: save it as UTF-8") from None


def write_csv(answers: list[dict[str, Any]]) -> None:
    """One row an answer; what an answer holds by name becomes a column each."""
    rows = [flat(answer) for answer in answers]
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def flat(answer: dict[str, Any]) -> dict[str, Any]:
    """{"probabilities": {"yes": 0.9}} → {"probabilities yes": 0.9}."""
    row: dict[str, Any] = {}
    for name, value in answer.items():
        row |= {f"{name} {key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
    return row


if __name__ == "__main__":
    sys.exit(main())
