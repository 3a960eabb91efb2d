"""Time zones of a column of times: told from the offsets that are written, or from an hour that comes twice.

Where clocks are put back in autumn an hour comes twice on the wall, and in spring one is left out. A column with
offsets (+01:00, +02:00) tells the two apart; a column without needs the zone, `--time-zone Europe/Berlin`.
"""

from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd
import pyarrow as pa

from deepglass.core.calendar import CLOCK, zone_of
from deepglass.core.errors import DataError, OptionError

OFFSET = r"(Z|[+-]\d{2}:?\d{2})\s*$"
PREFERRED = (  # the zones that most people mean, of several with the same clocks
    "Europe/Berlin", "Europe/London", "Europe/Athens", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Halifax", "America/Sao_Paulo", "Australia/Sydney", "Australia/Adelaide",
    "Pacific/Auckland", "Asia/Jerusalem", "Africa/Cairo",
)  # fmt: skip
PROBES = 400  # times by which zones are told apart


def offsets_of(words: pd.Series) -> np.ndarray | None:
    """Minutes from UTC that each cell (n,) ends in, NaN where it ends in none; None where no cell has any."""
    found = words.str.extract(OFFSET, expand=False)
    if found.isna().all():
        return None
    parts = found.str.extract(r"([+-])(\d{2}):?(\d{2})")
    minutes = parts[1].astype(float) * 60 + parts[2].astype(float)
    return np.where(found == "Z", 0.0, minutes * np.where(parts[0] == "-", -1.0, 1.0))


def zone_written(words: pa.Array, times: np.ndarray) -> str | None:
    """The zone in which dates (n,) are written, `UTC` where several fit none; None where no cell has an offset.

    Args:
        words: The cells.
        times: (n,) datetime64, the same in UTC.
    """
    offsets = offsets_of(words.to_pandas())
    return None if offsets is None else zone_of_offsets(times, offsets) or "UTC"


def zone_of_offsets(times: np.ndarray, offsets: np.ndarray) -> str | None:
    """The zone whose clocks show these offsets: `+01:00` where there is one, else a name such as Europe/Berlin.

    Args:
        times: (n,) datetime64 in UTC.
        offsets: (n,) minutes from UTC.

    Returns:
        None where cells lack an offset, or no zone has all of them.
    """
    if not np.isfinite(offsets).all():
        return None
    different = np.unique(offsets)
    if len(different) == 1:
        sign, minutes = "-" if different[0] < 0 else "+", abs(int(different[0]))
        return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    order = np.argsort(times, kind="stable")
    times, offsets = times[order].astype(CLOCK), offsets[order]
    changes = np.flatnonzero(np.diff(offsets))
    probes = np.unique(np.concatenate([changes, changes + 1, np.linspace(0, len(times) - 1, 20).astype(int)]))[:PROBES]
    return next((zone for zone in _zones() if _shows(zone, times[probes], offsets[probes])), None)


def zone_of_doubled(times: pd.Series) -> tuple[str, Any] | None:
    """The zone in which every time that comes twice (in one hour of one night) does so, and the first of them.

    Args:
        times: On the wall, in any order, without repeated rows.
    """
    doubled = pd.DatetimeIndex(times[times.duplicated(keep=False)].unique()).sort_values()
    nights = doubled.normalize().unique()
    if len(doubled) == 0 or len(doubled) > 60 * len(nights) or len(nights) > max(2, times.dt.year.nunique() + 1):
        return None
    fitting = (zone for zone in _zones() if all(_is_doubled(zone, time) for time in doubled))
    zone = next(fitting, None)
    return (zone, doubled[0]) if zone else None


def to_utc(times: pd.Series, zone: str, name: str) -> pd.Series:
    """Times on the wall of a zone, in UTC without zone; of an hour that comes twice the first row is the first.

    Raises:
        OptionError: If there is no such zone.
        DataError: If a time is left out by the clocks of the zone.
    """
    own = require_zone(zone)
    wall = pd.DatetimeIndex(times)
    is_first = ~pd.Series(wall).duplicated().to_numpy()
    localized = wall.tz_localize(own, ambiguous=is_first, nonexistent="NaT")
    if (lost := localized.isna() & wall.notna()).any():
        raise DataError(
            f"{name}: {wall[lost][0]} does not exist in {zone}, where clocks jump over it: name another --time-zone, "
            "or correct the time"
        )
    return pd.Series(localized.tz_convert("UTC").tz_localize(None), index=times.index, name=times.name)


def to_wall(times: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """Times in UTC as the clocks of a zone show them."""
    return times.tz_localize("UTC").tz_convert(zone_of(zone)).tz_localize(None)


def require_zone(zone: str) -> Any:
    """The zone of a name.

    Raises:
        OptionError: If there is none.
    """
    try:
        return zone_of(zone)
    except ValueError:
        near = [name for name in sorted(available_timezones()) if zone.lower().replace(" ", "_") in name.lower()][:3]
        hint = f"did you mean {' or '.join(near)}?" if near else "give a name such as Europe/Berlin, UTC or +01:00"
        raise OptionError(f"--time-zone: no zone is called {zone!r}; {hint}") from None


@cache
def _zones() -> tuple[str, ...]:
    """Names of zones, those that most people mean first."""
    others = (name for name in sorted(available_timezones()) if "/" in name and not name.startswith("Etc/"))
    return (*PREFERRED, *others)


def _shows(zone: str, times: np.ndarray, offsets: np.ndarray) -> bool:
    own, utc = ZoneInfo(zone), zone_of("+00:00")
    return all(
        time.replace(tzinfo=utc).astimezone(own).utcoffset().total_seconds() == 60 * offset
        for time, offset in zip(times.tolist(), offsets.tolist(), strict=True)
    )


def _is_doubled(zone: str, time: pd.Timestamp) -> bool:
    """Whether the clocks of a zone show this time twice."""
    first = time.to_pydatetime().replace(tzinfo=ZoneInfo(zone))
    return first.utcoffset() > first.replace(fold=1).utcoffset()
