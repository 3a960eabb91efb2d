"""How unusual an example is: anomaly (B, 2), the score in units of the threshold and the reconstruction error."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base

ALARM = 1.0  # scores above it are alarms


class Answer(Base):
    """{"score": an alarm above 1, "verdict": "anomalous" or "normal"}."""

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        score = float(parts[self.name][0])
        return {"score": score, "verdict": "anomalous" if score > ALARM else "normal"}

    def json_schema(self) -> Json:
        properties = {"score": NUMBER, "verdict": {"type": "string", "enum": ["normal", "anomalous"]}}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def shown(self) -> Json:
        return {"before": "It looks", "said": "verdict"}
