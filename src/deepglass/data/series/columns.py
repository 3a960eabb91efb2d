"""Which column of a table of series has which role: forecast, only seen, known in advance, never changing, key.

    shop, date │ town, size │ promotion          │ visitors      │ sales
    key, time  │ static     │ known (--known)    │ covariate     │ target

What is known in advance cannot be seen in the data: a column that is not named is taken as known up to now.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.preprocess.series import Series, key_words, numbers_of, value_columns
from deepglass.data.reading.asked import listed
from deepglass.data.reading.series import layout_of
from deepglass.data.reading.table import require_column

MOST_LEVELS = 30  # of a column of words; each becomes a column of zeros and ones
TARGET_NAMES = (  # what people call the column to forecast
    "sales", "sold", "volume", "demand", "quantity", "qty", "units", "units_sold", "orders", "y", "target", "value",
    "load", "consumption", "count", "cnt", "amount", "revenue", "visits", "visitors", "passengers", "trips", "price",
    "close",
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Names of columns by role; `levels` are the words of those that hold words."""

    time: str | None
    keys: tuple[str, ...]
    targets: list[str]
    covariates: list[str]
    known: list[str] = field(default_factory=list)
    static: list[str] = field(default_factory=list)
    levels: dict[str, list[str]] = field(default_factory=dict)

    @property
    def needed(self) -> list[str]:
        """Every column that new data must have."""
        named = [*self.targets, *self.covariates, *self.known, *self.static]
        return [*([self.time] if self.time else []), *self.keys, *dict.fromkeys(named)]

    @property
    def widths(self) -> list[int]:
        """How many numbers the targets, the covariates and the known columns are."""
        return [len(self.targets), len(self.covariates), len(self.expanded(self.known))]

    def expanded(self, names: list[str]) -> list[str]:
        """Names of the numbers that columns become: `town=Ulm` for a word of `town`."""
        return [
            part
            for name in names
            for part in ([f"{name}={level}" for level in self.levels[name]] if name in self.levels else [name])
        ]

    def numbers(self, table: Table) -> pd.DataFrame:
        """Targets, covariates and known columns as numbers, in the rows of the table.

        Raises:
            DataError: If a column is missing, or holds words or infinities where numbers are expected.
        """
        self.require(table)
        plain = numbers_of(table.frame, [*self.targets, *self.covariates])
        return pd.concat([plain, self._known_numbers(table.frame, self.known)], axis=1)

    def statics(self, table: Table, series: Series) -> np.ndarray:
        """(series, columns): the first value of each static column in each series, NaN where there is none."""
        if not self.static:
            return np.zeros((len(series.names), 0))
        frame = self._known_numbers(table.frame, self.static)
        keys = [pd.Series(key_words(table.frame[key]), name=key) for key in self.keys]
        first = frame.reset_index(drop=True).groupby(keys, sort=False).first()
        return first.reindex(pd.MultiIndex.from_tuples(series.names) if len(self.keys) > 1 else
                             [name[0] for name in series.names]).to_numpy(np.float64)  # fmt: skip

    def require(self, table: Table) -> None:
        """Check that no column is missing.

        Raises:
            DataError: If one is.
        """
        if absent := [name for name in self.needed if name not in table.frame.columns]:
            raise DataError(
                f"{table.name} lacks {counted(len(absent), 'column')}: {listing(absent)}; expected "
                f"{listing(self.needed, 20)}, got {listing(table.frame.columns, 20)}: add what is missing (order and "
                "further columns do not matter)"
            )

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: value for name, value in asdict(self).items() if name not in ("time", "targets", "covariates")}

    def _known_numbers(self, frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
        """Columns of words as zeros and ones: of a word that training did not have all are zero."""
        parts = {}
        for name in names:
            if name not in self.levels:
                parts[name] = numbers_of(_as_number(frame, name), [name])[name]
                continue
            words = key_words(frame[name])
            parts |= {f"{name}={level}": (words == level).astype(np.float64) for level in self.levels[name]}
        return pd.DataFrame(parts, index=frame.index)


def choose_columns(table: Table, options: Any, config: DataConfig) -> tuple[Columns, list[Guess]]:
    """The roles, from the user's options first, and what was guessed about the rest.

    Raises:
        OptionError: If a column is absent, or has two roles.
        DataError: If nothing can be forecast.
    """
    layout = layout_of(table, replace(config, series_column=config.series_column or config.group_column))
    time, keys = (layout.time, layout.keys) if layout else (None, ())
    guesses = list(layout.guesses) if layout else []
    if time is None:
        if config.series_column or config.group_column:
            raise OptionError("--series-column: the table has no column of times; name it with --time-column")
        guesses.append(Guess("time", "one row per step", "no column holds times in equal steps", "--time-column"))
    known = _named(table, options.known, "--known")
    static, said = _static(table, keys, known, options, config)
    guesses += said
    others = (*([time] if time else []), *keys, *known, *static)
    possible, said = value_columns(table.frame, others)
    guesses += said if not keys else [guess for guess in said if "words" in guess.why or "numbers" in guess.why]
    targets, said = _targets(table, possible, options, config, is_long=bool(keys))
    covariates, more = _covariates(
        table, [name for name in possible if name not in targets], options, is_long=bool(keys), is_asked=not said
    )
    columns = Columns(time, keys, targets, covariates, known, static, _levels(table, known + static))
    _require_one_role(columns)
    return columns, guesses + said + more


def _named(table: Table, names: str | None, option: str) -> list[str]:
    if names is None or names == "none":
        return []
    return [require_column(table.frame, name, option) for name in listed(names)]


def _static(
    table: Table, keys: tuple[str, ...], known: list[str], options: Any, config: DataConfig
) -> tuple[list[str], list[Guess]]:
    """Columns that never change within a series, and differ between some."""
    if options.static is not None:
        return _named(table, options.static, "--static"), []
    if not keys:
        return [], []
    asked = {*keys, *known, *_named(table, options.targets or config.target, "--targets")}
    names = [str(name) for name in table.frame.columns if name not in asked]
    groups = table.frame.groupby(list(keys), observed=True)
    constant = [name for name in names if (groups[name].nunique() <= 1).all() and table.frame[name].nunique() > 1]
    usable = [name for name in constant if _is_usable(table.frame[name])]
    if not usable:
        return [], []
    return usable, [Guess("static", listing(usable, 8), "never change within a series", "--static")]


def _is_usable(column: Any) -> bool:
    """Numbers, truth values, or few words."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return False
    return pd.api.types.is_numeric_dtype(column) or column.nunique() <= MOST_LEVELS


def _targets(
    table: Table, possible: list[str], options: Any, config: DataConfig, *, is_long: bool
) -> tuple[list[str], list[Guess]]:
    if asked := options.targets or config.target or table.target:
        return _named(table, asked, "--targets"), []
    if not is_long:
        return possible, [Guess("targets", listing(possible, 8), "all columns of numbers", "--targets")]
    usual = next((name for known in TARGET_NAMES for name in possible if name.lower() == known), None)
    why = "a usual name" if usual else "the last column of numbers that change"
    return [usual or possible[-1]], [Guess("targets", usual or possible[-1], why, "--targets")]


def _covariates(
    table: Table, others: list[str], options: Any, *, is_long: bool, is_asked: bool
) -> tuple[list[str], list[Guess]]:
    if options.covariates is not None:
        return _named(table, options.covariates, "--covariates"), []
    if not others or not (is_long or is_asked):
        return [], []
    why = "seen up to now, not in advance; what is known in advance is named with --known"
    return others, [Guess("covariates", listing(others, 8), why, "--covariates")]


def _levels(table: Table, names: list[str]) -> dict[str, list[str]]:
    """The words of columns that hold words."""
    levels = {}
    for name in names:
        column: Any = table.frame[name]
        if pd.api.types.is_numeric_dtype(column):
            continue
        levels[name] = sorted(set(key_words(column.dropna())))
        if len(levels[name]) > MOST_LEVELS:
            raise OptionError(
                f"column {name!r} has {len(levels[name]):,} different words: expected at most {MOST_LEVELS}, or "
                "numbers; leave it out of --known and --static"
            )
    return levels


def _require_one_role(columns: Columns) -> None:
    """Raises OptionError where a column has two roles."""
    seen: dict[str, str] = {name: "the time" for name in [columns.time] if name} | dict.fromkeys(columns.keys, "a key")
    for role, said in (
        ("targets", "forecast"),
        ("covariates", "a covariate"),
        ("known", "known"),
        ("static", "static"),
    ):
        for name in getattr(columns, role):
            if name in seen:
                raise OptionError(f"--{role}: {name} is {seen[name]} already: name other columns, or none")
            seen[name] = said


def _as_number(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Truth values count as 0 and 1."""
    return frame.assign(**{name: frame[name].astype(np.float64)}) if frame[name].dtype == bool else frame
