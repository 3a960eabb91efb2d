"""Series of the bench: eleven that were recorded, four that are generated, none tuned by hand.

A forecast is made at up to sixty places of the test part, each from all that is known before it. Horizons are what
people plan for, shorter where a series is short: the test part holds five of them at least.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from bench.strangers.set import DATA, Set


def series() -> list[Set]:
    """Every series, in the order of the report."""
    return [Set(make.__name__.replace("_", "-"), "series", "value", make, horizon=h) for make, h in MAKERS]


# -- recorded -------------------------------------------------------------------------------------------------------


def airline_passengers() -> pd.DataFrame:
    """Months with a trend and a season that grows with it."""
    frame = pd.read_csv(DATA / "airline-passengers" / "airline-passengers.csv")
    return _series(frame["Month"], frame["Passengers"])


def melbourne_minima() -> pd.DataFrame:
    """Coldest temperature of each day, ten years."""
    frame = pd.read_csv(DATA / "daily-min-temperatures" / "daily-min-temperatures.csv")
    return _series(frame["Date"], frame["Temp"])


def oil_temperature() -> pd.DataFrame:
    """Of a transformer, hour by hour; the last half year."""
    frame = pd.read_csv(DATA / "ett-h1" / "ETTh1.csv").tail(4400)
    return _series(frame["date"], frame["OT"])


def beijing_air() -> pd.DataFrame:
    """Fine dust, hour by hour, with gaps; the last half year."""
    frame = pd.read_csv(DATA / "beijing-pm25" / "pollution.csv").tail(4400)
    return _series(pd.to_datetime(frame[["year", "month", "day", "hour"]]), frame["pm2.5"])


def taxi_rides() -> pd.DataFrame:
    """In New York, every half hour; the last three months."""
    frame = pd.read_csv(DATA / "nab-anomaly" / "realKnownCause" / "nyc_taxi.csv").tail(4400)
    return _series(frame["timestamp"], frame["value"])


def share_index() -> pd.DataFrame:
    """Closing level of the S&P 500, trading days from 2000 on; 2,500 of them."""
    frame = pd.read_csv(DATA / "stock-prices" / "sp500-2000.csv").head(2500)
    return _series(frame["date"], frame["close"])


def beverage_sales() -> pd.DataFrame:
    """Of all agencies of a brewery together, month by month, five years."""
    frame = pd.read_csv(DATA / "stallion-sales" / "stallion.csv")
    total = frame.groupby("date")["volume"].sum()
    return _series(total.index, total.to_numpy())


def carbon_dioxide() -> pd.DataFrame:
    """At Mauna Loa, week by week, with gaps."""
    import statsmodels.datasets

    frame = statsmodels.datasets.co2.load_pandas().data
    return _series(frame.index, frame["co2"])


def sunspots() -> pd.DataFrame:
    """Of each year since 1700: a cycle of about eleven years."""
    import statsmodels.datasets

    frame = statsmodels.datasets.sunspots.load_pandas().data
    return _series([f"{int(year)}-12-31" for year in frame["YEAR"]], frame["SUNACTIVITY"])


def el_nino() -> pd.DataFrame:
    """Temperature of the sea, month by month, sixty years."""
    import statsmodels.datasets

    frame = statsmodels.datasets.elnino.load_pandas().data.set_index("YEAR")
    values = frame.to_numpy(float).ravel()
    return _series(pd.date_range(f"{int(frame.index[0])}-01-01", periods=len(values), freq="MS"), values)


def product_of_a_nation() -> pd.DataFrame:
    """Real gross domestic product of the United States, quarter by quarter."""
    import statsmodels.datasets

    frame = statsmodels.datasets.macrodata.load_pandas().data
    return _series(pd.date_range("1959-01-01", periods=len(frame), freq="QS"), frame["realgdp"])


# -- generated ------------------------------------------------------------------------------------------------------


def long_cycle() -> pd.DataFrame:
    """A wave of 180 days with its first overtone, beside a trend and noise that remembers."""
    rng, t = np.random.default_rng(10), np.arange(1500)
    wave = 5 * np.sin(2 * np.pi * t / 180) + 2 * np.cos(4 * np.pi * t / 180)
    return _series(pd.date_range("2019-01-01", periods=len(t)), wave + 0.004 * t + _remembering(rng, len(t), 0.7))


def shop_days() -> pd.DataFrame:
    """Working days of a shop: levels of days of the week and of months, that multiply."""
    rng = np.random.default_rng(11)
    days = pd.bdate_range("2019-01-01", periods=900)
    weekday = np.array([1.0, 0.8, 0.9, 1.1, 1.6])[days.day_of_week]
    month = 1 + 0.3 * np.sin(2 * np.pi * days.month / 12)
    return _series(days, 200 * weekday * month * np.exp(0.1 * rng.normal(size=len(days))))


def visits() -> pd.DataFrame:
    """Counts per hour of opening, many of them zero; the shop is closed at night."""
    rng = np.random.default_rng(12)
    hours = pd.date_range("2023-01-02", periods=24 * 150, freq="h")
    hours = hours[(hours.hour >= 8) & (hours.hour < 18)]
    rate = 1.5 * np.exp(-(((hours.hour - 12) / 3) ** 2)) * np.where(hours.day_of_week >= 5, 2.0, 1.0)
    return _series(hours, rng.poisson(rate).astype(float))


def memory() -> pd.DataFrame:
    """An autoregression of second order, without any season."""
    rng, values = np.random.default_rng(13), [0.0, 0.0]
    for noise in rng.normal(size=600):
        values.append(1.4 * values[-1] - 0.6 * values[-2] + noise)
    return _series(pd.date_range("2021-01-01", periods=600), np.array(values[2:]) + 50)


# -- helpers --------------------------------------------------------------------------------------------------------


def _series(times: object, values: object) -> pd.DataFrame:
    frame = pd.DataFrame({"time": pd.to_datetime(np.asarray(times)), "value": np.asarray(values, float)})
    return frame.sort_values("time", ignore_index=True)


def _remembering(rng: np.random.Generator, count: int, share: float) -> np.ndarray:
    noise = rng.normal(size=count)
    for i in range(1, count):
        noise[i] += share * noise[i - 1]
    return noise


MAKERS: tuple[tuple[Callable[[], pd.DataFrame], int], ...] = (
    (airline_passengers, 6), (melbourne_minima, 14), (oil_temperature, 24), (beijing_air, 24), (taxi_rides, 48),
    (share_index, 10), (beverage_sales, 3), (carbon_dioxide, 13), (sunspots, 6), (el_nino, 12),
    (product_of_a_nation, 4), (long_cycle, 30), (shop_days, 10), (visits, 10), (memory, 7),
)  # fmt: skip
