"""A picture with what of each class was found, missed and invented, as a report shows it."""

import numpy as np
from PIL import Image

from deepglass.core.data_uri import of_image

SIDE = 320  # of the longer side at most; a tiny picture is enlarged to half of that
COLOURS = {"found": (0, 158, 115), "missed": (0, 114, 178), "invented": (213, 94, 0)}  # of Okabe and Ito (2008)
WORDS = {"found": "green", "missed": "blue", "invented": "red"}
STRENGTH = 0.6  # of the colours over the picture


def sides(answer: np.ndarray, truth: np.ndarray, num_classes: int, ground: int = 0) -> dict[str, np.ndarray]:
    """Which pixels (H, W) are found, missed and invented; a class taken for another one is missed.

    Args:
        answer: (H, W) classes.
        truth: (H, W) classes below `num_classes`; all else is not judged.
        num_classes: K.
        ground: The class that is not looked for, as a rule the largest.
    """
    judged = truth < num_classes
    return {
        "found": judged & (truth == answer) & (truth != ground),
        "missed": judged & (truth != answer) & (truth != ground),
        "invented": judged & (truth == ground) & (answer != ground),
    }


def data_uri(pixels: np.ndarray, parts: dict[str, np.ndarray]) -> str:
    """A PNG inside a URI.

    Args:
        pixels: (H, W, C) bytes.
        parts: Of `sides`, each (H, W).
    """
    colour = np.repeat(pixels[..., :1], 3, axis=-1) if pixels.shape[-1] != 3 else pixels
    mixed = colour.astype(np.float32)
    for name, part in parts.items():
        mixed[part] = (1 - STRENGTH) * mixed[part] + STRENGTH * np.array(COLOURS[name])
    picture = Image.fromarray(mixed.round().astype(np.uint8))
    scale = min(SIDE / max(picture.size), max(1.0, SIDE / 2 / max(picture.size)))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return of_image(picture.resize(size))
