"""Two circles of friends, told apart by whom they know and a little by what they like; in two tables."""

import csv

import numpy as np

OPTIONS = {"target": "circle", "hidden_dim": 8}
OTHERS = {
    "node_column": ["nope", "note"], "neighbours_column": ["nope", "note"], "target": ["nope", "likes"],
    "ignore": ["nope", "likes"], "split_column": ["nope", "part"], "text_column": ["nope", "note"],
}  # fmt: skip
COUNT = 120


def people():
    rng = np.random.default_rng(0)
    return [
        {
            "person": f"p{i}",
            "height": round(float(rng.normal()) + (i % 2), 2),
            "likes": str(rng.choice(["tea", "coffee", "milk"])),
            "note": f"{rng.choice(['often', 'seldom'])} in {rng.choice(['town', 'woods'])} at {rng.integers(1000)}",
            "part": "train" if i < 60 else "val" if i < 90 else "test",
            "circle": "inner" if i % 2 else "outer",
        }
        for i in range(COUNT)
    ]


def data(folder):
    rng = np.random.default_rng(1)
    place = folder / "friends"
    place.mkdir()
    with (place / "nodes.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(people()[0]))
        writer.writeheader()
        writer.writerows(people())
    with (place / "edges.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("one", "other", "since"))
        for i in range(COUNT):
            for _ in range(2):
                other = (i + 2 * int(rng.integers(1, 20)) + int(rng.random() < 0.15)) % COUNT
                writer.writerow((f"p{i}", f"p{other}", int(rng.integers(1990, 2020))))
    return place


def inputs(folder):
    """People who came later, each with friends in the graph of the training."""
    friends = ("p1; p3; p5", "p2; p8", "p7", "p10; p20; p33")
    rest = {"height": 0.4, "likes": "tea", "note": "seldom in town at 7", "part": "test"}
    return [{"person": f"new {i}", **rest, "neighbours": names} for i, names in enumerate(friends)]


def perfect(outputs):
    predictions = outputs.predictions * 0
    predictions[range(len(predictions)), outputs.targets] = 1
    return predictions
