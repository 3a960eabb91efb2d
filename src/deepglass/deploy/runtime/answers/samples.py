"""Rows that were made: samples (B, F) in the units of the table; the description names the `columns`."""

import numpy as np

from . import NUMBER, Json
from . import Answer as Base


class Answer(Base):
    """The cells of a row by the names of their columns."""

    def one(self, parts: dict[str, np.ndarray]) -> Json:
        return dict(zip(self.schema["columns"], parts[self.name].tolist(), strict=True))

    def json_schema(self) -> Json:
        columns = self.schema["columns"]
        return {"type": "object", "properties": dict.fromkeys(columns, NUMBER), "required": [*columns]}
