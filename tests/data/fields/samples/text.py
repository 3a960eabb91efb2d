import numpy as np
import pandas as pd

from deepglass.data.containers import Table

WORDS = {4: ["great", "warm", "lovely", "fine"], 7: ["awful", "dull", "cold", "grim"]}
OTHERS = ["the", "film", "story", "actor", "scene"]


def data() -> Table:
    rng = np.random.default_rng(0)
    kinds = rng.permutation([4, 7] * 24)
    texts = [" ".join(rng.choice(WORDS[kind] + OTHERS, 9)) for kind in kinds]
    return Table(pd.DataFrame({"review": texts, "kind": kinds}), "reviews", target="kind")


def spoil(data: Table, rows: np.ndarray) -> None:
    data.frame.loc[rows, "review"] = "zounds " * 400
