"""What a 2 × 2 matrix does to the plane: its grid moves, and the two columns can be taken by the hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from deepglass.course.widgets.widget import Widget, on_page, state


class Grid(Widget):
    """State of the picture; `matrix` is what the reader made of it, as rows."""

    matrix = state([[1.0, 0.0], [0.0, 1.0]])
    presets = state({})

    def positions(self) -> list[dict[str, Any]]:
        """Its matrices."""
        return [{"matrix": rows} for rows in self.presets.values()]


def grid(
    matrix: Sequence[Sequence[float]],
    presets: Mapping[str, Sequence[Sequence[float]]] | None = None,
    *,
    name: str = "",
    label: str = "",
) -> Any:
    """A plane that moves as the matrix says; `.value["matrix"]` are its rows after the reader dragged its columns.

    Args:
        matrix: Two rows of two numbers between -3 and 3.
        presets: Others, by title.
        name: Unique on the page.
        label: What is seen, for those who cannot see it.
    """
    others = {title: [list(map(float, row)) for row in rows] for title, rows in (presets or {}).items()}
    return on_page(Grid(matrix=[list(map(float, row)) for row in matrix], presets=others, name=name, label=label))
