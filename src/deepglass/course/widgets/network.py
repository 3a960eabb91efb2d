"""A network drawn with its numbers: arrows as thick as their weights, circles as full as their values."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.course.widgets.widget import Widget, on_page, state


class Network(Widget):
    """State of the drawing; `values` may be empty where no example runs through."""

    weights = state([])
    biases = state([])
    values = state([])
    inputs = state([])
    outputs = state([])
    follows = state("")
    hint = state("")
    pulses = state(True)


def network(
    weights: Sequence[Any] = (),
    biases: Sequence[Any] = (),
    values: Sequence[Any] = (),
    *,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    follows: str = "",
    label: str = "",
    hint: str = "",
    pulses: bool = True,
) -> Any:
    """A network whose numbers show under the hand; new `.weights`, `.biases`, `.values` redraw it.

    Args:
        weights: One matrix (outputs, inputs) a layer, as `nn.Linear` keeps them.
        biases: One vector per layer.
        values: What each layer holds for one example, inputs first; one more than there are weights.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        follows: Name of a `plane` whose learner is drawn.
        label: What is seen, for those who cannot see it.
        hint: What stands below while nothing is pointed at.
        pulses: Whether dots run along the arrows.
    """
    lists = [[np.asarray(part, dtype=float).tolist() for part in parts] for parts in (weights, biases, values)]
    return on_page(
        Network(
            weights=lists[0], biases=lists[1], values=lists[2], inputs=list(inputs), outputs=list(outputs),
            follows=follows, label=label, hint=hint, pulses=pulses,
        )
    )  # fmt: skip
