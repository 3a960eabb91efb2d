"""The nearest of several centres: cluster_distances (B, k + 1), the last number the reconstruction error."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base


class Answer(Base):
    """{"cluster": counted from 1, "distance": from its centre, "distances": from every centre}."""

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        *away, _ = parts[self.name].tolist()
        nearest = int(np.argmin(away))
        return {"cluster": nearest + 1, "distance": away[nearest], "distances": away}

    def json_schema(self) -> Json:
        each = {"type": "array", "items": NUMBER}
        properties = {"cluster": {"type": "integer", "minimum": 1}, "distance": NUMBER, "distances": each}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def row(self, answer: Json) -> Json:
        each = {f"distance_{i + 1}": number for i, number in enumerate(answer["distances"])}
        return {"cluster": answer["cluster"], "distance": answer["distance"], **each}

    def shown(self) -> Json:
        return {"before": "It belongs to cluster", "said": "cluster"}
