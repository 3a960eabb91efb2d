"""What the options of reading say of single columns: `--categories a,b`, `--numbers c`, `--date-format d=%d/%m/%Y`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from deepglass.core.catalogue import unknown
from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.date_forms import pattern_of
from deepglass.data.reading.dates import KEEPS_CLOCK

ORDERS = ("day-first", "month-first", "year-first")
SPELT = {"yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "m": "%m", "dd": "%d", "d": "%d", "hh": "%H",
         "ss": "%S"}  # fmt: skip


@dataclass(frozen=True)
class AskedColumns:
    """What was asked for by name.

    Attributes:
        dates: The form, or a word such as "day-first", by column; of all columns of dates under "".
    """

    categories: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    dates: dict[str, str] = field(default_factory=dict)
    text: str | None = None

    @classmethod
    def of(cls, config: DataConfig, columns: Iterable[Any]) -> "AskedColumns":
        """The options, checked against the columns that there are.

        Raises:
            OptionError: If a column is unknown or asked to be two things, or a form of dates cannot be read.
        """
        asked = cls(
            listed(config.categories), listed(config.numbers), date_forms(config.date_format), config.text_column
        )
        names = [str(column) for column in columns]
        options = {
            "--categories": asked.categories,
            "--numbers": asked.numbers,
            "--date-format": filter(None, asked.dates),
        }
        for option, wanted in options.items():
            for name in wanted:
                if name not in names:
                    raise OptionError(f"{option}: {unknown('column', name, names)}")
        if both := set(asked.categories) & (set(asked.numbers) | set(asked.dates)):
            raise OptionError(
                f"column {min(both)!r} is asked to be a category and something else: expected one of them"
            )
        return asked

    def date(self, name: str) -> str | None:
        """What was asked for a column of dates."""
        return self.dates.get(name, self.dates.get(""))


def listed(names: str | None) -> tuple[str, ...]:
    """`"age, sex"` → `("age", "sex")`."""
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


def date_forms(asked: str | None) -> dict[str, str]:
    """`"born=%d.%m.%Y, month-first"` → `{"born": "%d.%m.%Y", "": "month-first"}`.

    Raises:
        OptionError: If a form cannot be read.
    """
    forms: dict[str, str] = {}
    for part in re.split(r",(?=[^,=]+=)", asked or ""):
        name, sign, form = part.rpartition("=")
        if form.strip():
            forms[name.strip() if sign else ""] = _form(form.strip())
    return forms


def _form(asked: str) -> str:
    if asked.lower() in (*ORDERS, KEEPS_CLOCK):
        return asked.lower()
    form = asked if "%" in asked else _from_letters(asked)
    if "%" not in form:
        raise OptionError(
            f"--date-format: expected {', '.join(ORDERS)}, {KEEPS_CLOCK}, or a form such as %d/%m/%Y, got {asked!r}"
        )
    pattern_of(form)
    return form


def _from_letters(asked: str) -> str:
    """DD/MM/YYYY HH:MM, as people and spreadsheets write it; MM behind hours are minutes."""
    date, clock, time = (
        re.split(r"([T ]*)(?=[hH]{1,2})", asked, maxsplit=1) if re.search("[hH]", asked) else (asked, "", "")
    )
    pieces = [re.sub("y+|m+|d+", lambda found: SPELT.get(found[0], found[0]), date.lower())]
    time = re.sub("h+|m+|s+", lambda found: {"h": "%H", "m": "%M", "s": "%S"}[found[0][0]], time.lower())
    return "".join([*pieces, clock, time])
