"""What is decided about a series before a forecast is learnt: columns, time axis, season, horizon, context, scales.

The plan is the state of the forecasting task: new data are read by it exactly as the training data were.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.preprocess.series import Series, Standardizer, filled, series_of, value_columns
from deepglass.data.preprocess.time_axis import TimeAxis
from deepglass.data.preprocess.windows import Windows
from deepglass.data.reading.series import guess_time_column
from deepglass.data.reading.table import require_column
from deepglass.evaluate import forecasting as scores
from deepglass.tasks import _spans

PROBES = 1_000  # forecasts by which seasons are compared
NEVER = 1e-6  # a known share of a future above this is a future of which something is known


@dataclass(frozen=True)
class SeriesPlan:
    """How a table becomes windows.

    `standardizer` holds the targets first, then the covariates; `mase_scale` (targets,) is the error of repeating
    the last season in training, NaN where a series never changes.
    """

    axis: TimeAxis
    targets: list[str]
    covariates: list[str]
    standardizer: Standardizer
    mase_scale: np.ndarray
    season: int
    horizon: int
    context: int

    @property
    def dims(self) -> dict[str, int]:
        """What a forecasting model must be told."""
        sizes = {"num_series": len(self.targets), "num_covariates": len(self.covariates)}
        return {"context": self.context, "horizon": self.horizon, **sizes}

    @property
    def deviations(self) -> np.ndarray:
        """(targets,) standard deviations in training."""
        return self.standardizer.std[: len(self.targets)]

    def series(self, table: Table) -> Series:
        """The columns of the plan on an even time axis.

        Raises:
            DataError: If a column is missing, or the step is not that of training.
        """
        series = series_of(table, self.axis.column, self.targets + self.covariates)
        if self.axis.column is not None and len(series) >= 3:
            found = TimeAxis.of(series.times, self.axis.column)
            if found.seconds and self.axis.seconds and abs(found.seconds / self.axis.seconds - 1) > 0.05:
                raise DataError(
                    f"{table.name} has a step of {found}: expected {self.axis}, as in training; resample it"
                )
        return series

    def windows(self, series: Series, origins: Tensor) -> Windows:
        """Windows whose futures begin at `origins`, which may be the step after the last."""
        standardized = self.standardizer.forward(series.values)
        standardized = np.pad(standardized, ((0, self.horizon), (0, 0)), constant_values=np.nan)  # room for a future
        known = torch.from_numpy(filled(standardized, np.zeros(standardized.shape[1]))).float()
        truth = torch.from_numpy(standardized[:, : len(self.targets)]).float()
        values, covariates = (part.contiguous() for part in known.split(self._widths, dim=1))
        return Windows(values, covariates, truth, origins, self.context, self.horizon)

    @property
    def _widths(self) -> list[int]:
        return [len(self.targets), len(self.covariates)]

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        scales = [None if np.isnan(scale) else float(scale) for scale in self.mase_scale]
        plain = {name: getattr(self, name) for name in ("targets", "covariates", "season", "horizon", "context")}
        return {"axis": self.axis.state(), "standardizer": self.standardizer.state(), "mase_scale": scales, **plain}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "SeriesPlan":
        """The plan that gave `state`."""
        scales = np.array([np.nan if scale is None else scale for scale in state["mase_scale"]])
        axis, standardizer = TimeAxis(**state["axis"]), Standardizer.from_state(state["standardizer"])
        return cls(**{**state, "axis": axis, "standardizer": standardizer, "mase_scale": scales})


def make_plan(
    table: Table, options: Any, data_config: DataConfig
) -> tuple[SeriesPlan, Series, _spans.Bounds, list[Guess]]:
    """Decide everything, from the person's options first and from the training part of the data for the rest.

    Args:
        table: With one row a time.
        options: The `Config` of the forecasting task.
        data_config: Names the time column and the fractions of the parts.

    Raises:
        DataError: If the data cannot be forecast or are too short; OptionError: if an option does not fit them.
    """
    time, guesses = time_column(table, data_config)
    targets, covariates, chosen = _columns(table, time, options, data_config)
    series = series_of(table, time, targets + covariates)
    axis = TimeAxis.of(series.times, time)
    bounds = _spans.bounds_of(len(series), data_config, options.splits, axis.seconds, series.splits)
    training = series.values[: bounds[0]]
    _require_change(training, targets)
    season, horizon, context, spans = _spans_of(training[:, : len(targets)], axis, bounds, options)
    scale = scores.seasonal_scale(training[:, : len(targets)], season)
    plan = SeriesPlan(axis, targets, covariates, Standardizer.fit(training), scale, season, horizon, context)
    return plan, series, bounds, guesses + series.guesses + chosen + spans


def time_column(table: Table, config: DataConfig) -> tuple[str | None, list[Guess]]:
    """The column of times, or None: then a row is a step."""
    if found := guess_time_column(table, config):
        return found[0], [] if config.time_column else [found[1]]
    return None, [Guess("time", "one row a step", "no column holds times in equal steps", "--time-column")]


def _columns(
    table: Table, time: str | None, options: Any, config: DataConfig
) -> tuple[list[str], list[str], list[Guess]]:
    """Targets, covariates, and what was guessed about them."""
    asked, seen = options.targets or config.target, options.covariates
    possible, guesses = value_columns(table.frame, time)
    targets = _named(table, asked, "--targets" if options.targets else "--target") if asked else possible
    others = [name for name in possible if name not in targets]
    covariates = others if seen is None else [] if seen == "none" else _named(table, seen, "--covariates")
    if both := sorted(set(targets) & set(covariates)):
        raise OptionError(f"--covariates: {listing(both)} is forecast already: name other columns, or none")
    if not asked:
        guesses.append(Guess("targets", listing(targets, 8), "all columns of numbers", "--targets"))
    elif seen is None and others:
        guesses.append(Guess("covariates", listing(others, 8), "all other columns of numbers", "--covariates"))
    return targets, covariates, guesses


def _named(table: Table, names: str, option: str) -> list[str]:
    return [require_column(table.frame, name.strip(), option) for name in names.split(",") if name.strip()]


def _spans_of(
    training: np.ndarray, axis: TimeAxis, bounds: _spans.Bounds, options: Any
) -> tuple[int, int, int, list[Guess]]:
    """Season, horizon, context, and what was guessed about them."""
    train_end, val_end, test_end = bounds
    asked = {name: getattr(options, name) for name in ("season", "horizon", "context")}
    for name, value in asked.items():
        if value is not None and value < 1:
            raise OptionError(f"--{name}: expected at least 1 step, got {value}")
    room = min(val_end - train_end, test_end - val_end, max(1, train_end // 4))
    horizon = asked["horizon"] or max(1, min(_spans.default_horizon(axis.seconds), room))
    season = asked["season"] or _season(training, axis, horizon)
    context = asked["context"] or _spans.default_context(horizon, season, train_end)
    _spans.require_room(bounds, context, horizon)
    if season > train_end:
        raise OptionError(f"--season {season}: expected at most the {train_end:,} steps of the training part")
    reasons = {
        "season": (season, f"after so many the values repeat; a step is {axis}"),
        "horizon": (horizon, f"usual where a step is {axis}"),
        "context": (context, "from horizon, season and length"),
    }
    guesses = [
        Guess(name, f"{value:,} steps", why, f"--{name}") for name, (value, why) in reasons.items() if not asked[name]
    ]
    return season, horizon, context, guesses


def _season(training: np.ndarray, axis: TimeAxis, horizon: int) -> int:
    """Of the seasons that the series show, the one whose repetition forecasts all of them best: a strong baseline."""
    found = {scores.season_length(series, axis.seconds) for series in training.T}
    candidates = sorted(found - {1}) or [1]
    standardized = filled(Standardizer.fit(training).forward(training), np.zeros(training.shape[1]))
    start = max(candidates)
    origins = np.unique(np.linspace(start, max(start, len(training) - horizon), PROBES).astype(int))[:, None]
    steps = np.arange(max(1, min(horizon, len(training) - start)))
    truth = standardized[origins + steps]  # (probes, steps, series)
    errors = [np.abs(standardized[origins - season + steps % season] - truth).mean() for season in candidates]
    return candidates[int(np.argmin(errors))]


def _require_change(training: np.ndarray, targets: list[str]) -> None:
    for name, values in zip(targets, training.T):
        known = values[np.isfinite(values)]
        if len(known) == 0 or known.min() == known.max():
            state = "empty" if len(known) == 0 else f"always {known[0]:g}"
            raise DataError(
                f"column {name!r} is {state} in the training part: nothing can be learnt; name others with --targets"
            )
