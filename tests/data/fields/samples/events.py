from dataclasses import replace

import numpy as np

from deepglass.data.containers import Text

SETTINGS = {"context": 4, "min_count": 1}
SHOWN = ()


def lines(count: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    return "".join(
        " ".join(rng.choice(["home", "shoes", "hats", "pay"], rng.integers(2, 8))) + "\n" for _ in range(count)
    )


def data() -> Text:
    parts = {"train": lines(40, 0), "val": lines(5, 1), "test": lines(5, 2)}
    return Text(parts["train"], "visits", splits=parts)


def spoilt(data: Text, part: str) -> Text:
    """With other events in one part."""
    return replace(data, splits=data.splits | {part: data.splits[part] + "zounds egad zounds\n"})
