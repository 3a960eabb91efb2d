"""Gradients while it learns: how large the gradient of each layer was, epoch by epoch, beside the layer's weights.

Where the first layers get a thousandth of what the last ones get, they stand still: the gradient vanishes on its way
back. What grows without end explodes. The norms are those of the last step of an epoch, after clipping.
"""

import math

import numpy as np

from deepglass.core import run_log
from deepglass.draw.curves import curves
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 3
TITLE = "Gradients while it learns"
QUESTION = "Does every layer learn, the first as well as the last?"
LESSON = "15_initialisation"
READ = ("training/layer_norms.py",)
IS_QUICK = True

SHOWN = 6  # layers with a curve each


def show(opened: Opened, asked: Asked) -> View:
    """The norm of the gradient and of the weights of up to six layers, spread from the first to the last.

    Raises:
        NotForThisRun: If the run has no log.
    """
    layers = run_log.read(opened.folder.path).layers
    if not layers:
        raise NotForThisRun("it has no log of its layers: that is written by `deepglass train` of this version")
    names = chosen(list(layers[max(layers)]))
    gradients, weights = ({name: line(layers, name, place) for name in names} for place in (1, 0))
    gradients = {name: found for name, found in gradients.items() if len(found[0])}
    last = {name: float(found[1][-1]) for name, found in gradients.items()}
    pictures = [
        curves(
            lines, label=f"Norm of the {what} by layer", xlabel="epoch", whole=True, ylabel=f"norm of the {what}",
            log="y" if all((found[1] > 0).all() for found in lines.values()) else "",
            points=all(len(found[0]) == 1 for found in lines.values()),
        )
        for what, lines in (("gradient", gradients), ("weights", weights))
        if lines
    ]  # fmt: skip
    facts = {"layers": list(layers[max(layers)]), "last_gradients": last}
    return View(in_words(last), pictures, facts)


def chosen(names: list[str]) -> list[str]:
    """Up to six of them, the first and the last among them; of a bag of networks those of the first."""
    own = [name for name in names if name.startswith("networks.0.")] or names
    return [own[i] for i in np.unique(np.linspace(0, len(own) - 1, min(SHOWN, len(own))).astype(int))]


def line(layers: dict[int, dict[str, list[float]]], name: str, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Epochs and norms of one layer: place 0 of its weights, 1 of its gradient."""
    points = [(epoch, of[name][place]) for epoch, of in sorted(layers.items()) if name in of]
    kept = [(epoch, value) for epoch, value in points if value is not None and math.isfinite(value)]
    return np.array([epoch for epoch, _ in kept], float), np.array([value for _, value in kept], float)


def in_words(last: dict[str, float]) -> str:
    """The largest beside the smallest."""
    if not last:
        return "No gradient was noted: nothing was learnt in the last step of an epoch."
    low, high = min(last, key=last.__getitem__), max(last, key=last.__getitem__)
    words = f"At last the gradient of {low} has norm {last[low]:.3g}"
    return f"{words}, that of {high} {last[high]:.3g}." if low != high else f"{words}."
