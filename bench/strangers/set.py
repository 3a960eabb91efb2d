"""One data set of the bench: where its rows come from, what is to be predicted, and how it is divided."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
TEST_SHARE = 0.25
MOST_HORIZONS = 30  # of a test part of a series
SHIFTS = 16  # a further seed ends a series a sixteenth of it earlier


@dataclass(frozen=True)
class Set:
    """A data set.

    kind: "table", "text", "series" or "pictures".
    target: The column to predict.
    make: Gives all rows as a frame; of a series "time" and "value", of pictures "picture", an array of bytes each.
    group: A column whose rows stay together when the set is divided.
    horizon: Of a series, steps ahead.
    """

    name: str
    kind: str
    target: str
    make: Callable[[], pd.DataFrame]
    group: str | None = None
    horizon: int = 0

    def divided(self, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Three quarters to learn from, a quarter to test with, drawn by the seed; classes in the same shares.

        A series is divided by time, and another seed ends it earlier.
        """
        from sklearn.model_selection import GroupShuffleSplit, train_test_split

        frame = self.make().reset_index(drop=True)
        if self.kind == "series":
            frame = frame[: len(frame) - seed * (len(frame) // SHIFTS)]
            cut = len(frame) - min(int(TEST_SHARE * len(frame)), MOST_HORIZONS * self.horizon)
            return frame[:cut], frame[cut:]
        if self.group:
            drawing = GroupShuffleSplit(1, test_size=TEST_SHARE, random_state=seed)
            rows, _ = next(drawing.split(frame, groups=frame[self.group]))
            frame, train = frame.drop(columns=self.group), np.isin(np.arange(len(frame)), rows)
            return frame[train], frame[~train]
        strata = frame[self.target] if is_classification(frame[self.target]) else None
        train, test = train_test_split(frame, test_size=TEST_SHARE, random_state=seed, stratify=strata)
        return train, test


def is_classification(target: Any) -> bool:
    """Whether a target is a class: words, or few different whole numbers."""
    values = pd.Series(target)
    return values.dtype.kind not in "f" and (values.dtype.kind not in "iu" or values.nunique() <= 20)
