"""Enlarged pictures (B, H, W, C) in [0, 1]: a PNG, as large as the picture that was sent asks for."""

import base64
import io

import numpy as np

from . import NUMBER, Json
from . import Answer as Base

PREFIX = "data:image/png;base64,"
WHITE = 255.0


class Answer(Base):
    """{"height", "width", "brightness": the mean of all values in [0, 1], "picture": a PNG as a data URI}."""

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        values = parts[self.name].astype(np.float32)
        return answered((WHITE * values).round().clip(0, WHITE).astype(np.uint8))

    def noted(self, answer: Json, note: Json) -> Json:
        """Without what stands beyond the edge of a smaller picture."""
        [described, *_] = self.schema.get("inputs") or [{}]
        times = described.get("times", 1)
        height, width = note["height"] * times, note["width"] * times
        if (answer["height"], answer["width"]) == (height, width):
            return answer
        return answered(from_uri(answer["picture"])[:height, :width])

    def json_schema(self) -> Json:
        whole = {"type": "integer", "minimum": 1}
        picture = {"type": "string", "contentEncoding": "base64"}
        properties = {"height": whole, "width": whole, "brightness": NUMBER, "picture": picture}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def shown(self) -> Json:
        return {"finer": "picture"}


def answered(picture: np.ndarray) -> Json:
    """A picture (H, W, C) of bytes as an answer."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture[..., 0] if picture.shape[-1] == 1 else picture)).save(file, "PNG")
    size = {"height": picture.shape[0], "width": picture.shape[1], "brightness": float(picture.mean() / WHITE)}
    return {**size, "picture": PREFIX + base64.b64encode(file.getvalue()).decode()}


def from_uri(uri: str) -> np.ndarray:
    """The picture (H, W, C) in such an answer."""
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(uri.removeprefix(PREFIX))), formats=("PNG",)) as image:
        found = np.array(image)
    return found if found.ndim == 3 else found[..., None]
