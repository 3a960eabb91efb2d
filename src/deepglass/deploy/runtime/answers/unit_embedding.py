"""An embedding of length 1: unit_embedding (B, D). Two pictures are held against each other by their distance."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base


class Answer(Base):
    """{"vector": [numbers]}."""

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        return {"vector": parts[self.name].tolist()}

    def json_schema(self) -> Json:
        properties = {"vector": {"type": "array", "items": NUMBER}}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def row(self, answer: Json) -> Json:
        return {f"vector_{i + 1}": number for i, number in enumerate(answer["vector"])}
