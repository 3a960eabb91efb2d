"""A picture with boxes and masks: what a model found beside what is there, from a chosen confidence on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepglass.core.errors import ShapeError
from deepglass.course.widgets.widget import Widget, on_page, state
from deepglass.draw.drawing import numbers
from deepglass.draw.pixels import as_png


class Boxes(Widget):
    """State of the picture; `confidence` is what the reader made of it."""

    image = state("")
    size = state([1, 1])
    found = state([])
    truth = state([])
    masks = state([])
    confidence = state(0.5)

    def positions(self) -> list[dict[str, Any]]:
        """Every twentieth of the slider."""
        return [{"confidence": step / 20} for step in range(21)]


def boxes(
    image: Any,
    found: Sequence[tuple[Sequence[float], str, float]] = (),
    truth: Sequence[tuple[Sequence[float], str]] = (),
    *,
    masks: Mapping[str, Any] | None = None,
    confidence: float = 0.5,
    name: str = "",
    label: str = "",
) -> Any:
    """Boxes over a picture, those found with how far they cover a true one; `.value["confidence"]` is the slider's.

    Args:
        image: (H, W) from black to white, or (H, W, 3), in [0, 1].
        found: Each (x1, y1, x2, y2) in pixels, what it is, and how sure the model is.
        truth: Each (x1, y1, x2, y2) and what it is; drawn with broken lines.
        masks: By name (H, W), true where the thing is; each has a switch.
        confidence: From where on found boxes are shown, at first.
        name: Under which the page's address keeps the slider.
        label: What the picture shows, for those who cannot see it.

    Raises:
        ShapeError: If the image is none, a box has not four numbers, or a mask is not of the image's size.
    """
    pixels = numbers(image)
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise ShapeError(f"kit.boxes: expected a picture (H, W) or (H, W, 3), got {pixels.shape}")
    for box, *_ in (*found, *truth):
        if len(box) != 4:
            raise ShapeError(f"kit.boxes: expected (x1, y1, x2, y2), got {tuple(box)}")
    height, width = pixels.shape[:2]
    shown = [mask_of(title, numbers(mask), (height, width)) for title, mask in (masks or {}).items()]
    gray = pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)
    return on_page(
        Boxes(
            image=as_png(gray), size=[width, height], masks=shown, confidence=confidence, name=name, label=label,
            found=[[[float(v) for v in box], kind, round(float(score), 4)] for box, kind, score in found],
            truth=[[[float(v) for v in box], kind] for box, kind in truth],
        )
    )  # fmt: skip


def mask_of(title: str, mask: np.ndarray, size: tuple[int, int]) -> list[Any]:
    """A mask as a picture that is opaque where the thing is, and its share of all pixels.

    Raises:
        ShapeError: If it is not of the picture's size.
    """
    if mask.shape != size:
        raise ShapeError(f"kit.boxes: expected a mask {size} like the picture, got {mask.shape}: {title}")
    there = (mask > 0.5).astype(float)
    return [title, as_png(np.stack([there * 0, there * 0, there * 0, there], -1)), round(float(there.mean()), 4)]
