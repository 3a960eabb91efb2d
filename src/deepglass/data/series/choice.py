"""Decides what a `SeriesPlan` holds, from the user's options first and from the training part for the rest."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.preprocess import moments
from deepglass.data.preprocess.season import seasons_of
from deepglass.data.preprocess.series import Series, filled, series_of
from deepglass.data.preprocess.standardizer import Standardizer
from deepglass.data.preprocess.time_axis import TimeAxis
from deepglass.data.series import spans
from deepglass.data.series.columns import Columns, choose_columns
from deepglass.data.series.plan import SeriesPlan, last_known
from deepglass.data.series.scales import seasonal_scale, spreads

PROBES = 1_000  # forecasts by which seasons are compared
LOOKED_AT = 20  # series of many in which a season is looked for: the longest ones
ZERO_SHARE = 0.01  # of the values must be exactly 0 before numbers with decimals count as never negative
SHOWN = 3  # names of series in a message


@dataclass(frozen=True)
class Parts:
    """Where training, validation and test end on the axis of time.

    `part` (T,) is 0, 1, 2 for the rows of each, 3 for what comes after the test; `steps` are the lengths of the three.
    """

    part: np.ndarray
    steps: tuple[int, int, int]


def make_plan(table: Table, options: Any, config: DataConfig) -> tuple[SeriesPlan, Series, Parts, list[Guess]]:
    """Decide everything but the length of the past, for which the default of the season and the horizon stands.

    Args:
        table: As it was read.
        options: The `Config` of the forecasting task.
        config: Names the time column, the series and the fractions of the parts.

    Raises:
        DataError: If the data cannot be forecast or are too short.
        OptionError: If an option does not fit them.
    """
    for name in ("season", "horizon", "context"):
        if (value := getattr(options, name)) is not None and value < 1:
            raise OptionError(f"--{name}: expected at least 1 step, got {value}")
    columns, guesses = choose_columns(table, options, config)
    axis = TimeAxis.asked(config.step, columns.time, config.time_zone) if config.step else None
    series = series_of(table, columns.time, columns.numbers(table), columns.keys, axis, config.time_zone)
    series = replace(series, static=columns.statics(table, series))
    horizon = options.horizon or _usual_horizon(series)
    parts = _parts(series, config, options.splits, horizon, len(columns.targets))
    _require_change(series, parts, columns)
    season, lag, said = _season(series, parts, options.season, horizon, len(columns.targets))
    contexts = spans.contexts_to_try(horizon, season, parts.steps[0], largest_context(parts, horizon, series))
    context = options.context or contexts[0]
    spans.require_room(np.cumsum(parts.steps).tolist(), min(context, context if not columns.keys else 2), horizon)
    plan = _scaled(series, parts, columns, season, lag, horizon, context)
    said += [Guess("horizon", f"{horizon:,} steps", f"usual where a step is {_short(series.axis)}", "--horizon")] * (
        options.horizon is None
    )
    lowest, floor = _lowest(series, parts, columns.targets, options.lowest)
    return replace(plan, lowest=lowest), series, parts, guesses + series.guesses + said + floor


def largest_context(parts: Parts, horizon: int, series: Series) -> int:
    """The longest past that leaves enough windows to learn from."""
    train = parts.steps[0]
    if len(series.names) > 1:  # other series have windows too
        return int(np.clip(train - horizon - 2, 1, spans.LONGEST_CONTEXT))
    return int(np.clip(spans.LARGEST_CONTEXT * train - horizon / 2, 1, spans.LONGEST_CONTEXT))


def _usual_horizon(series: Series) -> int:
    """What people plan for, at most a tenth of what there is."""
    count = int(np.median(series.lengths)) if len(series.names) > 1 else len(series)
    return max(1, min(spans.horizon_of(series.axis), count // 10))


# -- parts ----------------------------------------------------------------------------------------------------------


def _parts(series: Series, config: DataConfig, asked: str | None, horizon: int, num_targets: int) -> Parts:
    """Cut by time, at the same moment in every series: the future of one shall not teach another its past."""
    ends = last_known(series, num_targets)[series.series_of_row]
    is_past = np.arange(len(series)) < ends
    _, place = np.unique(series.times, return_inverse=True)
    if len(series.names) == 1:
        place = np.arange(len(series))
    count = int(place[is_past].max()) + 1
    declared = {name: place[rows[is_past[rows]]] for name, rows in series.splits.items() if is_past[rows].any()}
    bounds = spans.bounds_of(count, config, asked, series.axis.seconds, declared, horizon)
    if len(series.names) > 1 and not (asked or declared):
        bounds = _by_rows(place[is_past], bounds, count)
    part = np.searchsorted(np.array(bounds), place, side="right")
    steps = np.diff([0, *bounds])
    return Parts(np.where(is_past, part, 3), (int(steps[0]), int(steps[1]), int(steps[2])))


def _by_rows(place: np.ndarray, bounds: spans.Bounds, count: int) -> spans.Bounds:
    """Where series begin and end at different times, parts hold their share of the rows, not of the calendar."""
    shares = np.array(bounds[:2]) / count
    ordered = np.sort(place)
    train, val = (int(ordered[min(len(ordered) - 1, int(share * len(ordered)))]) for share in shares)
    val = min(val, bounds[1])
    return min(train, bounds[0], val - (bounds[1] - bounds[0])), val, count


def _require_change(series: Series, parts: Parts, columns: Columns) -> None:
    """Raises DataError where a target is empty or the same throughout the training part."""
    training = series.values[parts.part == 0]
    for name, values in zip(columns.targets, training.T):
        known = values[np.isfinite(values)]
        if len(known) == 0 or known.min() == known.max():
            state = "empty" if len(known) == 0 else f"always {known[0]:g}"
            raise DataError(
                f"column {name!r} is {state} in the training part: nothing can be learnt; name others with --targets"
            )


# -- season ---------------------------------------------------------------------------------------------------------


def _season(
    series: Series, parts: Parts, asked: int | None, horizon: int, num_targets: int
) -> tuple[int, int, list[Guess]]:
    """The season, the lag of the best trivial forecast, and what was guessed."""
    longest = np.argsort(-series.lengths, kind="stable")[:LOOKED_AT]
    training = [_training_of(series, parts, int(i))[:, :num_targets] for i in longest]
    training = [values for values in training if len(values) > horizon + 1] or training[:1]
    proposed = spans.proposed_seasons(series.axis)
    steps = parts.steps[0]
    if asked:
        if asked > steps:
            raise OptionError(f"--season {asked}: expected at most the {steps:,} steps of the training part")
        found = [asked]
    else:
        found = _common([season for values in training for x in values.T for season in seasons_of(x, proposed)])
    errors = {lag: _naive_error(training, lag, horizon) for lag in {1, *found}}
    season = min(found, key=lambda lag: errors[lag], default=1)
    lag = min(errors, key=lambda lag: errors[lag]) if np.isfinite(min(errors.values())) else 1
    why = (
        f"after so many the values repeat; a step is {_short(series.axis)}"
        if season > 1
        else "nothing repeats for certain"
    )
    guess = Guess("season", counted(season, "step") if season > 1 else "none", why, "--season")
    return season, lag, [] if asked else [guess]


def _training_of(series: Series, parts: Parts, i: int) -> np.ndarray:
    rows = slice(series.starts[i], series.starts[i + 1])
    return series.values[rows][parts.part[rows] == 0]


def _common(found: list[int]) -> list[int]:
    """Seasons that several series share, or all where each has its own."""
    values, counts = np.unique(found, return_counts=True)
    return [int(value) for value in values[counts >= max(1, 0.2 * counts.sum())]] or [int(v) for v in values[:1]]


def _naive_error(training: list[np.ndarray], lag: int, horizon: int) -> float:
    """Mean absolute error, in deviations, of repeating the last `lag` values, over all series; inf without any."""
    sums, counts = 0.0, 0
    for values in training:
        standardized = Standardizer.fit(values).forward(values)
        held = filled(standardized, np.zeros(values.shape[1]))
        origins = np.unique(np.linspace(lag, max(lag, len(values) - horizon), PROBES).astype(int))[:, None]
        steps = np.arange(max(1, min(horizon, len(values) - lag)))
        if len(values) <= lag:
            continue
        errors = np.abs(held[origins - lag + steps % lag] - standardized[np.minimum(origins + steps, len(values) - 1)])
        sums, counts = sums + float(np.nansum(errors)), counts + int(np.isfinite(errors).sum())
    return sums / counts if counts else np.inf


# -- scales ---------------------------------------------------------------------------------------------------------


def _scaled(
    series: Series, parts: Parts, columns: Columns, season: int, lag: int, horizon: int, context: int
) -> SeriesPlan:
    """The plan with the scales of the training part."""
    S, C, _ = columns.widths
    is_train = parts.part == 0
    standardizer = Standardizer.fit(series.values[is_train, : S + C])
    if columns.keys:
        mean, std = standardizer.mean.copy(), standardizer.std.copy()
        mean[:S], std[:S] = 0.0, 1.0
        standardizer = Standardizer(mean, std)
    words = np.array([name not in columns.known + columns.static for name in columns.expanded(columns.known)], bool)
    known = _with_words(Standardizer.fit(series.values[is_train, S + C :]), words)
    words = np.array([name not in columns.static for name in columns.expanded(columns.static)], bool)
    static = _with_words(Standardizer.fit(series.static), words)
    mase = np.stack([
        seasonal_scale(_training_of(series, parts, i)[:, :S], season) for i in range(len(series.names))
    ])  # fmt: skip
    days = _days(series, is_train)
    return SeriesPlan(
        axis=series.axis,
        columns=columns,
        standardizer=standardizer,
        known_scale=known,
        static_scale=static,
        names=series.names,
        spread=spreads(series, S, is_train) if columns.keys else standardizer.std[None, :S],
        mase_scale=mase,
        lowest=np.full(S, np.nan),
        season=season,
        baseline_lag=lag,
        horizon=horizon,
        context=context,
        periods=moments.periods_of(None if series.axis.is_counted else series.axis.seconds, days),
    )


def _with_words(scale: Standardizer, is_word: np.ndarray) -> Standardizer:
    """Zeros and ones of words stay as they are."""
    return Standardizer(np.where(is_word, 0.0, scale.mean), np.where(is_word, 1.0, scale.std))


def _days(series: Series, is_train: np.ndarray) -> float:
    """From the first to the last time of the training."""
    if series.times.dtype.kind != "M" or not is_train.any():
        return 0.0
    times = series.times[is_train]
    return float((times.max() - times.min()) / np.timedelta64(1, "D"))


def _lowest(series: Series, parts: Parts, targets: list[str], asked: Any) -> tuple[np.ndarray, list[Guess]]:
    """The smallest possible value (targets,): 0 for counts, and for other numbers that are often 0 and never less."""
    if asked is not None:
        return np.full(len(targets), np.nan if asked == "none" else float(asked)), []
    lowest, said = np.full(len(targets), np.nan), []
    for i, values in enumerate(series.values[parts.part == 0, : len(targets)].T):
        known = values[np.isfinite(values)]
        is_count = bool((known % 1 == 0).all()) or (known == 0).mean() >= ZERO_SHARE
        if known.min() >= 0 and is_count:
            lowest[i] = 0.0
            said += [targets[i]] if known.min() < known.std() else []
    why = f"{listing(said)} never fell below 0: no forecast and no interval does"
    return lowest, [Guess("lowest", 0, why, "--lowest none")] if said else []


def _short(axis: TimeAxis) -> str:
    """The step without the days and hours of its calendar."""
    return str(axis).split(",", 1)[0]


def short_names(names: list[tuple[str, ...]]) -> str:
    """Names of series for a message."""
    return listing([" ".join(name) for name in names], SHOWN)
