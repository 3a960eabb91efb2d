"""A number: value (B,) in the unit of the target."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base


class Answer(Base):
    """The number alone."""

    VERB = "regress"
    CAN_EXPLAIN = True

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        return {"value": float(parts[self.name])}

    def json_schema(self) -> Json:
        return {"type": "object", "properties": {"value": NUMBER}, "required": ["value"]}

    def about(self, first: Json) -> str:
        return "value"

    def score(self, answer: Json, first: Json) -> float:
        return answer["value"]

    def result(self, answer: Json) -> float:
        return answer["value"]

    def shown(self) -> Json:
        return {"said": "value"}
