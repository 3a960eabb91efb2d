import numpy as np
import pandas as pd

from deepglass.data.containers import Table

SETTINGS = {"horizon": 4, "context": 8}
SHOWN = ("recent",)  # kept for people, and not learnt from


def data() -> Table:
    rng, days = np.random.default_rng(0), np.arange(120)
    load = np.sin(2 * np.pi * days / 7) + 0.1 * rng.normal(size=120)
    return Table(pd.DataFrame({"day": pd.date_range("2024-01-01", periods=120), "load": load}), "power")


def spoilt(data: Table, part: str) -> Table:
    """With other values at the end, but for the last, or in the beginning, where training lies."""
    data.frame.loc[[112, 113] if part == "test" else [2, 3], "load"] = 5.0
    return data
