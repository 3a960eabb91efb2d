"""What is to be earned by forecasting prices: nothing, unless something leaks.

    python -m bench.stocks                     # about three minutes on one core

generated   the market of 20 companies, made anew for every seed: both forecasters, honest and with each leak
real        the S&P 500 by day (2000 to 2020), and five shares by month (2000 to 2010)
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import records
from deepglass.backtest.forecasters import FORECASTERS
from deepglass.backtest.prices import read_prices
from deepglass.backtest.trading import back_test, possible
from deepglass.data.datasets import share_prices

ROOT = Path(__file__).resolve().parents[1]
RESULTS, DATA = ROOT / "bench" / "results" / "stocks.json", ROOT.parent / "shared" / "data" / "stock-prices"


def main() -> None:
    """Measure what was asked for; each record is kept as soon as it is there."""
    records.measure_parts(RESULTS, {"generated": generated, "real": real}, str(__doc__))


def generated(seed: int) -> Iterator[dict[str, Any]]:
    """A market of which it is known that there is nothing to earn."""
    yield from measured(share_prices.prices(seed), "generated", seed)


def real(seed: int) -> Iterator[dict[str, Any]]:
    """Prices as they were."""
    for name in ("sp500-2000.csv", "stocks.csv"):
        yield from measured(str(DATA / name), name, seed)


def measured(source: Any, name: str, seed: int) -> Iterator[dict[str, Any]]:
    """Both forecasters, honest and with each leak."""
    prices = read_prices(source)
    for model in FORECASTERS:
        for leaks in [(), *((leak,) for leak in possible(prices))]:
            began = time.process_time()
            earned = back_test(prices, model, leaks=leaks, seed=seed).as_dict()
            told = {key: round(value, 4) if isinstance(value, float) else value for key, value in earned.items()}
            seconds = round(time.process_time() - began, 1)
            yield (
                {"seed": seed, "data": name, "model": model, "leak": told.pop("name")} | told | {"cpu_seconds": seconds}
            )


if __name__ == "__main__":
    main()
