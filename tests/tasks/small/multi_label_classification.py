"""Rows with up to three tags, told by numbers and a colour; some have none."""

import csv

import numpy as np

from tests.tasks.small import _tables as tables

OPTIONS = {"target": "tags", "model": "mlp", "hidden_dim": 8}
OTHERS = {
    **tables.OTHERS,
    "classes": ["nope", "warm,red"],
    "label_separator": ["nope", "none"],
    "label_names": ["nope"],
}
OTHERS |= {"target": ["nope", "person,colour"]}


def table():
    rng = np.random.default_rng(0)
    rows = tables.table()
    for row in rows:
        tags = ["warm"] * (row["x"] > 0.2) + ["red"] * (row["colour"] == "red") + ["odd"] * (rng.random() < 0.2)
        row["tags"] = ";".join(tags)
        del row["label"], row["value"]
    return rows


def data(folder):
    with (folder / "tags.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(table()[0]))
        writer.writeheader()
        writer.writerows(table())
    return folder / "tags.csv"


def inputs(folder):
    return [{name: cell for name, cell in row.items() if name != "tags"} for row in table()[:5]]


def perfect(outputs):
    return outputs.targets.astype(outputs.predictions.dtype)
