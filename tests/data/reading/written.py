"""Random tables and the ways in which people write them: what was written is known, so what was read can be judged."""

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

WORDS = ("red", "green", "dark blue", "Zoë", "x-ray", "it's", "50/50", "a+b")
DATES = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%b-%Y", "%B %d, %Y", "%Y/%m/%d", "%d/%m/%y %H:%M",
    "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S",
)  # fmt: skip
BLANK, THIN = " ", "\u202f"


@dataclass(frozen=True)
class Written:
    """How a table is written."""

    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    quoting: int = csv.QUOTE_MINIMAL
    date: str = "%Y-%m-%d"
    missing: str = ""
    encoding: str = "utf-8"
    header: bool = True
    line_end: str = "\n"
    unit: str = "{}"
    negative: str = "-{}"

    def number(self, value: float, digits: int) -> str:
        """A number in this form."""
        text = f"{abs(value):,.{digits}f}".translate(str.maketrans({",": self.thousands, ".": self.decimal}))
        return self.negative.format(self.unit.format(text)) if value < 0 else self.unit.format(text)

    def to(self, path: Path, table: pd.DataFrame, digits: dict[str, int]) -> Path:
        """Write a table."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.delimiter, quoting=self.quoting, lineterminator=self.line_end)  # type: ignore[arg-type]
        if self.header:
            writer.writerow(table.columns)
        for row in table.itertuples(index=False):
            writer.writerow([self.cell(name, cell, digits) for name, cell in zip(table.columns, row)])
        path.write_bytes(text.getvalue().encode(self.encoding))
        return path

    def cell(self, name: str, cell, digits: dict[str, int]) -> str:
        """One cell."""
        if pd.isna(cell):
            return self.missing
        if name in digits:
            return self.number(cell, digits[name])
        return cell.strftime(self.date) if isinstance(cell, pd.Timestamp) else str(cell)


def random_way(rng: np.random.Generator) -> Written:
    """One of some ten thousand ways."""
    decimal = str(rng.choice([".", ","]))
    marks = ["", "", "'", BLANK, THIN, "\u00a0", "\u2019", "_"] + ([","] if decimal == "." else ["."])
    delimiter = str(rng.choice([",", ";", "\t", "|"]))
    return Written(
        delimiter=delimiter,
        decimal=decimal,
        thousands=str(rng.choice(marks)),
        quoting=int(rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        date=str(rng.choice(DATES)),
        missing=str(rng.choice(["", "NA", "null", "NaN", "-"])),
        encoding=str(rng.choice(["utf-8", "utf-8-sig", "utf-16", "utf-8"])),
        header=bool(rng.random() < 0.8),
        line_end=str(rng.choice(["\n", "\r\n"])),
        unit=str(rng.choice(["{}", "{}", "${}", "{} €", "{}%", "CHF {}", "{} kg"])),
        negative=str(rng.choice(["-{}", "-{}", "({})", "{}-", "\u2212{}"])),
    )


def random_table(rng: np.random.Generator, rows: int = 60) -> tuple[pd.DataFrame, dict[str, int]]:
    """A table with every kind of column, and the digits behind the decimal mark of its numbers."""
    minutes = rng.integers(0, 60 * 24 * 365 * 20, rows)
    days = pd.Timestamp("2001-01-01") + pd.to_timedelta(minutes, unit="min")
    columns = {
        "money": rng.lognormal(8, 2, rows).round(2) * rng.choice([-1, 1, 1], rows),
        "rate": rng.normal(0, 3, rows).round(1),
        "count": np.round(rng.lognormal(6, 3, rows)),
        "code": [f"{code:05d}" for code in rng.integers(0, 99_999, rows // 3).repeat(3)[:rows]],
        "colour": rng.choice(WORDS, rows),
        "day": days.floor("D"),
    }
    columns["code"][0] = "00042"
    table = pd.DataFrame(columns)
    for name in ("rate", "colour", "day"):
        table.loc[rng.random(rows) < 0.1, name] = None
    return table, {"money": 2, "rate": 1, "count": 0}


def as_written(table: pd.DataFrame, way: Written) -> pd.DataFrame:
    """What of a table survives this way of writing."""
    names = table.columns if way.header else [f"column_{i}" for i in range(1, table.shape[1] + 1)]
    return table.set_axis(list(names), axis=1)


def varied(way: Written, **changes) -> Written:
    """The same way but for something."""
    return replace(way, **changes)
