"""Features of an example: features (B, C). What is alike has features in like directions."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base


class Answer(Base):
    """{"features": [numbers]}."""

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        return {"features": parts[self.name].tolist()}

    def json_schema(self) -> Json:
        properties = {"features": {"type": "array", "items": NUMBER}}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def row(self, answer: Json) -> Json:
        return {f"feature_{i + 1}": number for i, number in enumerate(answer["features"])}
