"""One table for the tasks that learn from tables."""

import csv

import numpy as np

COUNT = 120
OTHERS = {  # values of options that name columns
    "target": ["nope", "colour"], "ignore": ["nope", "x"], "group_column": ["nope", "person"],
    "score_by": ["nope", "colour"], "split_column": ["nope", "part"], "time_column": ["nope", "day"],
}  # fmt: skip


def table():
    rng = np.random.default_rng(0)
    x, colour = rng.normal(size=COUNT).round(3), rng.choice(["red", "green", "blue"], COUNT)
    value = 2 * x + (colour == "red") + rng.normal(size=COUNT) / 10
    return [
        {
            "x": float(x[i]),
            "colour": str(colour[i]),
            "day": str(np.datetime64("2024-01-01") + 3 * i),
            "person": f"p{i % 6}",
            "part": "train" if i < 80 else "val" if i < 100 else "test",
            "label": "yes" if value[i] > 0.3 else "no",
            "value": round(float(value[i]), 3),
        }
        for i in range(COUNT)
    ]


def shop(folder):
    with (folder / "shop.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(table()[0]))
        writer.writeheader()
        writer.writerows(table())
    return folder / "shop.csv"


def rows(without):
    return [{name: cell for name, cell in row.items() if name != without} for row in table()[:5]]
