"""Points of a plane lifted into three dimensions by the input x₁·x₂."""

from typing import Any

from deepglass.course.widgets.widget import Widget, on_page, state


class Lift(Widget):
    """Follows a plane that offers the product."""

    follows = state("")


def lift(follows: str) -> Any:
    """The points of the plane of this name with x₁·x₂ as their height, and the learner's plane among them."""
    return on_page(Lift(follows=follows))
