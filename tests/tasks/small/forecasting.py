"""Days of two places with a weekly rhythm."""

import csv

import numpy as np

OPTIONS = {"horizon": 3, "context": 14, "targets": "warmth"}
OTHERS = {
    "target": ["nope", "rain"], "ignore": ["nope", "rain"], "time_column": ["nope", "day"],
    "series_column": ["nope", "place"], "split_column": ["nope", "part"], "targets": ["nope", "rain"],
    "covariates": ["nope", "none"], "known": ["nope", "rain"], "static": ["nope", "none"],
    "splits": ["nope", "80,20,20"],
}  # fmt: skip
PLACES = ("Bern", "Chur")


def days():
    rng = np.random.default_rng(0)
    return {
        place: [
            {
                "day": str(np.datetime64("2024-01-01") + i),
                "place": place,
                "warmth": round(10 + 3 * (i % 7 == 2) + float(rng.normal()) / 5, 3),
                "rain": int(rng.integers(0, 9)),
            }
            for i in range(120)
        ]
        for place in PLACES
    }


def data(folder):
    with (folder / "days.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ("day", "place", "warmth", "rain"))
        writer.writeheader()
        writer.writerows([row for rows in days().values() for row in rows])
    return folder / "days.csv"


def inputs(folder):
    return list(days().values())


def together(inputs):
    return [row for rows in inputs for row in rows]


def perfect(outputs):
    return outputs.targets
