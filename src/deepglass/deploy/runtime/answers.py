"""Outputs of the graph → answers as people read them."""

from typing import Any

import numpy as np

INTERVAL = ("lower", "upper")  # outputs beside a forecast
LIKELIEST = 10  # next tokens that are named


class Answers:
    """Decodes outputs; the name of the first output says which kind of answer it is."""

    def __init__(self, schema: dict[str, Any], labels: list[str] | None, encoder: Any):
        self.schema, self.labels, self.encoder = schema, labels or [], encoder

    @property
    def needed(self) -> list[str]:
        """The outputs that an answer is made of."""
        there = [output["name"] for output in self.schema.get("outputs", ())]
        return [self.schema["answer"], *(name for name in INTERVAL if name in there)]

    def decode(self, outputs: dict[str, np.ndarray]) -> list[dict[str, Any]]:
        """One answer per record.

        Args:
            outputs: By name; of a language model `next_probabilities` is enough.
        """
        name = self.schema["answer"]
        if name == "forecast":
            return [self._forecast({part: outputs[part][i] for part in self.needed}) for i in range(len(outputs[name]))]
        decode = {
            "probabilities": self._class,
            "value": self._value,
            "next_probabilities": self._next_token,
        }[name]
        return [decode(row) for row in outputs[name]]

    def with_notes(self, answers: list[dict[str, Any]], notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers with what only their records know.

        Args:
            notes: One for each answer, or none at all; `steps` cuts a forecast to as many, all else is added.
        """
        return [_with_note(answer, note) for answer, note in zip(answers, notes, strict=True)] if notes else answers

    def _class(self, probabilities: np.ndarray) -> dict[str, Any]:
        """From (K,)."""
        best = int(probabilities.argmax())
        shares = dict(zip(self.labels, probabilities.tolist(), strict=True))
        return {"label": self.labels[best], "probability": float(probabilities[best]), "probabilities": shares}

    def _value(self, value: np.ndarray) -> dict[str, Any]:
        """From ()."""
        return {"value": float(value)}

    def _forecast(self, parts: dict[str, np.ndarray]) -> dict[str, Any]:
        """From (horizon, series) each: the forecast and, where there is one, both ends of its interval."""
        return {part: dict(zip(self.encoder.targets, values.T.tolist(), strict=True)) for part, values in parts.items()}

    def _next_token(self, probabilities: np.ndarray) -> dict[str, Any]:
        """From (V,)."""
        best = np.argsort(-probabilities, kind="stable")[:LIKELIEST].tolist()
        shares = {self.encoder.piece(i): float(probabilities[i]) for i in best}
        return {"next": self.encoder.piece(best[0]), "probability": float(probabilities[best[0]]), "likeliest": shares}


def _with_note(answer: dict[str, Any], note: dict[str, Any]) -> dict[str, Any]:
    steps, more = note.get("steps"), {name: part for name, part in note.items() if name != "steps"}
    parts = [name for name in ("forecast", *INTERVAL) if name in answer and steps is not None]
    cut = {part: {name: values[:steps] for name, values in answer[part].items()} for part in parts}
    return answer | cut | more
