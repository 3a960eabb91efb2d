"""A model under the roofs of a machine, as a picture: what holds up each layer, memory or arithmetic.

Both axes are logarithmic. To the right there is more arithmetic for every byte that is moved, upwards it runs faster.
The slanted roof is the memory, the level one the arithmetic; the distance of a dot from the roof above it is what
could still be won, and the area of the dot is the layer's part of the time. See `core/roofline.py` for the paper.
"""

from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deepglass.core import files
from deepglass.core.errors import OptionError
from deepglass.core.roofline import Roofs
from deepglass.core.wording import short
from deepglass.evaluate.svg import STYLE
from deepglass.zoo.layer_roofline import LayerRoofline, PlacedLayer

NAMED = 5  # layers that are named: those that take longest
COLOURS = {"compute": "#0068ad", "memory": "#b84800", "launch": "#008763"}  # dark enough to be read on white
INK, FAINT, ROOF = "#16191d", "#dfe3e8", "#5b636e"
ON_PAPER = STYLE | {
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "grid.color": FAINT,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
}


def write(path: Path, roofs: Roofs, placement: LayerRoofline | None = None) -> None:
    """Draw the roofs, and a model's layers where there are some, into an SVG or PNG file.

    Raises:
        OptionError: If the file's name ends in something else.
        RunError: If it cannot be written.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in ("svg", "png"):
        raise OptionError(f"--out: expected a name that ends in .svg or .png, got {path.name}")
    with rc_context(ON_PAPER), files.atomic(path) as draft:
        figure = Figure(figsize=(8, 5.2), layout="constrained")
        axes = figure.add_subplot()
        dots = [layer for layer in placement.layers if layer.flops and layer.seconds] if placement else []
        lowest, highest = span(roofs, dots)
        paint_roofs(axes, roofs, lowest, highest)
        if placement is not None:
            paint_layers(axes, dots, placement)
        axes.set(xscale="log", yscale="log", xlim=(lowest, highest))
        axes.set(xlabel="intensity: FLOPs for every byte moved", ylabel="FLOP/s")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_major_formatter(lambda value, _: short(value, "FLOP/s"))
        axes.minorticks_off()
        axes.set_title(title(roofs, placement), loc="left", fontsize=11)
        metadata = {"Date": None} if form == "svg" else None
        figure.savefig(draft, format=form, dpi=150, facecolor="white", metadata=metadata)


def span(roofs: Roofs, dots: list[PlacedLayer]) -> tuple[float, float]:
    """From which to which intensity the picture goes: the ridges and all layers have room."""
    intensities = [roofs.ridge(precision) for precision in roofs.flops] + [dot.intensity for dot in dots]
    return min(0.3, min(intensities) / 2), max(300.0, 4 * max(intensities))


def paint_roofs(axes: Axes, roofs: Roofs, lowest: float, highest: float) -> None:
    """The slope of the memory, and a level roof for every precision."""
    for precision, peak in roofs.flops.items():
        ridge = roofs.ridge(precision)
        axes.plot([ridge, highest], [peak, peak], color=ROOF)
        label = f"{precision}  {short(peak, 'FLOP/s')}"
        axes.annotate(label, (highest, peak), (-4, 4), textcoords="offset points", ha="right", va="bottom", fontsize=9)
    top = max(roofs.flops.values())
    axes.plot([lowest, top / roofs.bandwidth], [lowest * roofs.bandwidth, top], color=ROOF)
    at = (2 * lowest, 2 * lowest * roofs.bandwidth)
    axes.annotate(f"memory  {short(roofs.bandwidth, 'B/s')}", at, (12, -4), textcoords="offset points", fontsize=9)


def paint_layers(axes: Axes, dots: list[PlacedLayer], placement: LayerRoofline) -> None:
    """A dot per layer, its area its part of the time; the largest are named; the whole step is a diamond."""
    whole = placement.whole
    for bound, colour in COLOURS.items():
        if not (own := [dot for dot in dots if dot.bound == bound]):
            continue
        areas = [20 + 900 * dot.seconds / whole.seconds for dot in own]
        label = f"{bound}: {placement.share(bound):.0%} of the time"
        places = [dot.intensity for dot in own], [dot.measured for dot in own]
        axes.scatter(*places, s=areas, color=colour, alpha=0.55, linewidths=0, label=label)
    if whole.flops:
        axes.scatter([whole.intensity], [whole.measured], s=70, marker="D", color=INK, label="the whole step", zorder=3)
    for dot in apart(sorted(dots, key=lambda dot: -dot.seconds))[:NAMED]:
        name = dot.name or placement.model
        axes.annotate(name, (dot.intensity, dot.measured), (8, -10), textcoords="offset points", fontsize=8.5)
    legend = axes.legend(loc="lower right", title="held up by")
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_sizes(np.array([40.0]))  # type: ignore[attr-defined]


def apart(dots: list[PlacedLayer]) -> list[PlacedLayer]:
    """Those of the dots whose names would not stand upon the name of an earlier one."""
    kept: list[PlacedLayer] = []
    for dot in dots:
        if all(not 1 / 1.25 < dot.measured / other.measured < 1.25 or is_far(dot, other) for other in kept):
            kept.append(dot)
    return kept


def is_far(dot: PlacedLayer, other: PlacedLayer) -> bool:
    """Whether one dot is so far beside another that a name fits between them."""
    return not 1 / 3 < dot.intensity / other.intensity < 3


def title(roofs: Roofs, placement: LayerRoofline | None) -> str:
    """What is shown, on what."""
    machine = f"{roofs.device}, {roofs.threads} thread{'s' if roofs.threads > 1 else ''}"
    if placement is None:
        return machine
    return (
        f"{placement.model}: a step of {placement.batch_size} × {placement.example}, {placement.precision}\n{machine}"
    )
