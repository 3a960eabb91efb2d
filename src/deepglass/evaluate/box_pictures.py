"""A picture with the boxes that are true and those that were found, as a report shows it."""

import numpy as np
from PIL import Image, ImageDraw

from deepglass.core.data_uri import of_image

SIDE = 320  # of the longer side at most; a tiny picture is enlarged to half of that
COLOURS = {"found": (0, 158, 115), "missed": (0, 114, 178), "invented": (213, 94, 0)}  # of Okabe and Ito (2008)
WORDS = {"found": "green", "missed": "blue", "invented": "red"}


def data_uri(pixels: np.ndarray, boxes: dict[tuple[int, int, int], np.ndarray]) -> str:
    """A PNG inside a URI.

    Args:
        pixels: (H, W, C) bytes.
        boxes: By colour, (n, 4) as shares of the picture each; the last lie on top.
    """
    grey = np.repeat(pixels[..., :1], 3, axis=-1) if pixels.shape[-1] != 3 else pixels
    picture = Image.fromarray(grey)
    scale = min(SIDE / max(picture.size), max(1.0, SIDE / 2 / max(picture.size)))
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    pen = ImageDraw.Draw(picture)
    for colour, of_colour in boxes.items():
        for box in of_colour * [picture.width, picture.height, picture.width, picture.height]:
            x0, y0, x1, y1 = (round(float(edge)) for edge in box)
            pen.rectangle((x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), outline=colour, width=2)
    return of_image(picture)
