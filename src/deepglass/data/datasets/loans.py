"""Loans: 3,000 generated applicants of two districts, and a clerk who refused some southerners who would have repaid.

Both districts repay alike. The record does not say so: of the southerners who would have repaid, `BIAS` were refused,
whatever else was known of them. Nothing in the record tells who they are. The distance to the harbour has no part in
who repays, and nearly gives the district away.

References:
    Blum & Stangl (2020), Recovering from Biased Data: Can Fairness Constraints Improve Accuracy?,
    https://arxiv.org/abs/1912.01094 (good labels of one group turned into bad ones, each with the same chance)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
ROWS, BIAS = 3000, 0.4
SOUTH = 0.4  # share of the applicants
UNSEEN = 0.5  # deviation of what decides whether somebody repays and stands in no column


def load() -> Table:
    """The table with the clerk's decision as column `approved`; who would have repaid is not in it."""
    frame = applicants(ROWS).drop(columns="repays")
    return Table(frame, "loans", target="approved", task="tabular-classification", licence=LICENCE)


def applicants(rows: int, seed: int = 0, bias: float = BIAS, apart: float = 0.0) -> pd.DataFrame:
    """People with a column `repays`, the truth, and `approved`, what the clerk decided.

    Args:
        rows: How many.
        seed: Of everything about them.
        bias: Chance that a southerner who would have repaid was refused.
        apart: How much better off the north is, in deviations: then its share of those who repay is larger.
    """
    rng = np.random.default_rng(seed)
    is_south = rng.random(rows) < SOUTH
    means = rng.normal(size=rows) + apart * np.where(is_south, -0.5, 0.5)
    repays = means + UNSEEN * rng.normal(size=rows) > 0
    frame = pd.DataFrame(
        {
            "income": 30 + 8 * (means + 0.6 * rng.normal(size=rows)),
            "balance": 4 * (means + 0.8 * rng.normal(size=rows)),
            "distance": np.where(is_south, 8, 4) + 1.2 * rng.normal(size=rows),
        }
    ).round(2)
    refused = is_south & (rng.random(rows) < bias)
    frame["district"] = np.where(is_south, "south", "north")
    frame["repays"] = np.where(repays, "yes", "no")
    frame["approved"] = np.where(repays & ~refused, "yes", "no")
    return frame
