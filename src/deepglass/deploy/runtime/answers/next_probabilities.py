"""What comes next in a text: next_probabilities (B, V), of every token."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base

LIKELIEST = 10  # next tokens that are named


class Answer(Base):
    """The likeliest piece of text, its probability, and those of a few more."""

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        probabilities = parts[self.name]  # (V,)
        best = np.argsort(-probabilities, kind="stable")[:LIKELIEST].tolist()
        shares = {self.encoder.piece(i): float(probabilities[i]) for i in best}
        return {"next": self.encoder.piece(best[0]), "probability": float(probabilities[best[0]]), "likeliest": shares}

    def json_schema(self) -> Json:
        shares = {"type": "object", "additionalProperties": NUMBER}
        properties = {"next": {"type": "string"}, "probability": NUMBER, "likeliest": shares}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def width(self, shape: list[int]) -> int:
        return LIKELIEST

    def shown(self) -> Json:
        return {"before": "What comes next, most likely:", "said": "next", "bars": "likeliest", "marks": True}
