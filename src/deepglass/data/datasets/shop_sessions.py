"""Shop sessions: 2,000 visits to a shop that was never opened, of which the best possible guess is known.

A visit goes through departments. In each the visitor looks at pages that all departments share (photo, sizes, reviews,
…), three or more most of the time, and then goes back to the department. Whoever remembers the department knows where
the visit goes on; whoever looks at the last three events alone has seen pages, and does not.

    shoes → photo → sizes → reviews → shoes → basket → shoes → price → delivery → photo → hats → …

References:
    Hidasi et al. (2016), Session-based Recommendations with Recurrent Neural Networks,
    https://arxiv.org/abs/1511.06939 (why a memory of the session is needed)
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
SESSIONS = 2000
DEPARTMENTS = ("shoes", "hats", "bags", "coats", "belts", "scarves")
PAGES = ("photo", "sizes", "reviews", "delivery", "price")
BASKET, PAY = "basket", "pay"
EVENTS = (*DEPARTMENTS, *PAGES, BASKET, PAY)
LONGEST = 40
ENOUGH = 3  # pages that most want to see of a department
BACK, BACK_SOON, ELSEWHERE = 0.75, 0.1, 0.05  # from a page back to the department, too soon for most, to the next one
FAVOURED = 0.6  # of those who go on to a page, who take the one that most take
BEGINS, MINUTE = np.datetime64("2024-01-01T08:00"), np.timedelta64(1, "m")


def load() -> Table:
    """The table with columns `session`, `time` and `page`, a row for each event."""
    rows = []
    for number, session in enumerate(sessions()):
        start = BEGINS + 5 * number * MINUTE
        rows += [(f"visit {number + 1}", start + step * MINUTE, page) for step, page in enumerate(session)]
    frame = pd.DataFrame(rows, columns=["session", "time", "page"])
    return Table(frame, "shop-sessions", task="next-event", licence=LICENCE)


def sessions(count: int = SESSIONS, seed: int = 0) -> list[list[str]]:
    """Visits, each a list of events.

    Args:
        count: How many.
        seed: Of everything.
    """
    generator = np.random.default_rng(seed)
    return [_visit(generator) for _ in range(count)]


def chances(past: Sequence[str]) -> np.ndarray:
    """(13,) the true probability of each of `EVENTS` after what was seen of a visit: nobody can know more.

    Args:
        past: Of a visit, at least its first event, which is a department.
    """
    found = dict.fromkeys(EVENTS, 0.0)
    department = next(event for event in reversed(past) if event in DEPARTMENTS)
    place, last = DEPARTMENTS.index(department), past[-1]
    if last in DEPARTMENTS:
        found[BASKET] = 0.3
        for step, share in enumerate((0.4, 0.2, 0.1)):  # each department shows some pages first
            found[PAGES[(place + step) % len(PAGES)]] = share
    elif last in PAGES:
        at = PAGES.index(last)
        count = next(n for n, event in enumerate(reversed(past)) if event not in PAGES)
        back = BACK if count >= ENOUGH else BACK_SOON
        found[department] = back
        found[DEPARTMENTS[(place + 1) % len(DEPARTMENTS)]] = ELSEWHERE
        for step in range(1, len(PAGES)):
            share = FAVOURED if step == 1 else (1 - FAVOURED) / (len(PAGES) - 2)
            found[PAGES[(at + step) % len(PAGES)]] = (1 - back - ELSEWHERE) * share
    else:  # the basket
        found[department], found[PAY] = 0.55, 0.45
    return np.array([found[event] for event in EVENTS])


def optimum(visits: Sequence[Sequence[str]]) -> tuple[float, float]:
    """How often the best guess is right on these visits, and how often it is on average over all that could be.

    The best guess is what is likeliest by `chances`. Its share of right answers varies with the visits; the second
    number, the mean of the largest chance at each place, is what that share varies around.
    """
    right, expected = [], []
    for visit in visits:
        for place in range(1, len(visit)):
            shares = chances(visit[:place])
            right.append(EVENTS[int(shares.argmax())] == visit[place])
            expected.append(shares.max())
    return float(np.mean(right)), float(np.mean(expected))


def _visit(generator: np.random.Generator) -> list[str]:
    visit = [str(generator.choice(DEPARTMENTS))]
    while visit[-1] != PAY and len(visit) < LONGEST:
        visit.append(EVENTS[int(generator.choice(len(EVENTS), p=chances(visit)))])
    return visit
