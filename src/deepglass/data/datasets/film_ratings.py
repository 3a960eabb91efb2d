"""Film ratings: 400 people who do not exist and 150 films that were never made, of whom everything is known.

Every film has two numbers, how loud and how strange it is, and every person has two, how much loud and strange films
are liked. Who sees what is drawn by both and by how well known a film is; tastes move a little from film to film, so
that what was seen last tells most of what comes next. The two numbers are not in the table: they have to be found.

References:
    Koren (2009), Collaborative Filtering with Temporal Dynamics, https://doi.org/10.1145/1557019.1557072
    (a few numbers for every film and every person, and tastes that drift)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
PEOPLE, FILMS = 400, 150
SEEN = (12, 41)  # films of a person, the last one excluded
FAME, TASTE, DRIFT = 1.0, 1.2, 0.35  # spread of the logarithm of fame, weight of taste, steps of a taste per film
BEGINS, DAY = np.datetime64("2024-01-01"), np.timedelta64(1, "D")
OF_LOUD = ("Quiet", "Slow", "Gentle", "Restless", "Roaring", "Burning")  # by the first number, from low to high
OF_STRANGE = ("Letter", "Kitchen", "Harbour", "Forest", "Mirror", "Moon")  # by the second


def load() -> Table:
    """The table with columns `user`, `film`, `rating` (1 to 5) and `time`."""
    return Table(ratings(), "film-ratings", task="recommendation", licence=LICENCE)


def ratings(people: int = PEOPLE, seed: int = 0) -> pd.DataFrame:
    """Who saw what and when, and how it was liked.

    Args:
        people: How many.
        seed: Of everything.
    """
    generator = np.random.default_rng(seed)
    numbers, names = films(generator)
    fame = FAME * generator.normal(size=FILMS)
    rows = []
    for person in range(people):
        taste = generator.normal(size=2)
        count, day = int(generator.integers(*SEEN)), generator.integers(0, 300)
        left = np.ones(FILMS, bool)
        for _ in range(count):
            taste = taste + DRIFT * generator.normal(size=2)
            taste /= max(1.0, np.linalg.norm(taste) / 2)
            liking = numbers @ taste
            pull = np.where(left, np.exp(fame + TASTE * liking), 0.0)
            film = int(generator.choice(FILMS, p=pull / pull.sum()))
            left[film] = False
            day += int(generator.integers(1, 9))
            rating = int(np.clip(round(3.2 + 0.8 * liking[film] + 0.7 * generator.normal()), 1, 5))
            rows.append((f"user {person + 1}", names[film], rating, BEGINS + int(day) * DAY))
    frame = pd.DataFrame(rows, columns=["user", "film", "rating", "time"])
    return frame.sort_values("time", kind="stable", ignore_index=True)


def films(generator: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    """(FILMS, 2) how loud and how strange each film is, and their titles, which tell a little of it."""
    numbers = generator.normal(size=(FILMS, 2))
    ranks = numbers.argsort(axis=0).argsort(axis=0) * len(OF_LOUD) // FILMS
    names, times = [], {}
    for loud, strange in ranks.tolist():
        title = f"The {OF_LOUD[loud]} {OF_STRANGE[strange]}"
        times[title] = times.get(title, 0) + 1
        names.append(title if times[title] == 1 else f"{title} {times[title]}")
    return numbers, names
