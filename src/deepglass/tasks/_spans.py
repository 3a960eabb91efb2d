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
from deepglass.data.splits import fraction_of, split_by_time

HOUR, DAY, WEEK, MONTH = 3600.0, 86400.0, 604800.0, 28 * 86400.0  # seconds
DEFAULT_HORIZON = 12  # steps where nothing tells the time
HORIZONS_BACK = 3.5  # context in horizons: 336 steps for 96, as in Zeng et al. (2023)
FEWEST_STEPS = 8  # less of a past shows no trend
LARGEST_CONTEXT = 0.25  # of the training part: enough windows must be left to learn from

Bounds = tuple[int, int, int]  # where training, validation and test end


def default_horizon(step_seconds: float | None) -> int:
    """What people plan for: an hour of minutes, a day of hours, two weeks, a quarter, a year, two years of quarters."""
    if step_seconds is None:
        return DEFAULT_HORIZON
    if step_seconds < DAY / 2:
        span = HOUR if step_seconds < 300 else DAY
        return max(1, round(span / step_seconds))
    steps = {14: 2 * DAY, 13: 2 * WEEK, 12: 2 * MONTH, 8: 5 * MONTH}  # horizon: for steps up to so many seconds
    return next((horizon for horizon, longest in steps.items() if step_seconds < longest), 6)


def default_context(horizon: int, season: int, train_steps: int) -> int:
    """Three and a half horizons or two seasons, in whole seasons, at most a quarter of the training part."""
    wanted = int(np.ceil(max(HORIZONS_BACK * horizon, 2 * season, FEWEST_STEPS) / season)) * season
    largest = max(1, int(LARGEST_CONTEXT * train_steps))
    return wanted if wanted <= largest else largest // season * season or largest


def bounds_of(
    count: int,
    config: DataConfig,
    asked: str | None = None,
    step_seconds: float | None = None,
    declared: dict[str, np.ndarray] | None = None,
) -> Bounds:
    """Where the training, the validation and the test part end.

    Args:
        count: Steps of the series.
        config: Its fractions divide the series where nothing else does.
        asked: Lengths of the three parts, in steps ("8640,2880,2880") or time ("360d,120d,120d").
        step_seconds: Length of a step, for lengths in time.
        declared: Positions of splits that the data bring along.

    Raises:
        OptionError: If `asked` cannot be read or asks for more than there is.
        DataError: If declared splits overlap or do not follow each other in time.
    """
    if asked:
        return _asked_bounds(count, asked, step_seconds)
    if declared:
        return _declared_bounds(count, config, declared)
    parts = split_by_time(count, val_fraction=config.val_fraction, test_fraction=config.test_fraction)
    return len(parts["train"]), len(parts["train"]) + len(parts["val"]), count


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


def _declared_bounds(count: int, config: DataConfig, declared: dict[str, np.ndarray]) -> Bounds:
    if "test" not in declared:
        raise DataError("a declared validation part needs a declared test part after it: give both, or use --splits")
    test_start, test_end = int(declared["test"].min()), int(declared["test"].max()) + 1
    val_length = max(1, round(test_start * fraction_of("val", config.val_fraction)))
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
