"""Where forecasts begin: in training, validation and test, at every step of new data, or after its end."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted
from deepglass.data.preprocess.series import Series
from deepglass.data.preprocess.windows import Steps, Windows
from deepglass.data.series.choice import Parts, short_names
from deepglass.data.series.plan import NEVER, SeriesPlan, last_known

PARTS = ("train", "val", "test")
MAX_VALUES = 20_000_000  # forecast values held at once; longer evaluations forecast at every n-th step only


def rows_of(plan: SeriesPlan, series: Series, parts: Parts, code: int, stride: int = 1) -> np.ndarray:
    """Rows of the series at which the futures of a part begin; in validation and test one may be cut off by the end."""
    found = []
    for start, end in zip(series.starts[:-1], series.starts[1:], strict=True):
        own = np.flatnonzero(parts.part[start:end] == code)
        if len(own) == 0:
            continue
        begin, stop = start + max(own[0], plan.least_past), start + own[-1] + 1 - plan.horizon + 1
        if code and stop <= begin <= start + own[-1]:
            stop = begin + 1  # shorter than a horizon: what is known of it is scored
        found.append(np.arange(begin, stop, stride))
    return np.concatenate([*found, np.array([], int)]).astype(np.int64)


def steps_of(series: Series, first: np.ndarray, rows: np.ndarray) -> Tensor:
    """Rows of the series as steps; `first` (series,) is the step of the first row of each."""
    group = np.searchsorted(series.starts, rows, side="right") - 1
    return torch.from_numpy(first[group] + rows - series.starts[group])


def part_windows(
    plan: SeriesPlan, series: Series, parts: Parts, steps: Steps, first: np.ndarray, stride: int
) -> tuple[dict[str, Windows], dict[str, np.ndarray], list[Guess]]:
    """The windows of the three parts, the rows at which their futures begin, and what was left out.

    Raises:
        DataError: If a part has no window of whose future anything is known.
    """
    windows, rows, guesses = {}, {}, []
    for code, name in enumerate(PARTS):
        values = int((parts.part == code).sum()) * plan.horizon * len(plan.targets)
        own = rows_of(plan, series, parts, code, stride if code == 0 else max(1, values // MAX_VALUES))
        origins = steps_of(series, first, own)
        found = plan.windows(steps, origins).with_known_future(NEVER)
        if len(found) == 0:
            raise DataError(_no_window(name, plan, len(own)))
        windows[name] = found
        rows[name] = own[np.isin(origins.numpy(), found.origins.numpy())]
    if plan.is_long:
        guesses += _left_out(plan, series, rows["train"])
    return windows, rows, guesses


def calibration_windows(plan: SeriesPlan, series: Series, parts: Parts, steps: Steps, first: np.ndarray) -> Windows:
    """Windows that reach into the validation part, of whose futures only what lies in it counts.

    A forecast may begin before that part: none of what it is compared with was trained on.
    """
    truth = torch.full_like(steps.truth, torch.nan)
    inside = steps_of(series, first, np.flatnonzero(parts.part == 1))
    truth[inside] = steps.truth[inside]
    rows = []
    for start, end in zip(series.starts[:-1], series.starts[1:], strict=True):
        own = np.flatnonzero(parts.part[start:end] == 1)
        if len(own):
            rows.append(np.arange(start + max(plan.least_past, own[0] - plan.horizon + 1), start + own[-1] + 1))
    origins = steps_of(series, first, np.concatenate([*rows, np.array([], int)]).astype(np.int64))
    return plan.windows(replace(steps, truth=truth), origins).with_known_future(NEVER)


def rolling_windows(
    plan: SeriesPlan, series: Series, steps: Steps, first: np.ndarray, name: str
) -> tuple[Windows, np.ndarray]:
    """A forecast at every step of new data that has a past and a future, and the rows at which they begin.

    Raises:
        DataError: If there is none.
    """
    ends = last_known(series, len(plan.targets))
    rows = np.concatenate([
        np.arange(start + plan.least_past, end - plan.horizon + 1)
        for start, end in zip(series.starts[:-1], ends, strict=True)
    ])  # fmt: skip
    if len(rows) == 0:
        longest = int((ends - series.starts[:-1]).max())
        raise DataError(
            f"{name} has {longest} steps: expected at least {plan.least_past} of the past and {plan.horizon} of its "
            "future, the most recent last; give a longer series"
        )
    origins = steps_of(series, first, rows)
    windows = plan.windows(steps, origins).with_known_future(NEVER)
    if len(windows) == 0:
        raise DataError(f"{name} has nothing but gaps in every future of {plan.horizon} steps: nothing to compare")
    return windows, rows[np.isin(origins.numpy(), windows.origins.numpy())]


def windows_ahead(
    plan: SeriesPlan, series: Series, steps: Steps, first: np.ndarray, name: str
) -> tuple[Windows, np.ndarray, list[str]]:
    """One forecast beyond the end of each series, which series those are, and warnings.

    Raises:
        DataError: If no past is long enough.
    """
    ends = last_known(series, len(plan.targets))
    lengths = ends - series.starts[:-1]
    chosen = np.flatnonzero(lengths >= plan.least_past)
    if len(chosen) == 0:
        raise DataError(
            f"{name} has {int(lengths.max())} steps: expected at least {plan.least_past} of the past, the most recent "
            "last; give a longer series"
        )
    warnings = _warnings(plan, series, chosen, lengths)
    origins = torch.from_numpy(first + lengths)[torch.from_numpy(chosen)]
    return plan.windows(steps, origins), chosen, warnings


def steps_given(plan: SeriesPlan, series: Series, chosen: np.ndarray) -> np.ndarray:
    """How many steps ahead each series (chosen,) can be forecast: as many as have what is known in advance.

    Raises:
        DataError: If a series has none.
    """
    if not plan.columns.known:
        return np.full(len(chosen), plan.horizon)
    given = (series.starts[1:] - last_known(series, len(plan.targets)))[chosen]
    if (given == 0).any():
        lacking = [series.names[i] for i in chosen[given == 0]]
        of = f" of {short_names(lacking)}" if plan.is_long else ""
        raise DataError(
            f"{', '.join(plan.columns.known)}: known in advance, so the future is needed too{of}: add up to "
            f"{counted(plan.horizon, 'row')} after the last, with {', '.join(plan.targets)} left empty"
        )
    return np.minimum(given, plan.horizon)


def _no_window(name: str, plan: SeriesPlan, count: int) -> str:
    if count:
        return f"every {name} window has gaps throughout its future: choose other --splits, or fill the gaps"
    if plan.is_long:
        return (
            f"no series has {plan.least_past} rows and a future in the {name} part: choose a smaller --context or "
            "--horizon, or give longer series"
        )
    return f"the {name} part has no window of context {plan.context} and horizon {plan.horizon}: choose smaller ones"


def _left_out(plan: SeriesPlan, series: Series, rows: np.ndarray) -> list[Guess]:
    """Series without a window to learn from."""
    with_windows = np.unique(np.searchsorted(series.starts, rows, side="right") - 1)
    without = np.setdiff1d(np.arange(len(series.names)), with_windows)
    if len(without) == 0:
        return []
    such = short_names([series.names[i] for i in without])
    why = f"too short, or too late, for a window in the training part, such as {such}"
    return [Guess("not learnt from", f"{len(without):,} of {len(series.names):,} series", why, "--context")]


def _warnings(plan: SeriesPlan, series: Series, chosen: np.ndarray, lengths: np.ndarray) -> list[str]:
    """What is special about the series of new data."""
    found = []
    known = set(plan.names)
    new = [series.names[i] for i in chosen if series.names[i] not in known]
    if plan.is_long and new:
        found.append(
            f"{short_names(new)}: not in the training; forecast as the other series, from the past that is given"
        )
    short = [series.names[i] for i in np.flatnonzero(lengths < plan.least_past)]
    if short:
        found.append(f"{short_names(short)}: left out, for less than {plan.least_past} rows of past are too few")
    return found
