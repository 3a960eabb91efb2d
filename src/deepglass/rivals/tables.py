"""The simple models beside a network for tables: a linear model, boosted trees and a forest."""

from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.rivals import Rival, Rows, Time, linear, trees


def fit(rows: Rows, preprocessor: TabularPreprocessor, time: Time) -> list[Rival]:
    """As many of them as the time allows; none where the rows are too few.

    Args:
        rows: With inputs numeric (N, F) and codes (N, n), as the preprocessing made them.
        preprocessor: Knows what the scores of numbers stand for.
        time: That they may take together.
    """
    if not rows.are_enough:
        return []
    curves = [curve for number in preprocessor.numbers for curve in number.curves]
    found = linear.fit(rows, curves, preprocessor.cardinalities, time), trees.boosted(rows, time)
    return [rival for rival in (*found, trees.forest(rows, time)) if rival is not None]
