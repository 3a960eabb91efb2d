"""The pictures of a report: learning curves, ROC, reliability, residuals; for forecasts see `forecast_plots.py`.

Each function takes plain data from a run folder and returns inline SVG, or None where there is nothing to draw.
"""

from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from deepglass.core.wording import shortened
from deepglass.evaluate.scores import metric, number
from deepglass.evaluate.svg import FAINT, INK, MODEL, SERIES, draw

MAX_BARS = 15  # columns whose importance is drawn
MAX_POINTS = 1200  # of a cloud; more only make the page heavy

Record = dict[str, Any]


def losses(epochs: list[Record], best_epoch: int | None = None) -> Markup | None:
    """Training and validation loss by epoch, with the epoch whose weights were kept; of networks that learn in turn
    the loss of each.
    """
    if parts := [name for name in (epochs[0] if epochs else {}) if name.startswith("loss_")]:
        return _losses_in_turn(epochs, parts, best_epoch)
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


def _losses_in_turn(epochs: list[Record], parts: list[str], best_epoch: int | None) -> Markup | None:
    """What each of several updates costs: one gains what another loses, and no sum of them says how good they are."""
    titles = {name: name.removeprefix("loss_").replace("_", " ") for name in parts}

    def paint(axes: Axes) -> None:
        for color, name in zip(SERIES, parts):
            _by_epoch(axes, epochs, _column(epochs, name), titles[name], color)
        _mark_best(axes, best_epoch)
        axes.set_ylabel("loss")
        axes.legend()

    ends = ", ".join(f"{title} {_ends(_column(epochs, name))}" for name, title in titles.items())
    return draw(paint, f"Losses of networks that learn in turn, over {len(epochs)} epochs: {ends}")


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


def decision(curve: Record, case: str) -> Markup | None:
    """Net benefit by threshold, beside treating everybody and nobody; the stretch where it surely pays is tinted."""
    if not curve:
        return None
    useful = curve["useful"]

    def paint(axes: Axes) -> None:
        share = curve["share"]
        if useful:
            axes.axvspan(*useful, color=MODEL, alpha=0.12, linewidth=0)
        axes.axhline(0, color=FAINT, linewidth=1.4, linestyle="--", label="nobody")
        axes.plot(curve["thresholds"], curve["all"], color=SERIES[1], linestyle="-.", label="everybody")
        axes.plot(curve["thresholds"], curve["model"], color=MODEL, label="by the model")
        axes.set(xlim=(0, 1), ylim=(-0.3 * share, 1.1 * share), xlabel="risk from which on is acted")
        axes.set_ylabel(f"net benefit: {_short(case)} found per example")
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.legend()

    where = (
        f"surely above both rules from {useful[0]:.2f} to {useful[1]:.2f}" if useful else "nowhere surely above both"
    )
    return draw(paint, f"Decision curve of {case}: {where}", height=3.4)


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


def importance(columns: list[Record]) -> Markup | None:
    """By how much the loss grows when a column is shuffled, the largest first, with intervals."""
    shown = columns[:MAX_BARS]
    if not shown:
        return None
    values = np.array([[column[end] for column in shown] for end in ("value", "low", "high")])

    def paint(axes: Axes) -> None:
        places = np.arange(len(shown))
        axes.barh(places, values[0], height=0.62, color=MODEL, alpha=0.8)
        ends = np.abs(values[1:] - values[0])
        axes.errorbar(values[0], places, xerr=ends, fmt="none", ecolor=INK, elinewidth=1.2, capsize=3)
        axes.axvline(0, color=INK, linewidth=1, alpha=0.6)
        axes.set_yticks(places, [_short(column["column"]) for column in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel("growth of the loss")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.xaxis.set_major_formatter(lambda value, _: number(value))
        axes.grid(visible=False, axis="y")

    told = ", ".join(f"{column['column']} {number(column['value'])}" for column in shown[:5])
    return draw(paint, f"Growth of the loss when a column is shuffled: {told}", height=0.9 + 0.32 * len(shown))


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
    return shortened(str(name), most)
