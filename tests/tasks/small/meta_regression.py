"""Lines of many slopes, a few points of each."""

import csv

import numpy as np

OPTIONS = {"hidden_dim": 8, "num_layers": 1}
OTHERS = {
    "target": ["nope", "x"], "group_column": ["nope", "line"], "ignore": ["nope"], "support": [2],
    "learner": ["reptile", "pretraining"], "inner_steps": [2], "inner_rate": [0.02], "adapt_steps": [2],
}  # fmt: skip


def lines(count, seed):
    rng = np.random.default_rng(seed)
    return {
        f"line {seed}-{line}": [(float(x), float(slope * x)) for x in rng.uniform(-2, 2, 8).round(3)]
        for line, slope in enumerate(rng.uniform(-3, 3, count))
    }


def data(folder):
    with (folder / "lines.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "x", "y"))
        writer.writerows((name, x, round(y, 4)) for name, points in lines(40, 0).items() for x, y in points)
    return folder / "lines.csv"


def inputs(folder):
    """Groups of which four rows are known and four are asked for."""
    return [
        [{"line": name, "x": x, "y": round(y, 4) if place < 4 else None} for place, (x, y) in enumerate(points)]
        for name, points in lines(3, 1).items()
    ]


def together(inputs):
    return [row for rows in inputs for row in rows]


def perfect(outputs):
    return outputs.targets
