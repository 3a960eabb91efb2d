"""Year, month, day, hour … in columns of their own, put together to one column of times."""

import pandas as pd

TIME = "time"  # the column that is made of them


def with_time(frame: pd.DataFrame, parts: list[str]) -> pd.DataFrame:
    """The frame with one column `time` in front in the place of its parts; NaT where they are no date.

    Args:
        parts: The columns for year, month, day and so on, called so in any case.
    """
    fields = {name.lower(): frame[name] for name in parts} | ({"day": 1} if len(parts) == 2 else {})
    times = pd.to_datetime(pd.DataFrame(fields, index=frame.index), errors="coerce")
    frame = frame.drop(columns=parts)
    frame.insert(0, TIME, times)
    return frame
