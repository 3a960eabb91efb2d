from dataclasses import replace

import numpy as np

from deepglass.data.containers import Text

SETTINGS = {"context": 16}
SHOWN = ()


def data() -> Text:
    rng = np.random.default_rng(0)
    return Text(" ".join(rng.choice(["the", "sea", "was", "calm"], 600)), "book")


def spoilt(data: Text, part: str) -> Text:
    """With other characters at the end, or in the beginning where training lies."""
    text, strange = data.text, "Zounds! " * 8
    return replace(data, text=text[: -len(strange)] + strange if part == "test" else strange + text[len(strange) :])
