"""One data set of the bench: where its rows come from, what is to be predicted, and how it is divided."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@dataclass(frozen=True)
class Set:
    """A data set.

    kind: "table", "text", "series" or "pictures".
    target: The column to predict.
    make: Gives all rows as a frame.
    group: A column whose rows stay together when the set is divided.
    """

    name: str
    kind: str
    target: str
    make: Callable[[], pd.DataFrame]
    group: str | None = None

    def divided(self, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Three quarters to learn from, a quarter to test with, drawn by the seed; classes in the same shares."""
        from sklearn.model_selection import GroupShuffleSplit, train_test_split

        frame = self.make().reset_index(drop=True)
        if self.group:
            rows, _ = next(
                GroupShuffleSplit(1, test_size=0.25, random_state=seed).split(frame, groups=frame[self.group])
            )
            frame, train = frame.drop(columns=self.group), np.isin(np.arange(len(frame)), rows)
            return frame[train], frame[~train]
        strata = frame[self.target] if is_classification(frame[self.target]) else None
        train, test = train_test_split(frame, test_size=0.25, random_state=seed, stratify=strata)
        return train, test


def is_classification(target: Any) -> bool:
    """Whether a target is a class: words, or few different whole numbers."""
    values = pd.Series(target)
    return values.dtype.kind not in "f" and (values.dtype.kind not in "iu" or values.nunique() <= 20)
