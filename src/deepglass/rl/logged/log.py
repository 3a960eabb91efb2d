"""A log of decisions as arrays: contexts, actions, rewards, propensities; and what is wrong with one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.wording import listing

FEWEST = 20  # decisions, of which half learn and half judge


@dataclass(frozen=True)
class Log:
    """Logged decisions.

    Attributes:
        contexts: What was known before each.
        actions: What was done, as a position in `names`.
        rewards: What came of it.
        propensities: How likely it was to be done, above 0.
        names: Of the actions.

    Shape:
        - contexts: (n, D)
        - actions, rewards, propensities: (n,)
    """

    contexts: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    propensities: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.actions)

    def rows(self, chosen: np.ndarray) -> "Log":
        """Some of the decisions."""
        parts = (part[chosen] for part in (self.contexts, self.actions, self.rewards, self.propensities))
        return Log(*parts, self.names)


def log_of(
    frame: pd.DataFrame, action: str, reward: str, propensity: str | None, leave_out: tuple[str, ...] = ()
) -> Log:
    """A table as a log; whatever is no action, reward or propensity is context.

    Args:
        frame: A row for each decision.
        action: Column of what was done.
        reward: Column of what came of it: numbers.
        propensity: Column of how likely that was; None where actions were drawn without looking at the context, so
            that the share of each is its propensity.
        leave_out: Columns that are no context either.

    Raises:
        DataError: If a column is absent, empty somewhere, or holds something else; names the rows.
    """
    for name in (action, reward, *([propensity] if propensity else []), *leave_out):
        if name not in frame.columns:
            raise DataError(f"the log has no column {name!r}, only {listing(map(repr, frame.columns))}: name another")
        _require(frame[name].notna(), f"{name!r} is empty")
    if len(frame) < FEWEST:
        raise DataError(f"{len(frame)} decisions: expected {FEWEST} or more, half to learn from and half to judge by")
    rewards = _numbers(frame, reward)
    codes, names = pd.factorize(frame[action].astype(str), sort=True)
    if len(names) < 2:
        raise DataError(f"{action!r} is always {names[0]!r}: nothing can be said of what was never done")
    if propensity is None:
        propensities = (np.bincount(codes) / len(codes))[codes]
    else:
        propensities = _numbers(frame, propensity)
        _require(pd.Series((propensities > 0) & (propensities <= 1)), f"{propensity!r} is not above 0 and at most 1")
    known = {action, reward, propensity, *leave_out}
    return Log(_contexts(frame[[name for name in frame.columns if name not in known]]), codes, rewards, propensities,
               tuple(names))  # fmt: skip


def _contexts(frame: pd.DataFrame) -> np.ndarray:
    """(n, D) numbers in deviations from their mean, their squares, and a column for every word."""
    numbers = frame.select_dtypes("number").astype(float)
    numbers = (numbers - numbers.mean()) / numbers.std().replace(0, 1)
    words = [name for name in frame.columns if name not in numbers]
    told = pd.get_dummies(frame[words].astype(str)).to_numpy(float) if words else np.zeros((len(frame), 0))
    values = numbers.fillna(0).to_numpy()
    return np.concatenate([values, values**2, told], axis=1)


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    numbers = pd.to_numeric(frame[name], errors="coerce").astype(float)
    _require(np.isfinite(numbers), f"{name!r} is not a number")
    return numbers.to_numpy()


def _require(holds: pd.Series, what: str) -> None:
    wrong = np.flatnonzero(~holds.to_numpy(bool)) + 1
    if len(wrong):
        rows = ", ".join(map(str, wrong[:3])) + (" …" if len(wrong) > 3 else "")
        raise DataError(f"{what} in row {rows} ({len(wrong):,} of {len(holds):,}): correct it, or leave the rows out")
