import numpy as np
import pandas as pd

from deepglass.data.containers import Table

SENSORS = [f"s{i:02}" for i in range(48)]


def data() -> Table:
    """48 sensors, each of one kind; those of kind 7 swing faster. Some began later, and a row is missing."""
    rng, parts = np.random.default_rng(0), []
    for sensor, kind in zip(SENSORS, rng.permutation([4, 7] * 24), strict=True):
        days = np.arange(int(rng.integers(0, 4)), 16)
        heat = np.sin(days * kind / 4) + 0.1 * rng.normal(size=len(days))
        day = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")
        parts.append(pd.DataFrame({"sensor": sensor, "day": day, "heat": heat, "damp": heat**2, "kind": kind}))
    frame = pd.concat(parts, ignore_index=True).drop(index=[5]).reset_index(drop=True)
    return Table(frame, "sensors", target="kind")


def spoil(data: Table, rows: np.ndarray) -> None:
    is_spoilt = data.frame["sensor"].isin([SENSORS[row] for row in rows])
    data.frame.loc[is_spoilt, ["heat", "damp"]] = 1e6
