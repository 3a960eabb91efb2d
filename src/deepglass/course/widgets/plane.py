"""A plane of points in two classes, and a learner whose decision surface is redrawn while it learns."""

from collections.abc import Mapping, Sequence
from typing import Any

from deepglass.course.widgets.widget import Widget, on_page, state

Points = Sequence[Sequence[float]]


class Plane(Widget):
    """State of the plane; `result` is told when something is settled, not sixty times per second."""

    modules = ("learners", "surface")
    points = state([])
    presets = state({})
    rule = state("perceptron")
    hidden = state(4)
    rate = state(0.1)
    seed = state(0)
    steps_a_frame = state(4)
    product = state(False)
    offers_product = state(False)
    playing = state(True)
    waits_for = state("")
    result = state({})

    def positions(self) -> list[dict[str, Any]]:
        """Its sets of points."""
        return [{"points": points} for points in self.presets.values()]


def plane(
    points: Points,
    rule: str = "perceptron",
    *,
    name: str = "",
    label: str = "",
    presets: Mapping[str, Points] | None = None,
    hidden: int = 4,
    rate: float = 0.1,
    seed: int = 0,
    steps_a_frame: int = 4,
    offers_product: bool = False,
    product: bool = False,
    waits_for: str = "",
) -> Any:
    """Points to drag, add and paint; `.value["points"]` and `.value["result"]` are what the reader made of them.

    Args:
        points: [x, y, class] in [-1, 1]²; class 1 is blue and on the positive side, 0 is orange.
        rule: "perceptron" (a mistake every half second, exactly those of the engine's), "logistic" or "network" (one
            hidden layer of tanh), both by gradient descent on all points.
        name: Under which other widgets follow it, and under which the page's address keeps the set-up.
        label: What is seen, for those who cannot see it.
        presets: Other sets of points, by title.
        hidden: Units of the network.
        rate: Learning rate of the descent.
        seed: Of the network's first weights.
        steps_a_frame: Steps of descent in a sixtieth of a second.
        offers_product: Show the switch that adds the input x₁·x₂.
        product: Whether that input is there from the start.
        waits_for: Name of a `guess`; until it is committed, the points cannot be moved.
    """
    plain = [[float(x), float(y), int(kind)] for x, y, kind in points]
    sets = {title: [[float(x), float(y), int(kind)] for x, y, kind in rows] for title, rows in (presets or {}).items()}
    return on_page(
        Plane(
            points=plain, rule=rule, name=name, label=label, presets=sets, hidden=hidden, rate=rate, seed=seed,
            steps_a_frame=steps_a_frame, offers_product=offers_product, product=product, waits_for=waits_for,
        )
    )  # fmt: skip
