"""Which encoder a task needs, and the contract that all of them keep.

The description of an input (an item of `schema["inputs"]`) has a name, a kind, the tensor it goes into, that tensor's
datatype and shape, and `statistics` of the training data (mean, std, quantiles of numbers, brightness, lengths; shares
of categories) or None:

    kind       one for each                 what else is described
    number     column of a table
    date       column of a table
    category   column of a table            categories, is_boolean
    image      picture                      height, width, channels, background (what lies under transparent parts),
                                            scale (values of black and white: deep of whole numbers beyond bytes, real
                                            of floats; keeps_depth: brightness comes as float32 and not as bytes)
    text       text                         min_length, max_length, padding (in tokens)
    series     column of a table of times   role: "target" or "covariate"
"""

from typing import Any, Protocol

import numpy as np


class Encoder(Protocol):
    """Turns records into tensors, and adds to an answer what only the record knows."""

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        """Tensors by name; raises InputError."""
        ...

    def annotate(self, records: list[Any], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers, in the same order, perhaps with more in each."""
        ...


def encoder_for(schema: dict[str, Any], tokens: dict[str, Any] | None) -> Any:
    """The encoder of a task's records; each imports only what it needs, so a table wants no Pillow."""
    first, limits = schema["inputs"][0], schema["limits"]
    match first["kind"]:
        case "image":
            from .pictures import Pictures

            return Pictures(first, limits["image_pixels"])
        case "text":
            from .texts import Prompts, Texts

            encoder = Texts if schema["task"] == "text-classification" else Prompts
            return encoder(first, tokens or {}, limits["text_characters"])
        case "series":
            from .series import Pasts

            return Pasts(schema)
        case _:
            from .columns import Columns

            return Columns(schema["inputs"])
