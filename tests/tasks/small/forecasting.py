"""Days of two places with a weekly rhythm."""

import csv

import numpy as np

OPTIONS = {"horizon": 3, "context": 4, "targets": "visitors"}
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
                "visitors": int(rng.poisson(10 + 20 * (i % 7 == 2))),
                "rain": round(float(rng.exponential()), 3),
            }
            for i in range(120)
        ]
        for place in PLACES
    }


def data(folder):
    with (folder / "days.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ("day", "place", "visitors", "rain"))
        writer.writeheader()
        writer.writerows([row for rows in days().values() for row in rows])
    return folder / "days.csv"


def inputs(folder):
    return list(days().values())


def together(inputs):
    return [row for rows in inputs for row in rows]


def perfect(outputs):
    return outputs.targets
