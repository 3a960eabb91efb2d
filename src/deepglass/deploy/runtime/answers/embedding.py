"""A code and what is lost in it: embedding (B, K + 1), the last number the mean squared error of what is made again."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base


class Answer(Base):
    """{"code": [numbers], "error": mean squared error, in deviations of the inputs}."""

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        *code, error = parts[self.name].tolist()
        return {"code": code, "error": error}

    def json_schema(self) -> Json:
        properties = {"code": {"type": "array", "items": NUMBER}, "error": NUMBER}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def row(self, answer: Json) -> Json:
        return {f"code_{i + 1}": number for i, number in enumerate(answer["code"])} | {"error": answer["error"]}
