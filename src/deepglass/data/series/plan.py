"""What is decided about series before a forecast is learnt: columns, time axis, season, horizon, context, scales.

The plan is the state of the forecasting task: new data are read by it exactly as the training data were.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.state import build, read, require, require_between
from deepglass.data.containers import Table
from deepglass.data.preprocess import moments
from deepglass.data.preprocess.series import Series, filled, series_of
from deepglass.data.preprocess.standardizer import Standardizer
from deepglass.data.preprocess.time_axis import TimeAxis
from deepglass.data.preprocess.windows import Steps, Windows, as_tensor
from deepglass.data.series.columns import Columns
from deepglass.data.series.scales import spreads

MOST_STEPS, MOST_WAVES = 1 << 20, 1 << 10  # of a plan that anybody could mean
NEVER = 1e-6  # a known share of a future above this is a future of which something is known


@dataclass(frozen=True)
class SeriesPlan:
    """How a table becomes windows.

    `standardizer` holds the targets first, then the covariates; of many series the targets have level 0 and deviation
    1 there, and `spread` (series, targets) is what each is divided by. `mase_scale` (series, targets) is the error of
    repeating the last season in training, NaN where a series never changes. `lowest` (targets,) is the smallest
    possible value, NaN where there is none.
    """

    axis: TimeAxis
    columns: Columns
    standardizer: Standardizer
    known_scale: Standardizer
    static_scale: Standardizer
    names: list[tuple[str, ...]]
    spread: np.ndarray
    mase_scale: np.ndarray
    lowest: np.ndarray
    season: int
    baseline_lag: int
    horizon: int
    context: int
    periods: tuple[tuple[float, int], ...] = ()
    covariate_lags: int = 0

    @property
    def targets(self) -> list[str]:
        return self.columns.targets

    @property
    def covariates(self) -> list[str]:
        return self.columns.covariates

    @property
    def is_long(self) -> bool:
        """Whether a table holds many series, each with rows of its own."""
        return bool(self.columns.keys)

    @property
    def least_past(self) -> int:
        """Steps of a past from which a forecast is made; of one series the whole context."""
        return max(2, self.context // 4) if self.is_long else self.context

    @property
    def dims(self) -> dict[str, int]:
        """What a forecasting model must be told."""
        sizes = {"num_series": len(self.targets), "num_covariates": len(self.covariates)}
        num_known = moments.count(self.periods) + self.columns.widths[2]
        more = {
            "num_known": num_known,
            "num_static": len(self.static_scale.mean),
            "covariate_lags": self.covariate_lags,
        }
        return {"context": self.context, "horizon": self.horizon, **sizes, **{k: v for k, v in more.items() if v}}

    @property
    def deviations(self) -> np.ndarray:
        """(series, targets) standard deviations in training."""
        return self.spread if self.is_long else self.standardizer.std[None, : len(self.targets)]

    def series(self, table: Table) -> Series:
        """The columns of the plan on the time axis of the training.

        Raises:
            DataError: If a column is missing, or the times are not those of the calendar.
        """
        series = series_of(table, self.axis.column, self.columns.numbers(table), self.columns.keys, self.axis)
        return replace(series, static=self.columns.statics(table, series))

    def steps(self, series: Series) -> tuple[Steps, np.ndarray]:
        """The series as windows look at them, and the step (series,) that the first row of each has become."""
        front = self.context - self.least_past
        room = front + self.horizon
        ends = last_known(series, len(self.targets))
        counts = ends - series.starts[:-1]
        begins = np.concatenate([[0], np.cumsum(counts + room)])
        place = np.arange(len(series)) - series.starts[series.series_of_row] + begins[series.series_of_row] + front
        is_used = place < begins[series.series_of_row + 1]  # of what is known in advance, no more than the horizon
        values, covariates, known = self._matrices(series, place[is_used], is_used, int(begins[-1]), begins)
        truth = np.where(_before(begins, front + counts)[:, None], values, np.nan)
        of_step = np.repeat(np.arange(len(series.names)), np.diff(begins))
        level, spread = self._scales(series)
        own = torch.from_numpy(truth)
        values, truth = ((part - level[of_step]) / spread[of_step] for part in (values, truth))
        start = np.full(len(self.targets), np.nan) if self.is_long else np.zeros(len(self.targets))
        times = self._times(series, begins, front)
        features, moment_of = self._moments(times, len(of_step))
        return (
            Steps(
                values=as_tensor(filled(values, start, begins)),
                covariates=as_tensor(filled(covariates, np.zeros(covariates.shape[1]), begins)),
                truth=as_tensor(truth),
                known=as_tensor(filled(known, np.zeros(known.shape[1]), begins)),
                moments=features,
                moment_of=moment_of,
                static=as_tensor(np.nan_to_num(self.static_scale.forward(series.static))),
                series_of=torch.from_numpy(of_step),
                level=torch.from_numpy(level),
                spread=torch.from_numpy(spread),
                is_relative=self.is_long,
                times=times,
                names=tuple(series.names),
                own=own,
            ),
            begins[:-1] + front,
        )

    def windows(self, steps: Steps, origins: Tensor) -> Windows:
        """Windows whose futures begin at `origins`, which may be the step after the last."""
        return Windows(steps, origins, self.context, self.horizon)

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        plain = ("season", "baseline_lag", "horizon", "context", "periods", "covariate_lags")
        scalers = ("standardizer", "known_scale", "static_scale")
        return {
            "axis": self.axis.state(),
            "targets": self.targets,
            "covariates": self.covariates,
            **self.columns.state(),
            **{name: getattr(self, name).state() for name in scalers},
            "names": [list(name) for name in self.names],
            "spread": self.spread.tolist(),
            "mase_scale": _without_nan(self.mase_scale),
            "lowest": _without_nan(self.lowest),
            **{name: getattr(self, name) for name in plain},
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "SeriesPlan":
        """The plan that gave `state`, also one of a version that knew one series only.

        Raises:
            ValueError: If it does not fit.
        """
        axis, targets = TimeAxis.from_state(state["axis"]), read(state, "targets", list[str])
        columns = build(
            Columns,
            {name: state[name] for name in ("keys", "covariates", "known", "static", "levels") if name in state},
            **{"time": axis.column, "targets": targets} | ({} if "keys" in state else {"keys": ()}),
        )
        none, width = {"mean": [], "std": []}, len(targets)
        names = read(state, "names", list[tuple[str, ...]], [()])
        found = cls(
            axis=axis,
            columns=columns,
            standardizer=Standardizer.from_state(state["standardizer"]),
            known_scale=Standardizer.from_state(state.get("known_scale", none)),
            static_scale=Standardizer.from_state(state.get("static_scale", none)),
            names=names,
            spread=np.array(read(state, "spread", list[list[float]], [[1.0] * width]), np.float64),
            mase_scale=_with_nan(read(state, "mase_scale", list[Any])).reshape(-1, width),
            lowest=_with_nan(read(state, "lowest", list[float | None], [None] * width)),
            season=read(state, "season", int),
            baseline_lag=read(state, "baseline_lag", int, state["season"]),
            horizon=read(state, "horizon", int),
            context=read(state, "context", int),
            periods=read(state, "periods", tuple[tuple[float, int], ...], ()),
            covariate_lags=read(state, "covariate_lags", int, 0),
        )
        found.require_fit()
        return found

    def require_fit(self) -> None:
        """Check a plan that was read back.

        Raises:
            ValueError: If its sizes do not fit each other, or no machine could bear them.
        """
        width, columns = len(self.targets), self.columns
        for name in ("season", "baseline_lag", "horizon", "context"):
            require_between(getattr(self, name), 1, MOST_STEPS, name)
        require_between(self.covariate_lags, 0, self.context, "covariate_lags")
        require(width > 0 and len(set(columns.needed)) == len(columns.needed), "columns, each of them in one role")
        require(all(len(name) == len(columns.keys) for name in self.names), "a word of every key in every name")
        require(len(self.standardizer.mean) == width + len(columns.covariates), "a scale of every column")
        require(len(self.known_scale.mean) == len(columns.expanded(columns.known)), "a scale of what is known")
        require(len(self.static_scale.mean) == len(columns.expanded(columns.static)), "a scale of what never changes")
        require(self.spread.shape == (len(self.names), width), "a spread of every series")
        require(bool((self.spread > 0).all()), "spreads above 0")
        require(self.mase_scale.shape == (len(self.names), width), "an error to divide by for every series")
        require(self.lowest.shape == (width,), "a smallest value, or none, of every target")
        for days, waves in self.periods:
            require(days > 0 and 1 <= waves <= MOST_WAVES, "periods", (days, waves))

    # -- pieces -------------------------------------------------------------------------------------------------

    def _matrices(
        self, series: Series, place: np.ndarray, is_used: np.ndarray, count: int, begins: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Targets, covariates and known columns (count, …) among the steps; the last two standardised."""
        laid_out = np.full((count, series.values.shape[1]), np.nan)
        laid_out[place] = series.values[is_used]
        values, covariates, known = np.split(laid_out, np.cumsum(self.columns.widths)[:-1], axis=1)
        mean, std = (part[len(self.targets) :] for part in (self.standardizer.mean, self.standardizer.std))
        return values, (covariates - mean) / std, self.known_scale.forward(known)

    def _scales(self, series: Series) -> tuple[np.ndarray, np.ndarray]:
        """Level and spread (series, targets): of one series those of training, of many each its own."""
        S = len(self.targets)
        if not self.is_long:
            return self.standardizer.mean[None, :S], self.standardizer.std[None, :S]
        known = dict(zip(self.names, self.spread, strict=True))
        own = spreads(series, S, None)
        return np.zeros_like(own), np.stack([known.get(name, own[i]) for i, name in enumerate(series.names)])

    def _times(self, series: Series, begins: np.ndarray, front: int) -> np.ndarray | None:
        """The time of each step; beyond the last row the calendar goes on. None where steps are only counted."""
        if self.axis.is_counted:
            return None
        times, following = np.empty(int(begins[-1]), series.times.dtype), {}
        for i, (start, end) in enumerate(zip(series.starts[:-1], last_known(series, len(self.targets)), strict=True)):
            own = series.times[start:end]
            if (last := own[-1]) not in following:
                following[last] = self.axis.after(last, self.horizon)
            times[begins[i] : begins[i + 1]] = np.concatenate([np.repeat(own[:1], front), own, following[last]])
        return times

    def _moments(self, times: np.ndarray | None, count: int) -> tuple[Tensor, Tensor]:
        """Features of all different times, and the time of each step."""
        if times is None or not self.periods:
            return torch.zeros(1, 0), torch.zeros(count, dtype=torch.int64)
        different, place = np.unique(times, return_inverse=True)
        features = moments.features(torch.from_numpy(self.axis.days(different)), self.periods)
        return features, torch.from_numpy(place)


def last_known(series: Series, num_targets: int) -> np.ndarray:
    """The row (series,) after the last in which a target of each series is known: what follows is the future."""
    rows = np.arange(1, len(series) + 1)
    is_known = np.isfinite(series.values[:, :num_targets]).any(axis=1)
    last = np.maximum.reduceat(np.where(is_known, rows, 0), series.starts[:-1])
    return np.where(last > series.starts[:-1], last, series.starts[1:])


def _before(begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Which steps (T,) lie before the end of their series."""
    return np.arange(begins[-1]) < np.repeat(begins[:-1] + ends, np.diff(begins))


def _with_nan(values: list[Any]) -> np.ndarray:
    """What `_without_nan` made JSON of."""
    return np.array(values, np.float64)


def _without_nan(values: np.ndarray) -> Any:
    """As JSON can hold it: NaN becomes None."""
    return np.where(np.isnan(values), None, values).tolist()
