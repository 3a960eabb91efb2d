"""How far to look back and ahead, and where training ends: sizes that the length and the rhythm of a series suggest.

The future is never trained on: the first part trains, the next chooses the epoch, the last tests. Pasts of
validation and test may reach back over the border, as in the field's standard protocol: at the time of a forecast
everything before it is known.
"""

import re

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.preprocess.time_axis import TimeAxis
from deepglass.data.splits import fraction_of

HOUR, DAY, WEEK, MONTH, YEAR = 3600.0, 86400.0, 604800.0, 28 * 86400.0, 365.2425 * 86400.0  # seconds
DEFAULT_HORIZON = 12  # steps where nothing tells the time
HORIZONS_BACK = 3.5  # context in horizons: 336 steps for 96, as in Zeng et al. (2023)
FEWEST_STEPS = 8  # less of a past shows no trend
USUAL_CONTEXT, LARGEST_CONTEXT = 0.25, 0.5  # of the training part: enough windows must be left to learn from
LONGEST_CONTEXT = 1_024  # steps; two seasons of a year of days, or six weeks of hours

Bounds = tuple[int, int, int]  # where training, validation and test end


def default_horizon(step_seconds: float | None) -> int:
    """What people plan for: an hour of minutes, a day of hours, two weeks, a quarter, a year, two years of quarters."""
    if step_seconds is None:
        return DEFAULT_HORIZON
    if step_seconds < DAY / 2:
        span = HOUR if step_seconds < 300 else DAY
        return max(1, round(span / step_seconds))
    steps = {14: 1.2 * DAY, 10: 2 * DAY, 13: 2 * WEEK, 12: 2 * MONTH, 8: 5 * MONTH}  # for steps up to so many seconds
    return next((horizon for horizon, longest in steps.items() if step_seconds < longest), 6)


def horizon_of(axis: TimeAxis) -> int:
    """The usual horizon of a calendar; where it has several times per day and not every hour, those of a day."""
    a_day = slots_per_day(axis)
    return a_day if a_day > 1 else default_horizon(axis.seconds)


def slots_per_day(axis: TimeAxis) -> int:
    """The most times that a day has in a calendar of slots; 0 for any other."""
    if axis.unit != "slots":
        return 0
    return int(np.unique(np.array(axis.slots) // DAY, return_counts=True)[1].max())


def proposed_seasons(axis: TimeAxis) -> list[int]:
    """An hour, a day, a week and a year in steps, as far as they are several."""
    if axis.seconds is None:
        return []
    lengths = {round(period / axis.seconds) for period in (HOUR, DAY, WEEK, YEAR)}
    if a_day := slots_per_day(axis):
        lengths = {a_day, *(round(period / axis.seconds) for period in (WEEK, YEAR))}
    return sorted(length for length in lengths if length > 1)


def default_context(horizon: int, season: int, largest: int) -> int:
    """Three and a half horizons or two seasons, in whole seasons as far as there is room."""
    wanted = int(np.ceil(max(HORIZONS_BACK * horizon, 2 * season, FEWEST_STEPS) / season)) * season
    return wanted if wanted <= largest else max(1, largest // season * season or largest)


def contexts_to_try(horizon: int, season: int, train_steps: int, largest: int) -> list[int]:
    """Lengths of the past among which the validation part decides, the usual one first.

    Args:
        horizon, season: In steps.
        train_steps: Of the training part, a quarter of which is the longest usual past.
        largest: The longest past that leaves windows to learn from.
    """
    usual = default_context(horizon, season, max(1, min(largest, int(USUAL_CONTEXT * train_steps))))
    others = {2 * usual, season, int(np.ceil(HORIZONS_BACK * horizon)), max(FEWEST_STEPS, 2 * horizon)} - {usual}
    return [usual, *sorted(length for length in others if FEWEST_STEPS <= length <= largest)]


def bounds_of(
    count: int,
    config: DataConfig,
    asked: str | None = None,
    step_seconds: float | None = None,
    declared: dict[str, np.ndarray] | None = None,
    horizon: int = 1,
) -> Bounds:
    """Where the training, the validation and the test part end.

    Args:
        count: Steps of the series.
        config: Its fractions divide the series where nothing else does.
        asked: Lengths of the three parts, in steps ("8640,2880,2880") or time ("360d,120d,120d").
        step_seconds: Length of a step, for lengths in time.
        declared: Positions of splits that the data bring along.
        horizon: Validation and test are at least so long, where no fraction was asked for and there is room.

    Raises:
        OptionError: If `asked` cannot be read or asks for more than there is.
        DataError: If declared splits overlap or do not follow each other in time.
    """
    if asked:
        return _asked_bounds(count, asked, step_seconds)
    if declared:
        return _declared_bounds(count, config, declared, horizon)
    test = _part(count, "test", config.test_fraction, horizon)
    val = _part(count - test, "val", config.val_fraction, horizon)
    return count - test - val, count - test, count


def _part(count: int, name: str, asked: float | None, horizon: int) -> int:
    """Steps of a part that is cut off the end of `count`."""
    share = max(1, round(count * fraction_of(name, asked)))
    return share if asked is not None or horizon > count // 4 else max(share, horizon)


def require_room(bounds: Bounds, context: int, horizon: int) -> None:
    """Check that every part has room for at least one window.

    Raises:
        DataError: If not; says which part is short of what.
    """
    train_end, val_end, test_end = bounds
    if train_end < context + horizon:
        raise DataError(
            f"the training part has {train_end} steps, but one window needs {context + horizon} (context {context} + "
            f"horizon {horizon}): choose a smaller --context or --horizon, or give a longer series"
        )
    for part, steps in (("val", val_end - train_end), ("test", test_end - val_end)):
        if steps < horizon:
            raise DataError(
                f"the {part} part has {steps} steps, but one forecast needs {horizon}: choose a smaller --horizon, a "
                f"larger --{part}-fraction, or give a longer series"
            )


def _asked_bounds(count: int, asked: str, step_seconds: float | None) -> Bounds:
    parts = [part.strip() for part in asked.split(",")]
    if len(parts) != 3:
        raise OptionError(f"--splits: expected three lengths such as 8640,2880,2880 or 360d,120d,120d, got {asked!r}")
    lengths = [_steps(part, step_seconds) for part in parts]
    if sum(lengths) > count:
        raise OptionError(f"--splits {asked}: {sum(lengths):,} steps asked for, but the series has {count:,}")
    train, val, test = np.cumsum(lengths).tolist()
    return train, val, test


def _steps(length: str, step_seconds: float | None) -> int:
    if length.isdigit() and int(length) > 0:
        return int(length)
    try:
        seconds = pd.Timedelta(re.sub(r"(\d)\s*d$", r"\1D", length)).total_seconds()  # pandas writes days as D
    except ValueError:
        raise OptionError(f"--splits: expected a number of steps or a time such as 360d, got {length!r}") from None
    if step_seconds is None or seconds < step_seconds:
        raise OptionError(f"--splits: {length!r} is no whole step of this series; give numbers of steps")
    return round(seconds / step_seconds)


def _declared_bounds(count: int, config: DataConfig, declared: dict[str, np.ndarray], horizon: int) -> Bounds:
    if "test" not in declared:
        raise DataError("a declared validation part needs a declared test part after it: give both, or use --splits")
    test_start, test_end = int(declared["test"].min()), int(declared["test"].max()) + 1
    val_length = _part(test_start, "val", config.val_fraction, horizon)
    val_start = int(declared["val"].min()) if "val" in declared else test_start - val_length
    borders = {"train": (0, val_start if "val" in declared else test_start), "val": (val_start, test_start)}
    for part, (start, stop) in borders.items():
        rows = declared.get(part, np.array([start]))
        if rows.min() < start or rows.max() >= stop:
            raise DataError(
                f"the declared {part} part covers steps {rows.min() + 1} to {rows.max() + 1}: expected train, val and "
                "test to follow each other in time; correct the split, or give lengths with --splits"
            )
    return val_start, test_start, test_end
