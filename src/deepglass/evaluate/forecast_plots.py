"""The pictures of forecasts: windows laid end to end, one window with its past, the error by step ahead.

Steps are at equal distances, whatever the calendar leaves out between them; dates are written below. Takes plain data
from a run folder and returns inline SVG, or None where there is nothing to draw.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from deepglass.core.wording import shortened
from deepglass.evaluate.scores import number
from deepglass.evaluate.svg import FAINT, MODEL, SERIES, TRUTH, draw

MOST_SERIES = 4  # shown one above the other
MOST_STEPS = 240  # of windows laid end to end
LONGEST_NAME = 60  # letters of a series
MOST_DATES = 6  # below a wide picture; half as many below a small one
BAND = 0.18  # opacity of an interval

Record = dict[str, Any]


def forecasts(outputs: dict[str, np.ndarray], names: list[str], best_first: list[str] | None = None) -> list[Markup]:
    """Forecasts beside what came, for up to four series: windows laid end to end.

    Args:
        outputs: Of the run: predictions and targets (N, H, S), perhaps lower and upper, begins (N,), series (N,).
        names: Of the S series.
        best_first: Of a long table the series by their scores; the two best and the two worst are shown.
    """
    if "series" not in outputs:
        rows = _end_to_end(outputs["targets"])
        count = min(MOST_SERIES, outputs["targets"].shape[2])
        return [_forecast(_of(outputs, rows, s), names[s]) for s in range(count)]
    keys = np.array([str(name).replace("\t", " ") for name in outputs["series"].tolist()])
    shown = []
    for rank, name in _ends(best_first or sorted(set(keys.tolist()))):
        own = np.flatnonzero(keys == name)
        rows = own[_end_to_end(outputs["targets"][own])]
        shown.append(_forecast(_of(outputs, rows, 0), f"{name}{rank}"))
    return shown


def horizon(rows: list[Record], baseline: list[Record] | None = None) -> Markup | None:
    """Mean absolute error by step ahead, beside the baseline's."""
    if len(rows) < 2:
        return None

    def paint(axes: Axes) -> None:
        steps = [row["step"] for row in rows]
        if baseline and len(baseline) == len(rows):
            axes.plot(steps, _numbers(baseline, "mae"), color=SERIES[1], linestyle="--", label="baseline")
        axes.plot(steps, _numbers(rows, "mae"), color=MODEL, label="model")
        axes.set_xlabel("steps ahead")
        axes.set_ylabel("MAE")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _plain_numbers(axes)
        axes.legend()

    ends = f"{number(rows[0]['mae'])} one step ahead, {number(rows[-1]['mae'])} at step {rows[-1]['step']}"
    return draw(paint, f"Mean absolute error by step ahead: {ends}")


def coverage(rows: list[Record], promised: float) -> Markup | None:
    """How often the interval held the truth at each step ahead, beside what was promised."""
    if len(rows) < 2 or rows[0].get("coverage") is None:
        return None

    def paint(axes: Axes) -> None:
        axes.axhline(100 * promised, color=FAINT, linewidth=1.2)
        axes.plot([row["step"] for row in rows], 100 * _numbers(rows, "coverage"), color=MODEL)
        axes.set_xlabel("steps ahead")
        axes.set_ylabel("% within the interval")
        axes.set_ylim(0, 101)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))

    return draw(paint, f"Share of truths within the interval by step ahead; {100 * promised:g} % are promised")


def window(series: Record) -> Markup | None:
    """One window of one series: what was known, what came, what was said.

    Args:
        series: Lists "past", "target", "predicted", perhaps "lower", "upper", and "times" of past and future.
    """
    past, truth, forecast = (_floats(series.get(part) or []) for part in ("past", "target", "predicted"))
    if not len(forecast):
        return None

    def paint(axes: Axes) -> None:
        start = len(past)
        ahead = start + np.arange(len(forecast))
        axes.plot(np.arange(start), past, color=TRUTH, linewidth=1.2, alpha=0.5)
        if series.get("lower") and series.get("upper"):
            axes.fill_between(
                ahead, _floats(series["lower"]), _floats(series["upper"]), color=MODEL, alpha=BAND, linewidth=0
            )
        axes.plot(start + np.arange(len(truth)), truth, color=TRUTH, linewidth=1.5, label="truth")
        axes.plot(ahead, forecast, color=MODEL, label="forecast", marker="." if len(forecast) < 3 else None)
        _dates(axes, series.get("times"), MOST_DATES // 2)
        _plain_numbers(axes)
        axes.legend(loc="best")

    return draw(paint, f"One forecast of {len(forecast)} steps beside the truth", width=3.8, height=2.2)


def _forecast(parts: dict[str, np.ndarray], name: str) -> Markup:
    """Windows (n, H) of one series, end to end."""
    targets = parts["targets"]
    count, steps = targets.shape
    times = _times(parts.get("begins"), steps)

    def paint(axes: Axes) -> None:
        axes.plot(np.arange(count * steps), targets.ravel(), color=TRUTH, linewidth=1.3, alpha=0.75, label="truth")
        for i in range(count):
            ahead = np.arange(i * steps, (i + 1) * steps)
            if "lower" in parts:
                axes.fill_between(ahead, parts["lower"][i], parts["upper"][i], color=MODEL, alpha=BAND, linewidth=0)
            label, marker = "forecast" if i == 0 else None, "." if steps < 3 else None
            axes.plot(ahead, parts["predictions"][i], color=MODEL, label=label, marker=marker)
            if i and steps > 1:
                axes.axvline(i * steps - 0.5, color=FAINT, linewidth=0.8, linestyle=":")
        axes.set_title(shortened(name, LONGEST_NAME), loc="left", fontsize=10)
        axes.set_xlabel(f"{'' if times else 'steps; '}a forecast looks {steps} ahead")
        _dates(axes, times, MOST_DATES)
        _plain_numbers(axes)
        axes.legend(loc="upper right", ncols=2, bbox_to_anchor=(1.0, 1.14))

    return draw(paint, f"{count} forecasts of {name}, each {steps} steps, beside the truth", width=8.6, height=2.7)


def _end_to_end(targets: np.ndarray) -> np.ndarray:
    """Windows (N, H, S) that follow each other without overlap, from the beginning, as many as a picture can hold."""
    count, steps, _ = targets.shape
    overlaps = count > 1 and steps > 1 and np.allclose(targets[1:, :-1], targets[:-1, 1:], equal_nan=True)
    return np.arange(0, count, steps if overlaps else 1)[: max(1, MOST_STEPS // steps)]


def _of(outputs: dict[str, np.ndarray], rows: np.ndarray, s: int) -> dict[str, np.ndarray]:
    """The chosen windows of one series."""
    parts = {name: outputs[name][rows] for name in outputs if name in ("predictions", "targets", "lower", "upper")}
    chosen = {name: part[:, :, s].astype(np.float64) for name, part in parts.items()}
    return chosen | ({"begins": outputs["begins"][rows]} if "begins" in outputs else {})


def _ends(names: list[str]) -> list[tuple[str, str]]:
    """The two best and the two worst, with words that say so."""
    if len(names) <= MOST_SERIES:
        return [("", name) for name in names]
    half = MOST_SERIES // 2
    return [(" (among the best)", name) for name in names[:half]] + [
        (" (among the worst)", name) for name in names[-half:]
    ]


def _times(begins: np.ndarray | None, steps: int) -> list[str | None] | None:
    """The time of each first step of windows that are laid end to end; the others are not needed."""
    if begins is None or begins.dtype.kind != "M":
        return None
    has_clock = (begins != begins.astype("datetime64[D]")).any()
    texts = [str(time.astype("datetime64[m]" if has_clock else "datetime64[D]")).replace("T", " ") for time in begins]
    return [text for first in texts for text in (first, *[None] * (steps - 1))]


def _dates(axes: Axes, times: Sequence[str | None] | None, most: int) -> None:
    """Some of the times, written below their steps."""
    if not times:
        return
    there = [place for place, time in enumerate(times) if time is not None]
    chosen = there[:: max(1, -(-len(there) // most))]
    axes.set_xticks(chosen, [_date(str(times[place])) for place in chosen])


def _date(text: str) -> str:
    """`2024-05-01 08:00:00` → `2024-05-01 08:00`; an offset, which all have, is left out."""
    return text.replace("T", " ")[:16].removesuffix(" 00:00")


def _plain_numbers(axes: Axes) -> None:
    """12,000 and not 1.2e4."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def _numbers(rows: list[Record], name: str) -> np.ndarray:
    return np.array([np.nan if row.get(name) is None else row[name] for row in rows], np.float64)


def _floats(values: Any) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], np.float64).ravel()
