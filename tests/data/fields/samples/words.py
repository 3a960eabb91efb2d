from dataclasses import replace

import numpy as np

from deepglass.data.containers import Text

SETTINGS = {"window": 2, "min_count": 1, "subsample": 0.0}  # else batches differ in length
SHOWN = ()


def data() -> Text:
    rng = np.random.default_rng(0)
    return Text(" ".join(rng.choice(["the", "sea", "was", "calm"], 900)), "book")


def spoilt(data: Text, part: str) -> Text:
    """With other words at the end, or in the beginning where training lies."""
    text, strange = data.text, "zounds " * 8
    return replace(data, text=text[: -len(strange)] + strange if part == "test" else strange + text[len(strange) :])
