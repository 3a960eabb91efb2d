import numpy as np
import pandas as pd

from deepglass.data.containers import Table


def data() -> Table:
    rng = np.random.default_rng(0)
    age, size = rng.integers(18, 80, 48), rng.normal(size=48)
    city = rng.choice(["Rome", "Oslo", "Lima"], 48)
    frame = pd.DataFrame({"age": age.astype(float), "size": size, "city": city, "kind": 3 * (age > 45) + 4})
    return Table(frame, "people", target="kind")


def spoil(data: Table, rows: np.ndarray) -> None:
    data.frame.loc[rows, ["age", "size"]] = 1e6
    data.frame.loc[rows, "city"] = "Atlantis"
