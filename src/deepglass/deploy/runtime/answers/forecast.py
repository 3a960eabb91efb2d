"""The next steps of series: forecast (B, horizon, S), and lower and upper where there is an interval."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base

INTERVAL = ("lower", "upper")


class Answer(Base):
    """Each part by series; the note of a past adds its times and its name, and says how many steps are wanted."""

    BESIDE = INTERVAL

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        return {part: dict(zip(self.encoder.targets, values.T.tolist(), strict=True)) for part, values in parts.items()}

    def noted(self, answer: Json, note: Json) -> Json:
        """`steps` cuts the forecast to as many, all else is added."""
        steps, more = note.get("steps"), {name: part for name, part in note.items() if name != "steps"}
        parts = [name for name in (self.name, *INTERVAL) if name in answer and steps is not None]
        cut = {part: {name: values[:steps] for name, values in answer[part].items()} for part in parts}
        return answer | cut | more

    def json_schema(self) -> Json:
        steps = {"type": "array", "items": NUMBER}
        by_series = {
            "type": "object",
            "properties": dict.fromkeys(self.encoder.targets, steps),
            "required": self.encoder.targets,
        }
        times = {"type": "array", "items": {"type": "string"}}
        properties = dict.fromkeys(self.needed, by_series) | {"time": times, "series": {"type": "object"}}
        return {"type": "object", "properties": properties, "required": self.needed}

    def shown(self) -> Json:
        return {"chart": self.name}
