"""Samples: do they look like rows that nobody has learnt from, and has none of the clumps been forgotten?"""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures, within
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.metrics.samples import energy_scores
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "modes_covered": ("Modes covered", "higher", "into how many of the clumps of the data samples fall", True),
    "near_modes": ("Samples near a mode", "higher", "how many samples lie where one of the clumps is", True),
    "energy_distance": ("Energy distance", "lower", "0 is the distribution of the real rows, in their deviations"),
    "energy_score": ("Energy score", "lower", "distance of a real row to the samples, less half of that among them"),
    "sample_score": (
        "Sample score",
        "lower",
        "energy score, and how far the shares of clumps are off",
    ),
}
SIGNIFICANT = 0.05  # false alarms in twenty tests of samples that cannot be told from real rows: one
FEW_NEAR = 0.75  # share of samples near a mode below which many lie where no data are
MOST_POINTS, MOST_COLUMNS = 1000, 6


def collapse(test: Result, chosen: Result) -> str | None:
    """Some clump of the data has no samples, or hardly any."""
    modes = test["details"].get("modes") or []
    if not modes or test["modes_covered"]["value"] >= 1:
        return None
    missed = round(len(modes) * (1 - test["modes_covered"]["value"]))
    return (
        f"Collapse: {missed} of the {len(modes)} clumps of the data get hardly a sample. Try a larger "
        "--gradient-penalty, a lower --learning-rate, a larger --batch-size, or --ema 0.99."
    )


def between_modes(test: Result, chosen: Result) -> str | None:
    """Many samples lie where no data are."""
    if "near_modes" not in test or test["near_modes"]["value"] >= FEW_NEAR:
        return None
    share = show("near_modes", test["near_modes"]["value"])
    return f"Only {share} of the samples lie near a clump of the data: train longer, or lower --gradient-penalty."


def can_be_told(test: Result, chosen: Result) -> str | None:
    """A test of two samples tells the made rows from the real ones."""
    p_value = test["details"]["p_value"]
    if p_value >= SIGNIFICANT:
        return None
    return (
        f"Its samples can be told from real rows by a test of two samples (p = {p_value:.3f}): do not take them for "
        "data; train longer, or try a larger --hidden-dim."
    )


class Judge(BaseJudge):
    """Judges rows that were made, beside real ones."""

    checks = (collapse, between_modes, can_be_told, few_examples)
    if_in_vain: ClassVar[str] = "Train longer, or try another --learning-rate or a larger --batch-size."
    if_memorised: ClassVar[str] = ""  # the two networks play against each other: their losses say nothing of it

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the energy scores of the same real rows."""
        scores = [energy_scores(run["predictions"], run["targets"]) for run in (a, b)]
        return [bootstrapped("energy_score", *scores, seed=seed)]

    def lead(self, test: Result, baseline: Result) -> str:
        """How many clumps were found, or how far the samples are from real rows; the baseline beside it."""
        if (test.get("energy_distance") or {}).get("value") is None:
            return ""
        name = "near_modes" if "near_modes" in test else "energy_distance"
        value, chance = show(name, test[name]["value"]), within(name, test[name])
        if name == "near_modes":
            modes = test["details"]["modes"]
            found = round(len(modes) * test["modes_covered"]["value"])
            text = f"Its samples fall into {found} of the {len(modes)} clumps of the data, {value} of them near one"
            text += chance
        else:
            text = f"The energy distance of its samples to {test['count']:,} rows it had never seen is {value}{chance}"
        trivial = (baseline.get(name) or {}).get("value")
        if trivial is None:
            return f"{text}."
        return f"{text}; the baseline, {baseline.get('name', 'a trivial answer')}, reaches {show(name, trivial)}."

    def notes(self, test: Result) -> list[str]:
        """What the distance means: how far apart real rows are from each other."""
        details, value = test["details"], show("energy_distance", test["energy_distance"]["value"])
        chance, p_value = show("energy_distance", details["chance"]), details["p_value"]
        told = "can" if p_value < SIGNIFICANT else "cannot"
        return [
            f"Real rows divided by chance reach an energy distance of {chance} in one case of twenty, the samples "
            f"{value}: they {told} be told from real rows (p = {p_value:.3f})."
        ]

    def next_command(self, run: str) -> tuple[str, str]:
        """It makes new rows."""
        return "Make new rows", f"deepglass generate {run} --count 100"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Real rows and samples: as points of two columns, and column by column."""
        if "predictions" not in outputs or outputs["predictions"].ndim != 2:
            return {}
        names = (metrics["test"].get("details") or {}).get("columns") or []
        samples, real = outputs["predictions"].astype(float), outputs["targets"].astype(float)
        drawn: list[tuple[str, Any]] = []
        if len(names) > 1:
            drawn.append((f"{names[0]} and {names[1]}: samples over real rows", _points(samples, real, names)))
        for place, name in enumerate(names[:MOST_COLUMNS]):
            drawn.append((f"{name}: samples beside real rows", _column(samples[:, place], real[:, place], name)))
        return {"figures": figures(drawn)}


def _points(samples: np.ndarray, real: np.ndarray, names: list[str]) -> Any:
    """Both in the plane of the first two columns."""
    from deepglass.evaluate.svg import INK, MODEL, draw  # matplotlib takes its time

    def paint(axes: Any) -> None:
        for rows, color, label, alpha in ((real, INK, "real", 0.25), (samples, MODEL, "samples", 0.5)):
            axes.scatter(*rows[:MOST_POINTS, :2].T, s=7, color=color, alpha=alpha, linewidths=0, label=label)
        axes.set(xlabel=names[0], ylabel=names[1])
        axes.legend(markerscale=2)

    shown = min(len(samples), MOST_POINTS)
    return draw(paint, f"{shown} samples over as many real rows, {names[0]} and {names[1]}", height=4.0)


def _column(samples: np.ndarray, real: np.ndarray, name: str) -> Any:
    """Two histograms on the same bins."""
    from deepglass.evaluate.svg import INK, MODEL, draw  # matplotlib takes its time

    bins = np.histogram_bin_edges(real, 30)

    def paint(axes: Any) -> None:
        axes.hist(real, bins=bins, density=True, histtype="step", color=INK, label="real", linewidth=1.4)
        inside = np.clip(samples, bins[0], bins[-1])
        axes.hist(inside, bins=bins, density=True, color=MODEL, alpha=0.5, label="samples")
        axes.set(xlabel=name, ylabel="density")
        axes.legend()

    told = f"mean {samples.mean():.4g} of the samples, {real.mean():.4g} of real rows"
    return draw(paint, f"Histograms of {name}: {told}")
