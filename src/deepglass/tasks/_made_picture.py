"""A picture that a network has made, as an answer."""

from typing import Any

import numpy as np
from PIL import Image

from deepglass.core import data_uri

WHITE = 255.0


def answers_of(pictures: np.ndarray, names: dict[str, Any]) -> list[dict[str, Any]]:
    """One record per picture: what names it, its size and mean brightness, and the picture as a PNG.

    Args:
        pictures: Of bytes (H, W, C), an array of objects.
        names: What names each, by column.
    """
    records = []
    for place, picture in enumerate(pictures):
        about = {name: column[place] for name, column in names.items()}
        plain = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
        size = {"height": picture.shape[0], "width": picture.shape[1], "brightness": float(picture.mean() / WHITE)}
        records.append({**about, **size, "picture": data_uri.of_image(plain)})
    return records
