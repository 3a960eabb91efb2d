"""The pictures of a report: learning curves, ROC, reliability, residuals, forecasts.

Each function takes plain data from a run folder and returns inline SVG, or None where there is nothing to draw.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from deepglass.evaluate.scores import metric, number
from deepglass.evaluate.svg import FAINT, INK, MODEL, SERIES, TRUTH, draw

MAX_POINTS = 1200  # of a cloud; more only make the page heavy
MAX_SERIES = 4  # forecasts shown one above the other

Record = dict[str, Any]


def losses(epochs: list[Record], best_epoch: int | None = None) -> Markup | None:
    """Training and validation loss by epoch, with the epoch whose weights were kept."""
    train, val = _column(epochs, "loss"), _column(epochs, "val_loss")
    if not (np.isfinite(train).any() or np.isfinite(val).any()):
        return None

    def paint(axes: Axes) -> None:
        _by_epoch(axes, epochs, train, "training", SERIES[1], style="--")
        _by_epoch(axes, epochs, val, "validation", SERIES[0])
        _mark_best(axes, best_epoch)
        axes.set_ylabel("loss")
        axes.legend()

    return draw(paint, f"Loss over {len(epochs)} epochs: training {_ends(train)}, validation {_ends(val)}")


def validation_scores(epochs: list[Record], best_epoch: int | None = None) -> Markup | None:
    """Validation scores other than the loss that are shares, or the first one of another kind."""
    names = [name for name in (epochs[0] if epochs else {}) if name.startswith("val_") and name != "val_loss"]
    shares = [name for name in names if metric(name.removeprefix("val_")).is_share]
    shown = (shares or names[:1])[:4]
    if not shown:
        return None

    def paint(axes: Axes) -> None:
        for color, name in zip(SERIES, shown):
            title = metric(name.removeprefix("val_")).title
            _by_epoch(axes, epochs, _column(epochs, name), f"validation {title.lower()}", color)
        _mark_best(axes, best_epoch)
        if shares:
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.legend()

    ends = ", ".join(f"{name.removeprefix('val_')} {_ends(_column(epochs, name))}" for name in shown)
    return draw(paint, f"Validation scores over {len(epochs)} epochs: {ends}")


def learning_rate(epochs: list[Record]) -> Markup | None:
    """The learning rate by epoch; None where it never changed."""
    rates = _column(epochs, "learning_rate")
    if len(np.unique(rates[np.isfinite(rates)])) < 2:
        return None

    def paint(axes: Axes) -> None:
        _by_epoch(axes, epochs, rates, "learning rate", SERIES[2])
        axes.set_ylabel("learning rate")

    return draw(paint, f"Learning rate over {len(epochs)} epochs: {_ends(rates)}")


def roc(curves: list[Record]) -> Markup | None:
    """ROC curves, the diagonal being chance."""
    if not curves:
        return None

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1.4)
        for color, curve in zip(SERIES, curves):
            axes.plot(curve["fpr"], curve["tpr"], color=color, label=f"{_short(curve['class'])}  {curve['auc']:.3f}")
        _unit_square(axes, "false-positive rate", "true-positive rate")
        axes.legend(loc="lower right", title="area")

    areas = ", ".join(f"{curve['class']} {curve['auc']:.3f}" for curve in curves)
    return draw(paint, f"ROC curves; area under the curve: {areas}", height=3.4)


def precision_recall(curves: list[Record]) -> Markup | None:
    """Precision against recall."""
    if not curves:
        return None

    def paint(axes: Axes) -> None:
        for color, curve in zip(SERIES, curves):
            label = f"{_short(curve['class'])}  {curve['average_precision']:.3f}"
            axes.step(curve["recall"], curve["precision"], color=color, label=label, where="pre")
        _unit_square(axes, "recall", "precision")
        axes.legend(loc="lower left", title="average precision")

    areas = ", ".join(f"{curve['class']} {curve['average_precision']:.3f}" for curve in curves)
    return draw(paint, f"Precision-recall curves; average precision: {areas}", height=3.4)


def reliability(bins: list[Record]) -> Markup | None:
    """Accuracy of the answers in each bin of confidence; the wider the dot, the more answers."""
    if not bins:
        return None

    def paint(axes: Axes) -> None:
        confidence, accuracy = [bin["confidence"] for bin in bins], [bin["accuracy"] for bin in bins]
        counts = np.array([bin["count"] for bin in bins])
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1.4)
        axes.plot(confidence, accuracy, color=MODEL, linewidth=1.2, alpha=0.7)
        axes.scatter(confidence, accuracy, s=18 + 180 * counts / counts.max(), color=MODEL, alpha=0.75, linewidths=0)
        _unit_square(axes, "confidence", "accuracy")
        axes.text(0.03, 0.95, "too modest", va="top", fontsize=9, alpha=0.7)
        axes.text(0.97, 0.05, "too sure", ha="right", fontsize=9, alpha=0.7)

    last = bins[-1]
    told = f"at confidence {last['confidence']:.2f} the answers are right in {last['accuracy']:.2f} of cases"
    return draw(paint, f"Reliability diagram over {len(bins)} bins: {told}", height=3.4)


def predicted_against_true(predictions: np.ndarray, targets: np.ndarray) -> Markup | None:
    """A dot for each example; on the diagonal the prediction is right."""
    rows = _sample(len(targets))

    def paint(axes: Axes) -> None:
        low, high = float(targets.min()), float(targets.max())
        axes.plot([low, high], [low, high], color=INK, linewidth=1, linestyle="--", alpha=0.6)
        axes.scatter(targets[rows], predictions[rows], s=11, color=MODEL, alpha=0.5, linewidths=0)
        axes.set_xlabel("true")
        axes.set_ylabel("predicted")

    correlation = np.corrcoef(predictions, targets)[0, 1] if len(targets) > 1 and targets.std() else 0.0
    return draw(paint, f"Predicted against true values, correlation {correlation:.3f}", height=3.4)


def residuals(predictions: np.ndarray, targets: np.ndarray) -> Markup | None:
    """How errors are distributed around zero."""
    errors = predictions - targets
    low, high = np.quantile(errors, [0.005, 0.995])  # so that one wild error does not flatten the rest

    def paint(axes: Axes) -> None:
        axes.hist(np.clip(errors, low, high), bins=40, color=MODEL, alpha=0.8)
        axes.axvline(0, color=INK, linewidth=1, linestyle="--", alpha=0.6)
        axes.set_xlabel("predicted − true")
        axes.set_ylabel("examples")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))

    middle = np.quantile(errors, [0.05, 0.5, 0.95])
    told = f"median {number(middle[1])}, 90 % between {number(middle[0])} and {number(middle[2])}"
    return draw(paint, f"Histogram of residuals: {told}", height=3.4)


def forecasts(predictions: np.ndarray, targets: np.ndarray, names: list[str]) -> list[Markup]:
    """Forecasts beside what came, for up to four series: windows laid end to end.

    Shape:
        - predictions, targets: (N, H, S), windows in order of time
    """
    windows = _end_to_end(targets)
    return [_forecast(predictions[windows, :, s], targets[windows, :, s], names[s]) for s in _shown_series(targets)]


def horizon(rows: list[Record], baseline: list[Record] | None = None) -> Markup | None:
    """Mean absolute error by step ahead, beside the baseline's."""
    if len(rows) < 2:
        return None

    def paint(axes: Axes) -> None:
        steps = [row["step"] for row in rows]
        if baseline and len(baseline) == len(rows):
            axes.plot(steps, [row["mae"] for row in baseline], color=SERIES[1], linestyle="--", label="baseline")
        axes.plot(steps, [row["mae"] for row in rows], color=MODEL, label="model")
        axes.set_xlabel("steps ahead")
        axes.set_ylabel("MAE")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()

    ends = f"{number(rows[0]['mae'])} one step ahead, {number(rows[-1]['mae'])} at step {rows[-1]['step']}"
    return draw(paint, f"Mean absolute error by step ahead: {ends}")


def window(truth: Iterable[float], forecast: Iterable[float], past: Iterable[float] = ()) -> Markup | None:
    """One window of one series: what was known, what came, what was said."""
    past, truth, forecast = (np.asarray(list(part), dtype=np.float64).ravel() for part in (past, truth, forecast))
    if not len(forecast):
        return None

    def paint(axes: Axes) -> None:
        start = len(past)
        axes.plot(np.arange(start), past, color=TRUTH, linewidth=1.2, alpha=0.5)
        axes.plot(start + np.arange(len(truth)), truth, color=TRUTH, linewidth=1.5, label="truth")
        axes.plot(start + np.arange(len(forecast)), forecast, color=MODEL, label="forecast")
        axes.legend(loc="best")

    return draw(paint, f"One forecast of {len(forecast)} steps beside the truth", width=3.8, height=2.2)


def _forecast(predictions: np.ndarray, targets: np.ndarray, name: str) -> Markup:
    """Windows (n, H) of one series, end to end."""
    count, steps = targets.shape

    def paint(axes: Axes) -> None:
        axes.plot(np.arange(count * steps), targets.ravel(), color=TRUTH, linewidth=1.3, alpha=0.75, label="truth")
        for i, forecast in enumerate(predictions):
            time = np.arange(i * steps, (i + 1) * steps)
            axes.plot(
                time, forecast, color=MODEL, label="forecast" if i == 0 else None, marker="." if steps < 3 else None
            )
            if i and steps > 1:
                axes.axvline(i * steps - 0.5, color=FAINT, linewidth=0.8, linestyle=":")
        axes.set_title(_short(name, 40), loc="left", fontsize=10)
        axes.set_xlabel(f"steps; a forecast looks {steps} ahead")
        axes.legend(loc="upper right", ncols=2, bbox_to_anchor=(1.0, 1.14))

    return draw(paint, f"{count} forecasts of {name}, each {steps} steps, beside the truth", width=8.6, height=2.7)


def _end_to_end(targets: np.ndarray, most_steps: int = 240) -> np.ndarray:
    """Windows that follow each other without overlap, from the beginning, as many as a picture can hold."""
    count, steps, _ = targets.shape
    begins_each_step = count > 1 and steps > 1 and np.allclose(targets[1:, :-1], targets[:-1, 1:])
    return np.arange(0, count, steps if begins_each_step else 1)[: max(1, most_steps // steps)]


def _shown_series(targets: np.ndarray) -> list[int]:
    return list(range(min(MAX_SERIES, targets.shape[2])))


def _by_epoch(axes: Axes, epochs: list[Record], values: np.ndarray, label: str, color: str, style: str = "-") -> None:
    if not np.isfinite(values).any():
        return
    numbers = [epoch.get("epoch", i + 1) for i, epoch in enumerate(epochs)]
    marker = "o" if len(epochs) <= 12 else None
    axes.plot(numbers, values, color=color, label=label, linestyle=style, marker=marker, markersize=4)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _mark_best(axes: Axes, best_epoch: int | None) -> None:
    if best_epoch is not None:
        axes.axvline(best_epoch, color=INK, linewidth=1, linestyle=":", alpha=0.7, label=f"kept: epoch {best_epoch}")


def _unit_square(axes: Axes, x: str, y: str) -> None:
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), xlabel=x, ylabel=y)


def _column(epochs: list[Record], name: str) -> np.ndarray:
    values = [epoch.get(name) for epoch in epochs]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _ends(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    return f"from {number(known[0])} to {number(known[-1])}" if len(known) else "not measured"


def _sample(count: int) -> np.ndarray:
    if count <= MAX_POINTS:
        return np.arange(count)
    return np.random.default_rng(0).choice(count, MAX_POINTS, replace=False)


def _short(name: Any, most: int = 18) -> str:
    text = str(name)
    return text if len(text) <= most else text[: most - 1] + "…"
