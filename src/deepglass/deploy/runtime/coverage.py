"""Answers that hold the truth as often as asked: what a model remembers of examples that it has not learnt from.

    conformal.json: scores, count ── limit(0.9): their quantile ── sets of classes, intervals of values (`answers/`)

Forecasts have intervals of their own, of the one coverage that the description names.
"""

from typing import Any

import numpy as np

from .conformal import fewest, quantile
from .errors import InputError
from .state import read, require

FIELD = "coverage"


class Coverage:
    """What a model can promise.

    Args:
        schema: The description of the model; `coverage` is that of intervals which are part of every answer.
        conformal: Scores of examples, as a run keeps them; None where there are none.
        can_cover: Whether its kind of answer knows sets or intervals.

    Raises:
        ValueError: If a part of it does not fit.
    """

    def __init__(self, schema: dict[str, Any], conformal: Any, can_cover: bool):
        self.own, self.can_cover = read(schema, FIELD, float | None, None), can_cover
        self.scores = np.array([] if conformal is None else read(conformal, "scores", list[float]), np.float64)
        require(conformal is None or len(self.scores) == read(conformal, "count", int), "as many scores as counted")

    @property
    def most(self) -> float | None:
        """The largest coverage that can be asked for; None where there is none."""
        count = len(self.scores) if self.can_cover else 0
        return count / (count + 1) if count else None

    def limit(self, coverage: float | None) -> float | None:
        """The score up to which a class, or a value, belongs to the answer; None where the answer stays as it is.

        Raises:
            InputError: If the coverage is not a share, or cannot be promised.
        """
        if coverage is None or coverage == self.own:
            return None
        if not 0 < coverage < 1:
            raise InputError(FIELD, f"expected a share between 0 and 1, such as 0.9, got {coverage:g}")
        if self.own is not None:
            raise InputError(FIELD, f"the intervals were learnt in training for {self.own:g}: leave it out")
        if not self.can_cover:
            raise InputError(FIELD, "the model answers with neither one class nor one number: leave it out")
        if self.most is None:
            reason = "the model came without scores of examples that it has not learnt from"
            raise InputError(FIELD, f"{reason}: export it anew from a run of this version, or leave it out")
        if (needed := fewest(coverage)) > len(self.scores):
            reason = (
                f"needs {needed:,} examples that the model has not learnt from, and there were {len(self.scores):,}"
            )
            raise InputError(FIELD, f"{reason}: ask for {self.most:.3g} at most")
        return quantile(self.scores, coverage)


def parsed(text: str) -> float:
    """A coverage as an address or a command states it.

    Raises:
        InputError: If it is not a number.
    """
    try:
        return float(text)
    except ValueError:
        raise InputError(FIELD, f"expected a share between 0 and 1, such as 0.9, got {text[:20]!r}") from None
