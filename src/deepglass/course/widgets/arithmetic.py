"""The neuron's sum with its numbers: step(0.8·1.2 + (−0.3)·0.5 + 0.1) = step(0.91) = 1."""

from typing import Any

from deepglass.course.widgets.widget import Widget, on_page, state


class Arithmetic(Widget):
    """Follows a plane with the rule "perceptron"."""

    follows = state("")


def arithmetic(follows: str) -> Any:
    """The formula of the perceptron, filled by the point that was chosen last in the plane of this name."""
    return on_page(Arithmetic(follows=follows))
