"""People of two tastes who take things of their kind, one after the other."""

import csv

import numpy as np

OPTIONS = {"code_dim": 8}
OTHERS = {
    "user_column": ["nope", "note"], "item_column": ["nope", "note"], "rating_column": ["nope", "day"],
    "min_rating": [3.0], "leave_out": [2], "context": [3], "time_column": ["nope", "stars"], "start": ["random"],
    "ignore": ["nope", "stars"],
}  # fmt: skip


def events(people, seed):
    rng, rows = np.random.default_rng(seed), []
    for person in range(people):
        kind = person % 2
        taken = rng.choice(12, rng.integers(6, 11), replace=False, p=np.roll([1 / 7] * 6 + [1 / 42] * 6, 6 * kind))
        for day, item in enumerate(taken, 1):
            rows.append((f"p{seed}-{person}", f"item {item}", day, int(rng.integers(1, 6)), f"note {item % 3}"))
    return rows


def data(folder):
    with (folder / "events.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("user", "item", "day", "stars", "note"))
        writer.writerows(events(60, 0))
    return folder / "events.csv"


def inputs(folder):
    """Histories of people that the training has not met."""
    found = {}
    for user, item, day, stars, note in events(3, 1):
        row = {"user": user, "item": item, "day": day, "stars": stars, "note": note}
        found.setdefault(user, []).append(row)
    return list(found.values())


def together(inputs):
    return [row for rows in inputs for row in rows]


def perfect(outputs):
    return np.tile(np.arange(1, outputs.predictions.shape[1] + 1), (len(outputs.predictions), 1))
