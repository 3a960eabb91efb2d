"""An arm of two links whose angles a network says, and a goal that the reader drags."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepglass.course.widgets.widget import Widget, on_page, state
from deepglass.glass import nn


class Arm(Widget):
    """State of the picture; `goal` is where the reader has left it."""

    nets = state({})
    lengths = state([0.5, 0.5])
    goal = state([0.5, 0.4])
    near = state(0.05)


def arm(
    nets: Mapping[str, nn.Sequential],
    *,
    goal: Sequence[float] = (0.5, 0.4),
    lengths: Sequence[float] = (0.5, 0.5),
    near: float = 0.05,
    label: str = "",
) -> Any:
    """Arms that follow a goal, which moves by itself until it is dragged; `.value["goal"]` is where it was left.

    Both exact answers are drawn behind, pale. By keyboard: arrows move the goal.

    Args:
        nets: By title, from a goal (x, y) to the angles of shoulder and elbow: linear layers with tanh in between. At
            most two.
        goal: Where it is at first, in m.
        lengths: Of the links.
        near: How far the tip may be off.
        label: What is seen, for those who cannot see it.
    """
    plain = {
        title: [
            [np.round(part.detach().numpy().astype(float), 4).tolist() for part in (layer.weight, layer.bias)]
            for layer in net
            if isinstance(layer, nn.Linear)
        ]
        for title, net in nets.items()
    }
    places = {"goal": [float(x) for x in goal], "lengths": [float(x) for x in lengths]}
    return on_page(Arm(nets=plain, near=near, label=label, **places))
