"""Lesson 30: forecasting. What can be known of tomorrow, and why shares are another thing than the weather."""

import marimo

app = marimo.App(width="medium", app_title="Forecasting", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.data.datasets import random_walk, temperatures
    from deepglass.data.series.scales import seasonal_scale

    LESSON = {
        "title": "Forecasting",
        "question": "Can tomorrow be known?",
        "part": "Sequences",
        "minutes": 16,
        "reads": ["data/series/scales.py", "backtest/trading.py"],
        "runs": [
            "deepglass train temperatures --horizon 1 --epochs 3",
            "deepglass train random-walk --horizon 1 --epochs 3",
            "deepglass backtest random-walk",
        ],
    }

    YEAR, EVERY = 365, 20  # days of a season, and after how many the forecaster learns anew
    SERIES = {
        "temperature": (temperatures.load().frame["temperature"].to_numpy(), YEAR, "°C"),
        "price": (random_walk.load().frame["price"].to_numpy(), 1, ""),
    }
    SMOOTHING = {"as they are": None, "mean of 3 days: before, that, after": 1, "mean of 3 days: that and 2 before": 0}


@app.function
def smoothed(values, ahead):
    """A mean of three days, of which `ahead` lie after the day itself; None leaves the values as they are."""
    if ahead is None:
        return values
    padded = np.concatenate([np.full(2 - ahead, values[0]), values, np.full(ahead, values[-1])])
    return np.convolve(padded, np.full(3, 1 / 3), "valid")


@app.function
def inputs_of(values, days, knows_season, ahead=None):
    """What a day is forecast from: the days before it, and where the year stands; one row per day."""
    seen, n = smoothed(values, ahead), len(values)
    columns = [np.ones(n)]
    columns += [np.concatenate([np.full(lag, seen[0]), seen[:-lag]]) for lag in range(1, days + 1)]
    angle = 2 * np.pi * np.arange(n) / 365.25
    return np.stack(columns + [np.sin(angle), np.cos(angle)] * knows_season, axis=1)


@app.function
def backtest(values, days=5, knows_season=False, ahead=None):
    """Each day of the last third, forecast on its eve by a linear model that has learnt from the days before.

    Returns:
        The forecasts, NaN where none was made, and the first day that was forecast.
    """
    X, told, start = inputs_of(values, days, knows_season, ahead), np.full(len(values), np.nan), 2 * len(values) // 3
    for origin in range(start, len(values), EVERY):
        weights = np.linalg.lstsq(X[days:origin], values[days:origin], rcond=None)[0]
        told[origin : origin + EVERY] = X[origin : origin + EVERY] @ weights
    return told, start


@app.function
def before(values, days):
    """The naive forecast: as so many days ago."""
    return np.concatenate([np.full(days, np.nan), values[:-days]])


@app.function
def error(values, forecast, start):
    """Mean absolute error on the days from `start`."""
    return float(np.abs(forecast - values)[start:].mean())


@app.function
def explained(values, forecast, start):
    """R²: the share of the variance that is explained."""
    truth = values[start:]
    return float(1 - ((forecast[start:] - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


@app.function
def film_of(days=90):
    """The back-test rolls: each evening a forecast of the next day, of both series."""
    fig, axes = kit.figure(4.6, 4.2, rows=2)
    drawn = {}
    for ax, (name, (values, season, unit)) in zip(axes, SERIES.items()):
        told, start = backtest(values, knows_season=season > 1)
        part = slice(start - 60, start + days)
        low, high = values[part].min(), values[part].max()
        ax.set(xlim=(-60, days), ylim=(low - 0.1 * (high - low), high + 0.1 * (high - low)), ylabel=f"{name} {unit}")
        lines = (
            ax.plot([], [], color=kit.GREY, linewidth=1.2)[0],
            ax.plot([], [], ".", color=kit.ORANGE, markersize=4)[0],
        )
        drawn[name] = (*lines, values, told, start)
    axes[1].set_xlabel("days since the first forecast")

    def draw(number):
        upto = number * days // 9
        for truth, dots, values, told, start in drawn.values():
            truth.set_data(np.arange(-60, upto), values[start - 60 : start + upto])
            dots.set_data(np.arange(upto + 1), told[start : start + upto + 1])
        said = ", ".join(f"{name} {explained(*made):.0%}" for name, (_, _, *made) in drawn.items())
        return f"Day {upto}: each dot was said on the evening before. Variance explained over all days (R²): {said}."

    return kit.frames(fig, draw, 10, "Two series and their forecasts;")


@app.cell
def _():
    _gain = {}
    for _name, (_values, _season, _) in SERIES.items():
        _told, _start = backtest(_values, knows_season=_season > 1)
        _gain[_name] = 1 - error(_values, _told, _start) / error(_values, before(_values, 1), _start)
    _guess = kit.guess(
        "Above the temperature of a town, below a price, both made by a formula. Both forecasts (dots) hug the truth "
        "(line). Which of the two <b>knows something about tomorrow</b>, more than “as today”?",
        ["Both", "The temperature's", "The price's: it explains more", "Neither"],
        f"The temperature's: its errors are {_gain['temperature']:.0%} smaller than those of saying “as today”. The "
        f"price's: {_gain['price']:+.1%}. It hugs the truth because it says yesterday's price again, one day late.",
    )
    kit.opening(
        LESSON,
        "Every evening two forecasters say what tomorrow brings, each from the days before alone. The days go by.",
        kit.film(film_of(), label="Days", seconds=0.8, width=4.6),
        _guess,
    )
    return


@app.cell
def _():
    series = mo.ui.radio(list(SERIES), value="temperature", label="series", inline=True)
    days = kit.slider("looks back, days", [1, 2, 5, 10, 30], 5)
    season = mo.ui.switch(value=True, label="knows the time of the year")
    _words = kit.text(
        """
        ## Better than what? {#see}

        A forecast is worth what it knows **more than a simple rule**: *as yesterday*, or *as a year ago*. So its error
        is divided by such a rule's. And it is tested as it would be used: always from the past alone, learnt anew as
        time goes on. That is a **rolling back-test**. A shuffled split would let it read the newspapers of next week.
        """
    )
    _controls = kit.after_guess(mo.hstack([series, days, season], justify="start", gap=2, wrap=True))
    mo.vstack([_words, _controls])
    return days, season, series


@app.cell
def _(days, season, series):
    _values, _m, _unit = SERIES[series.value]
    _told, _start = backtest(_values, days.value, season.value)
    _scale = float(seasonal_scale(_values[:_start, None], _m)[0])
    _errors = {
        "the linear forecast": error(_values, _told, _start),
        "as yesterday": error(_values, before(_values, 1), _start),
    }
    if _m > 1:
        _errors["as a year ago"] = error(_values, before(_values, _m), _start)
    _ratio = _errors["the linear forecast"] / _errors["as yesterday"]
    _levels = kit.levels(
        kit.bars(_errors, sort=True, xlabel=f"mean absolute error {_unit}", label="Errors on the same days"),
        [{"rule": name, "error": value, "MASE": value / _scale} for name, value in _errors.items()],
        r"""
        $$\text{MASE} = \frac{\text{mean}\,|\orange{\hat y_t} - y_t|, \text{ test}}
        {\text{mean}\,|y_t - \blue{y_{t-m}}|, \text{ past}}$$

        $$= \frac{mine}{scale} = {mase}$$

        $m$ = {m}: the rule below the line says *{rule}*. Beside “as yesterday” **on the same days**, the forecast's
        error is {ratio:.3f} times as large.
        """,
        mine=_errors["the linear forecast"],
        scale=_scale,
        mase=_errors["the linear forecast"] / _scale,
        m=_m,
        rule="as a year ago" if _m > 1 else "as yesterday",
        ratio=_ratio,
    )
    kit.after_guess(_levels, silently=True)
    return


@app.function
def walks(count=20, days=5, ahead=None):
    """Errors of the forecast divided by those of “as yesterday”, on so many new random walks (count,)."""
    rng, found = np.random.default_rng(7), []
    for _ in range(count):
        price = 100 * np.exp(np.cumsum(rng.normal(0, 0.012, 900)))
        told, start = backtest(price, days, ahead=ahead)
        found.append(error(price, told, start) / error(price, before(price, 1), start))
    return np.array(found)


@app.cell
def _():
    _ratios = walks()
    _words = kit.text(
        """
        ### Why shares are another thing

        The weather does not mind being forecast. A price does: where many are able to see that it will rise tomorrow,
        they buy today, and it has risen. What is left is close to a **random walk**, whose steps nobody knows. The
        price on this page *is* one, made by a formula. Of {count} others, forecast in the same way, the error was
        **{mean:.3f}** times that of “as yesterday” on average, from {low:.3f} to {high:.3f}. Whoever looks at enough
        of them finds one that beats it. That is luck, and it will not last.

        (MASE alone can mislead here: where the price falls, its steps become smaller, and even “as yesterday” comes
        out below 1. Compare on the same days.)
        """,
        count=len(_ratios),
        mean=_ratios.mean(),
        low=_ratios.min(),
        high=_ratios.max(),
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## The rule below the line {#read}

        What every forecast of `deepglass` is divided by. It comes from the training part alone: what the test looks
        like may not decide how it is judged.

        {code}
        """,
        code=kit.read(
            "data/series/scales.py",
            {
                "changes = np.abs": "How far each value is from that of a season ago.",
                "known = ~np.isnan": "Gaps are passed over.",
                "return np.where(scale": "A series that never changes has no scale.",
            },
            part="seasonal_scale",
        ),
    )
    return


@app.cell
def _():
    smoothing = mo.ui.radio(list(SMOOTHING), value=list(SMOOTHING)[1], label="prices are", inline=True)
    kit.text(
        """
        ## The system that made millions: break it, mend it {#break-it-mend-it}

        Prices are noisy, so let us smooth them first, each day by the mean of itself and its neighbours, and *then*
        forecast from the past five smoothed days. Look how well that works! It is found in many a notebook on shares.
        **Mend it**: which of these knows only what was known on the evening before?

        {smoothing}
        """,
        smoothing=smoothing,
    )
    return (smoothing,)


@app.cell
def _(smoothing):
    _ahead, (_values, _, _) = SMOOTHING[smoothing.value], SERIES["price"]
    _told, _start = backtest(_values, 5, ahead=_ahead)
    _part, _ratio = (
        slice(_start, _start + 60),
        error(_values, _told, _start) / error(_values, before(_values, 1), _start),
    )
    _verdict = (
        "**Too good.** The mean of yesterday and its neighbours contains *today*, which was to be forecast. On the "
        "last evening of the data that mean does not exist yet: the system would never have run a single day."
        if _ahead
        else "**Honest.** No better than “as yesterday”. There is nothing to find here: who finds something has "
        "peeked, or was lucky."
    )
    kit.row(
        kit.curves(
            {"price": _values[_part], "forecast": _told[_part]}, dashed=("forecast",), xlabel="day of the test",
            caption=f"Error: {_ratio:.2f} times that of “as yesterday”.",
        ),
        kit.md(_verdict),
    )  # fmt: skip
    return


@app.cell
def _():
    _trust = kit.choose(
        "Somebody shows a forecast of a share, tested on 250 days: R² = 0.98. What do you ask first?",
        {
            "What is R² of “as yesterday” on these days?": (
                True,
                "Usually the same: a level that hardly moves in a day.",
            ),
            "Was every input known on the evening before?": (True, "Means, scalings and choices look ahead easily."),
            "How many layers has the network?": (False, "That says nothing about whether there is anything to know."),
            "Why not 0.99?": (False, "What counts is not how near it is, but how much nearer than the simple rule."),
        },
        name="trust",
        several=True,
    )
    kit.check(kit.exercise("mase"), _trust)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same two series, a day ahead. Compare the error in each table with that of the last value; where a forecast
        is no better, a line says so. For measured data take `co2`. The last command trades by its forecasts, pays for
        every trade, and stands beside holding and beside traders who do the same at random times; then it lets leaks
        in, one by one, and a fortune appears.
        """,
        own_file="""
        A column of dates, a column of numbers, a row per day: `deepglass train my.csv --targets COLUMN`. Season and
        horizon are guessed and said; `--horizon 7` looks a week ahead, `--folds 5` tests at five times of the past.
        What is known in advance, such as holidays, is named with `--known`.
        """,
        sources=[
            (
                "Hyndman and Koehler (2006), forecast accuracy and MASE",
                "https://doi.org/10.1016/j.ijforecast.2006.03.001",
            ),
            (
                "Tashman (2000), Out-of-sample tests of forecasting accuracy",
                "https://doi.org/10.1016/S0169-2070(00)00065-0",
            ),
            ("Fama (1965), The Behavior of Stock-Market Prices", "https://doi.org/10.1086/294743"),
            ("Richardson (1981), how weather is generated", "https://doi.org/10.1029/WR017i001p00182"),
        ],
        onward="Words come in order, too, and what comes next can be learned from books.",
    )
    return


if __name__ == "__main__":
    app.run()
