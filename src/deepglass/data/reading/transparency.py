"""What lies under the transparent parts of a picture: one ground for a whole folder, on which nothing gets lost.

A black drawing on nothing shows on white, a white one does not; some programs store a picture whose alpha is zero
throughout. The ground is chosen from the training pictures and kept with the model: white, unless pictures would lose
on it what they show on another.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

GROUNDS = ("white", "black", "grey", "none")  # in this order; "none" leaves alpha out and shows the stored colours
GREY = (128, 128, 128, 255)
KEPT = 0.25  # of the contrast on the best ground; below, a picture has lost what it shows
FLAT = 2.0  # levels: a picture with less contrast on every ground shows nothing anywhere
MOST_LOST = 0.01  # of the pictures may lose their contrast on the ground that is taken
SIDE = 64  # pixels; contrast is measured on small copies


def has_alpha(image: Image.Image) -> bool:
    """Whether a picture knows transparency, used or not."""
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def on_ground(image: Image.Image, background: str) -> Image.Image:
    """The picture without transparency: on "white", "black" or "grey", or with alpha left out ("none")."""
    if not has_alpha(image):
        return image
    image = image.convert("RGBA")
    if background == "none":
        return image.convert("RGB")
    colour = GREY if background == "grey" else background
    return Image.alpha_composite(Image.new("RGBA", image.size, colour), image)


def choose_background(images: Sequence[Callable[[], Image.Image]]) -> tuple[str, str]:
    """The ground for a folder, and why; "" for the reason where no picture has a transparent part.

    Args:
        images: Each opens a picture that knows transparency.
    """
    contrasts = np.array([found for found in (_contrasts(opening()) for opening in images) if found is not None])
    if not len(contrasts):
        return GROUNDS[0], ""
    contrasts = contrasts[contrasts.max(axis=1) >= FLAT].reshape(-1, len(GROUNDS))
    if not len(contrasts):
        return GROUNDS[0], "usual"
    lost = (contrasts < KEPT * contrasts.max(axis=1, keepdims=True)).mean(axis=0)  # (grounds,)
    best = int(np.argmax(lost <= MOST_LOST)) if (lost <= MOST_LOST).any() else int(lost.argmin())
    if best == 0:
        return GROUNDS[0], "usual, and nothing gets lost on it"
    return GROUNDS[best], f"{lost[0]:.0%} of the transparent pictures show nothing on white"


def _contrasts(image: Image.Image) -> list[float] | None:
    """Standard deviation on each ground, in levels; None where nothing is transparent."""
    image = image.convert("RGBA")
    if image.getextrema()[3] == (255, 255):
        return None
    image.thumbnail((SIDE, SIDE), Image.Resampling.NEAREST)
    return [float(np.asarray(on_ground(image, ground).convert("RGB")).std(axis=(0, 1)).mean()) for ground in GROUNDS]
