"""`deepglass backtest SOURCE`: what a forecast of prices would have earned, and which leaks make it look good."""

from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.core.console import console

GROUP = "understand"
NEEDS_ARGUMENTS = True


def command(
    source: Annotated[str, typer.Argument(help="Prices: a file, or a bundled name such as share-prices.")],
    target: Annotated[str | None, typer.Option(help="Column of the prices; guessed.", show_default=False)] = None,
    time_column: Annotated[str | None, typer.Option(help="Column of dates; guessed.", show_default=False)] = None,
    series_column: Annotated[
        str | None, typer.Option(help="Column that names the share; guessed.", show_default=False)
    ] = None,
    model: Annotated[str, typer.Option(help="linear or network, learnt anew every 20 steps.")] = "linear",
    cost: Annotated[float, typer.Option(help="Share of a trade's worth that it costs.")] = 0.001,
    leak: Annotated[
        list[str] | None,
        typer.Option(
            help="look-ahead, survivorship, no-costs, or none; may be repeated, to let in several at once. "
            "All are shown one by one where none is named.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Trade by a forecast of the next price: walk-forward, with costs, beside holding and random traders.

    Then let in what makes such a test look good: tomorrow, the survivors, free trades.
    """
    set_mode(quiet, json)
    from deepglass.backtest.prices import read_prices
    from deepglass.backtest.trading import back_test, possible

    prices = read_prices(source, target, time_column, series_column)
    named = tuple(dict.fromkeys(one for one in leak or () if one != "none"))
    chosen = [(one,) for one in possible(prices)] if leak is None else [named] if named else []
    rows = [back_test(prices, model, cost, leaks, seed) for leaks in [(), *chosen]]
    console.table(COLUMNS, [cells(row) for row in rows])
    honest = rows[0]
    console.say(
        f"  {len(prices.names)} share{'s' * (len(prices.names) != 1)}, {honest.steps:,} steps traded, "
        f"{prices.per_year:.0f} a year; holding all of them earned {honest.holding:.1%} a year"
    )
    console.say("  " + verdict(honest))
    for row in rows[1:]:
        if row.is_better and not honest.is_better:
            console.warn(f"with {row.name} it looks as if there were {row.excess:.1%} a year to earn: it is the leak")
    console.result({"shares": list(prices.names), "rows": [row.as_dict() for row in rows]})


COLUMNS = ("", "a year", "more than holding", "95 % interval", "as good at random", "direction right", "trades a year")


def cells(row: Any) -> tuple[str, ...]:
    """A row of the table, of an `Earned`."""
    return (
        row.name, f"{row.per_year:+.1%}", f"{row.excess:+.1%}", f"{row.low:+.1%} to {row.high:+.1%}",
        f"{row.beaten_by:.0%}", f"{row.right:.1%}", f"{row.trades:.0f}",
    )  # fmt: skip


def verdict(honest: Any) -> str:
    """What the honest row says, in a sentence."""
    if honest.is_better:
        return (
            f"it earned {honest.excess:.1%} a year more than holding, more than luck explains here; before you believe "
            "it, try other years and higher costs"
        )
    if honest.high < 0:
        return (
            f"it earned {-honest.excess:.1%} a year less than holding: waiting aside and trading cost more than it knew"
        )
    return "nothing was to be earned by forecasting: the interval of what it earned more than holding has 0 in it"
