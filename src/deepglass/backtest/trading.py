"""A walk through time: forecast, hold what should rise, pay for every change, and compare with holding everything.

    steps until t ── forecaster, learnt from what was before ── hold, or not ── step from t to t + 1, less costs

Leaks that make a back-test look good can be let in one by one: a mean that holds tomorrow (look-ahead), shares of which
it is known that they will still be there (survivorship), trades that cost nothing (no-costs).

References:
    Fama (1965), The Behavior of Stock-Market Prices, https://doi.org/10.1086/294743
    Brown, Goetzmann, Ibbotson & Ross (1992), Survivorship Bias in Performance Studies,
    https://doi.org/10.1093/rfs/5.4.553
    Künsch (1989), The Jackknife and the Bootstrap for General Stationary Observations,
    https://doi.org/10.1214/aos/1176347265 (blocks of times are drawn, as neighbours depend on each other)
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from deepglass.backtest.forecasters import FORECASTERS
from deepglass.backtest.prices import Prices
from deepglass.core import catalogue
from deepglass.core.errors import DataError, OptionError

LEAKS = ("look-ahead", "survivorship", "no-costs")
PAST = 5  # steps that go into a forecast
EVERY = 20  # steps after which the forecaster learns anew
WARM_UP = 1 / 3  # of the time is only learnt from
BLOCK, DRAWS = 20, 1000  # steps of a block, and draws of the bootstrap
TRADERS = 500  # who do the same at other times
LEVEL = 0.95


@dataclass(frozen=True)
class Earned:
    """What a way of trading earned, over the times that were forecast.

    Attributes:
        name: "honest", or the leaks that were let in.
        per_year: Mean return of a year, costs paid; holding: that of holding every share.
        excess: The difference; low, high: its 95 % interval.
        held: Share of the time and the shares that were held.
        trades: Changes of a share per year, of all that it has.
        beaten_by: Share of random traders, who do the same at other times, that earn as much or more.
        right: Share of steps whose direction was foretold.
        steps: Times that were traded.
    """

    name: str
    per_year: float
    holding: float
    excess: float
    low: float
    high: float
    held: float
    trades: float
    beaten_by: float
    right: float
    steps: int

    @property
    def is_better(self) -> bool:
        """Whether it earned more than holding does, beyond luck."""
        return self.low > 0

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self) | {"is_better": self.is_better}


def back_test(
    prices: Prices, model: str = "linear", cost: float = 0.001, leaks: tuple[str, ...] = (), seed: int = 0
) -> Earned:
    """Trade by a forecaster, from the past alone unless a leak is let in.

    Args:
        prices: Of one share or several.
        model: "linear" or "network".
        cost: Share of a trade's worth that it costs.
        leaks: Names of `LEAKS`.
        seed: Of the network, the bootstrap and the random traders.

    Raises:
        OptionError: If a model or leak is unknown, or the cost is out of its range.
        DataError: If survivorship is asked of shares that are all still there.
    """
    _require(prices, model, cost, leaks)
    chosen = prices.survivors if "survivorship" in leaks else np.ones(len(prices.names), bool)
    steps = prices.steps  # (T - 1, S)
    said = forecasts(prices, FORECASTERS[model], "look-ahead" in leaks, seed)
    first = int(np.argmax(np.isfinite(said).any(axis=1)))
    said, came = said[first:], steps[first:]
    cost = 0.0 if "no-costs" in leaks else cost
    wanted = np.where(np.isfinite(said) & chosen, said > 0, False)
    there = np.isfinite(came)
    ours, held = earnings(wanted & there, there & chosen, came, cost), earnings(there, there, came, cost)
    rng = np.random.default_rng(seed)
    low, high = interval(ours - held, rng)
    others = [
        earnings(np.roll(wanted, shift, axis=0) & there, there & chosen, came, cost).mean()
        for shift in rng.integers(1, len(wanted), TRADERS)
    ]
    known = there & np.isfinite(said) & chosen & (came != 0)
    year = prices.per_year
    changes = np.abs(np.diff(wanted.astype(float), axis=0)).mean()
    return Earned(
        " + ".join(leaks) or "honest", year * float(ours.mean()), year * float(held.mean()),
        year * float((ours - held).mean()), year * low, year * high, float(wanted[:, chosen].mean()),
        float(year * changes), float(np.mean(np.array(others) >= ours.mean())),
        float(((said > 0) == (came > 0))[known].mean()), len(ours),
    )  # fmt: skip


def forecasts(prices: Prices, fit: Any, sees_tomorrow: bool, seed: int) -> np.ndarray:
    """(T - 1, S) the forecast of every step, made before it; NaN where there is none.

    Args:
        prices: Of one share or several, which one forecaster learns from together.
        fit: Of `FORECASTERS`.
        sees_tomorrow: Let a centred mean of three prices into the inputs: it holds the price that is to be foretold.
        seed: Of the forecaster.
    """
    steps = prices.steps
    seen = np.diff(_centred(np.log(prices.values)), axis=0) if sees_tomorrow else steps
    n, S = steps.shape
    inputs = np.full((n, S, PAST), np.nan)  # of step t: the PAST steps before it
    for lag in range(PAST):
        inputs[lag + 1 :, :, lag] = seen[: n - lag - 1]
    is_whole = np.isfinite(inputs).all(axis=2)
    said = np.full((n, S), np.nan)
    for begin in range(max(PAST + 1, int(n * WARM_UP)), n, EVERY):
        learnt = is_whole[:begin] & np.isfinite(steps[:begin])
        if learnt.sum() < 2 * PAST:
            continue
        forecast, asked = fit(inputs[:begin][learnt], steps[:begin][learnt], seed), is_whole[begin : begin + EVERY]
        if asked.any():
            said[begin : begin + EVERY][asked] = forecast(inputs[begin : begin + EVERY][asked])
    return said


def earnings(held: np.ndarray, among: np.ndarray, came: np.ndarray, cost: float) -> np.ndarray:
    """(n,) what each step earned: an equal part in each share that is held, the rest in cash, less costs.

    Args:
        held: (n, S) whether a share is held over a step.
        among: (n, S) which shares there were to choose from.
        came: (n, S) log steps.
        cost: Share of the worth of a trade.
    """
    weights = held / np.maximum(among.sum(axis=1, keepdims=True), 1)
    before = np.vstack([np.zeros(held.shape[1]), weights[:-1]])
    gains = (weights * np.expm1(np.where(held, came, 0.0))).sum(axis=1)
    return gains - cost * np.abs(weights - before).sum(axis=1)


def interval(values: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """The ends between which the mean of (n,) lies in 95 % of draws of blocks of neighbours."""
    n = len(values)
    starts = rng.integers(0, n, (DRAWS, -(-n // BLOCK)))
    places = (starts[:, :, None] + np.arange(BLOCK)).reshape(DRAWS, -1)[:, :n] % n
    low, high = np.quantile(values[places].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def possible(prices: Prices) -> tuple[str, ...]:
    """Leaks that these prices have room for."""
    return tuple(leak for leak in LEAKS if leak != "survivorship" or not prices.survivors.all())


def _centred(logs: np.ndarray) -> np.ndarray:
    """(T, S) the mean of each value with its neighbours."""
    padded = np.vstack([logs[:1], logs, logs[-1:]])
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3


def _require(prices: Prices, model: str, cost: float, leaks: tuple[str, ...]) -> None:
    if model not in FORECASTERS:
        raise OptionError(catalogue.unknown("model", model, list(FORECASTERS)))
    if not 0 <= cost < 1:
        raise OptionError(f"--cost: expected a share from 0 to below 1, such as 0.001, got {cost}")
    for leak in leaks:
        if leak not in LEAKS:
            raise OptionError(catalogue.unknown("leak", leak, list(LEAKS)))
    if "survivorship" in leaks and prices.survivors.all():
        raise DataError("survivorship: every share is still traded at the end; give prices of some that are not")
