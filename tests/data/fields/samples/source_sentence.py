import numpy as np
import pandas as pd

from deepglass.data.containers import Table

ANSWER = "sentence"
WORDS = {"sun": "lo", "moon": "mi", "sea": "ta", "wind": "ke", "tree": "pu"}


def data() -> Table:
    rng = np.random.default_rng(0)
    plain = [" ".join(rng.choice([*WORDS], 6)) + f" {i}" for i in range(48)]
    turned = [" ".join(WORDS.get(word, word) for word in text.split()[::-1]) for text in plain]
    return Table(pd.DataFrame({"plain": plain, "turned": turned}), "pairs")


def spoil(data: Table, rows: np.ndarray) -> None:
    data.frame.loc[rows, "plain"] = "zounds " * 40
