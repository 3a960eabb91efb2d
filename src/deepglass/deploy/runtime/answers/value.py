"""A number: value (B,) in the unit of the target."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base


class Answer(Base):
    """The number alone."""

    VERB = "regress"
    CAN_EXPLAIN = True
    CAN_COVER = True

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        return {"value": float(parts[self.name])}

    def covered(self, parts: dict[str, np.ndarray], limit: float) -> Json:
        """The ends of the interval around the number."""
        value = float(parts[self.name])
        return {"lower": value - limit, "upper": value + limit}

    def json_schema(self) -> Json:
        properties = dict.fromkeys(("value", "lower", "upper"), NUMBER)
        return {"type": "object", "properties": properties, "required": ["value"]}

    def about(self, first: Json) -> str:
        return "value"

    def score(self, answer: Json, first: Json) -> float:
        return answer["value"]

    def result(self, answer: Json) -> float:
        return answer["value"]

    def shown(self) -> Json:
        return {"said": "value"}
