"""Learning curves: the loss and the scores after every epoch, also of a training that is under way.

What is below on the training examples and above on the others is remembered and not understood; where both still fall,
there is more to learn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepglass.draw.curves import curves
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.learning import learnt
from deepglass.see.opened import Opened

PLACE = 1
TITLE = "Learning curves"
QUESTION = "Does it learn, and does it learn what holds for new examples?"
LESSON = "16_overfitting"
READ = ("training/loop.py", "training/epoch_end.py")
IS_QUICK = True

MOST_POINTS, MOST_SCORES = 400, 3
NAMES = {"loss": "training", "val_loss": "validation"}
OF_TIME = ("epoch", "step", "seconds", "examples_per_second")


def show(opened: Opened, asked: Asked) -> View:
    """A picture of the losses, one for each other score of validation, and the learning rate.

    Raises:
        NotForThisRun: If no epoch is done yet.
    """
    epochs = learnt(opened.folder)
    if not epochs:
        raise NotForThisRun("no epoch is done yet; the first curve comes with it")
    of_name = series(epochs)
    losses = {name: of_name[name] for name in of_name if name.endswith("loss")}
    scores = [name for name in of_name if name.startswith("val_") and name not in losses][:MOST_SCORES]
    pictures = [drawn({NAMES.get(name, said(name)): line for name, line in losses.items()}, "The loss", "loss")] * bool(
        losses
    )
    pictures += [drawn({"validation": of_name[name]}, said(name), said(name)) for name in scores]
    if "learning_rate" in of_name:
        pictures.append(drawn({"": of_name["learning_rate"]}, "The learning rate", "learning rate"))
    return View(in_words(epochs), pictures, {"epochs": len(epochs), "last": epochs[-1]})


def series(epochs: Sequence[Mapping[str, float]]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By name the epochs in which something was measured, and what was; few enough to draw."""
    names = list(dict.fromkeys(name for epoch in epochs for name in epoch if name not in OF_TIME))
    found = {}
    for name in names:
        points = np.array([(epoch["epoch"], epoch[name]) for epoch in epochs if name in epoch], dtype=float)
        points = points[np.isfinite(points[:, 1])]
        if len(points):
            kept = np.unique(np.linspace(0, len(points) - 1, min(MOST_POINTS, len(points))).astype(int))
            found[name] = (points[kept, 0], points[kept, 1])
    return found


def drawn(lines: Mapping[str, tuple[np.ndarray, np.ndarray]], label: str, ylabel: str) -> Any:
    """Curves over the epochs; of a single one, points."""
    is_short = max(len(places) for places, _ in lines.values()) == 1
    dashed = [name for name in lines if name == "training"]
    return curves(lines, label=label, xlabel="epoch", whole=True, ylabel=ylabel, points=is_short, dashed=dashed)


def in_words(epochs: Sequence[Mapping[str, float]]) -> str:
    """The last epoch, the best one, and how far training and validation are apart."""
    last = epochs[-1]
    words = [f"After epoch {last['epoch']:,} the loss is {last.get('loss', float('nan')):.4g} on the training examples"]
    if "val_loss" in last:
        best = min((epoch for epoch in epochs if "val_loss" in epoch), key=lambda epoch: epoch["val_loss"])
        words[0] += f" and {last['val_loss']:.4g} on validation"
        words.append(f"The lowest validation loss, {best['val_loss']:.4g}, is that of epoch {best['epoch']:,}")
    return ". ".join(words) + "."


def said(name: str) -> str:
    """ "val_accuracy" → "accuracy"."""
    return name.removeprefix("val_").replace("_", " ")
