"""The valley around the solution: the loss where the weights are moved along two random directions.

    L(a, b) = loss(w + a·d + b·e),    every filter of d and e as long as that of w;  biases and norms stay

Without that scaling a picture says nothing: a network whose weights are ten times as large looks ten times as flat.
What is seen is a plane of two directions among thousands; most directions look like these, the steepest do not.

Li et al. (2018), Visualizing the Loss Landscape of Neural Nets, https://arxiv.org/abs/1712.09913.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from deepglass.draw.curves import curves
from deepglass.draw.drawing import Drawing
from deepglass.draw.style import BLUE, INK
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 11
TITLE = "The valley around it"
QUESTION = "Did it find a wide valley or a narrow one?"
LESSON = "12_gradient_descent"
READ = ("see/panels/valley.py",)
IS_QUICK = False

MOST_ROWS, GRID, REACH, SEED = 128, 17, 1.0, 0
LEVELS = 10
WIDEST = 1e4  # rings below so small a share of the highest loss are noise


def show(opened: Opened, asked: Asked) -> View:
    """Rings of equal loss over two directions, and the profile along each of them.

    Raises:
        NotForThisRun: If there is no one loss.
    """
    if len(opened.updates) > 1:
        names = " and ".join(update.name for update in opened.updates)
        raise NotForThisRun(f"{names} learn in turn, each towards a loss of its own: there is no one valley")
    batch, task = opened.batch(MOST_ROWS), opened.run.task
    at, heights = landscape(opened.network, lambda network: task.loss(network, batch))
    middle = GRID // 2
    centre = float(heights[middle, middle])
    if not np.isfinite(centre):
        raise NotForThisRun("the loss of its weights is not a number")
    profiles = {"first direction": (at, heights[middle]), "second direction": (at, heights[:, middle])}
    shown = [drawn(at, heights), curves(profiles, label="The loss along each direction", xlabel="step", ylabel="loss")]
    higher = float(np.nanmean(heights[:, [0, -1]]) / centre) if centre > 0 else float("nan")
    part = f", of {opened.looks_at}" if opened.looks_at else ""
    said = f"In the middle is the run{part}: its loss on {len(batch[0])} examples is {centre:.4g}. "
    if np.isfinite(higher):
        said += f"One step of the weights' own length away it is {higher:.3g} times as high in the mean."
    facts = {"at": at.tolist(), "heights": heights.tolist(), "centre": centre, "rows": len(batch[0])}
    return View(said, shown, facts)


@torch.no_grad()
def landscape(
    network: nn.Module, loss: Callable[[nn.Module], Tensor], seed: int = SEED
) -> tuple[np.ndarray, np.ndarray]:
    """Steps (G,), and the loss (G, G) in rows of equal second step; the network is left as it was.

    Args:
        network: In evaluation mode.
        loss: Of the network as it is.
        seed: Of the directions.
    """
    weights = [p for p in network.parameters() if p.requires_grad or p.is_leaf]
    before = [p.detach().clone() for p in weights]
    generator = torch.Generator().manual_seed(seed)
    first, second = directions(before, generator), directions(before, generator)
    at = np.linspace(-REACH, REACH, GRID)
    heights = np.empty((GRID, GRID))
    try:
        for i, b in enumerate(at):
            for j, a in enumerate(at):
                for p, own, d, e in zip(weights, before, first, second, strict=True):
                    p.copy_(own + float(a) * d + float(b) * e)
                heights[i, j] = float(loss(network))
    finally:
        for p, own in zip(weights, before, strict=True):
            p.copy_(own)
    return at, heights


def directions(weights: Sequence[Tensor], generator: torch.Generator) -> list[Tensor]:
    """A random direction, every filter (a row of the weights) as long as the network's own; zero for vectors."""
    found = []
    for own in weights:
        drawn = torch.randn(own.shape, generator=generator, dtype=own.dtype)
        if own.dim() < 2:
            found.append(torch.zeros_like(own))
            continue
        length = lambda x: x.flatten(1).norm(dim=1).view(-1, *[1] * (x.dim() - 1))  # noqa: E731
        found.append(drawn * length(own) / length(drawn).clamp_min(1e-12))
    return found


def drawn(at: np.ndarray, heights: np.ndarray) -> Drawing:
    """Rings; nearer to each other on a logarithmic scale, as losses differ by factors."""
    finite = np.where(np.isfinite(heights), heights, np.nan)
    low, high = float(np.nanmin(finite)), float(np.nanmax(finite))
    is_wide = low > 0 and high / low > 3
    bottom = max(low, high / WIDEST) if is_wide else low
    levels = (np.geomspace if is_wide else np.linspace)(bottom, high, LEVELS + 2)[1:-1] if high > low else []

    def paint(ax: Axes) -> None:
        if len(levels):
            rings = ax.contour(at, at, finite, levels=levels, colors=BLUE, linewidths=1.1)
            ax.clabel(rings, fontsize=7.5, fmt=lambda value: f"{value:.3g}")
        ax.scatter([0], [0], marker="+", s=80, color=INK, linewidths=1.8, zorder=4)

    middle = len(at) // 2
    words = f"Loss around the solution: {heights[middle, middle]:.4g} in the middle, from {low:.4g} to {high:.4g}."
    ticks = np.linspace(-REACH, REACH, 5)
    axes: dict[str, Any] = {"xlabel": "first direction", "ylabel": "second direction", "xticks": ticks, "yticks": ticks}
    return Drawing(paint, words, size=(4.6, 4.2), axes=axes)
