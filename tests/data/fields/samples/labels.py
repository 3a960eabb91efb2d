import numpy as np
import pandas as pd

from tests.data.fields.samples import columns, image, text


def lists() -> list[str]:
    rng = np.random.default_rng(1)
    return [";".join(rng.choice(["new", "old", "odd"], rng.integers(0, 4), replace=False)) for _ in range(48)]


def data() -> list:
    """Cells that list labels, columns of yes and no, and both beside pictures."""
    people, reviews, squares = columns.data(), text.data(), image.data()
    people.frame["tags"], people.target = lists(), "tags"
    marks = {f"is_{name}": [int(name in cell) for cell in lists()] for name in ("new", "old", "odd")}
    reviews.frame, reviews.target = reviews.frame.drop(columns="kind").assign(**marks), None
    squares.frame, squares.labels, squares.classes = pd.DataFrame({"file": range(48), "tags": lists()}), None, []
    return [people, reviews, squares]
