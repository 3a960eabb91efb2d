"""What a network makes of a picture, layer by layer: its feature maps, each to be looked at more closely."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np

from deepglass.core.errors import ShapeError
from deepglass.course.widgets.widget import Widget, on_page, state
from deepglass.draw.drawing import numbers


class Layers(Widget):
    """State of the pictures; `layer` and `chosen` are numbers of what the reader looks at."""

    layers = state([])
    layer = state(0)
    chosen = state(0)
    seconds = state(1.6)
    waits_for = state("")

    def positions(self) -> list[dict[str, Any]]:
        """Every map of every layer."""
        return [
            {"layer": i, "chosen": map_} for i, layer in enumerate(self.layers) for map_ in range(len(layer["bytes"]))
        ]


def layers(
    maps: Mapping[str, Any],
    *,
    name: str = "",
    label: str = "",
    seconds: float = 1.6,
    most: int = 32,
    waits_for: str = "",
) -> Any:
    """Feature maps, layer after layer; `.value["layer"]` and `.value["chosen"]` are what the reader looks at.

    Args:
        maps: By title of the layer, in order, its maps (C, H, W) for one picture, or (H, W) for the picture itself;
            (C,) are the units of a layer that has no picture any more.
        name: Under which other widgets follow it, and the page's address keeps what is looked at.
        label: What the picture is, for those who cannot see it.
        seconds: A layer, while it plays.
        most: Maps shown of a layer; the rest is counted.
        waits_for: Name of a guess; until it is made, the first layer stays.

    Raises:
        ShapeError: If a layer is neither a picture nor maps nor units.
    """
    return on_page(
        Layers(
            layers=[packed(title, numbers(values), most) for title, values in maps.items()], name=name, label=label,
            seconds=seconds, waits_for=waits_for,
        )
    )  # fmt: skip


def packed(title: str, values: np.ndarray, most: int) -> dict[str, Any]:
    """A layer for the browser: every number in one signed byte, and how much a byte is worth.

    Raises:
        ShapeError: If it is neither a picture nor maps nor units.
    """
    if values.ndim not in (1, 2, 3) or 0 in values.shape:
        raise ShapeError(
            f"kit.layers: expected maps (C, H, W), a picture (H, W) or units (C,), got {values.shape}: {title}"
        )
    maps = values[:, None, None] if values.ndim == 1 else values[None] if values.ndim == 2 else values
    top = float(np.abs(maps).max()) or 1.0
    steps = np.round(maps[:most] / top * 127).astype(np.int8)
    return {
        "title": title, "count": len(maps), "height": maps.shape[1], "width": maps.shape[2], "top": top,
        "bytes": [b64encode(one.tobytes()).decode() for one in steps],
    }  # fmt: skip
