"""The space of weights: every point of a plane is a wall there, and learning walks to the right side of all walls."""

from typing import Any

from deepglass.course.widgets.widget import Widget, on_page, state


class Walls(Widget):
    """Follows a plane with the rule "perceptron"."""

    follows = state("")


def walls(follows: str) -> Any:
    """The walk of the weights (w₁, w₂) of the plane of this name, at its present bias."""
    return on_page(Walls(follows=follows))
