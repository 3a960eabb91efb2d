"""Karate club: 34 members, who of them met outside the club, and which of two teachers each followed when it split.

Two labels are for training, those of the teacher (0) and the president (33) themselves; four are for choosing an epoch,
and the other 28 members are the test.

References:
    Zachary (1977), An Information Flow Model for Conflict and Fission in Small Groups,
    https://doi.org/10.1086/jar.33.4.3629752 (his members count from 1)
    Hagberg, Schult & Swart (2008), Exploring Network Structure, Dynamics, and Function using NetworkX,
    https://proceedings.scipy.org/articles/TCWV9851 (the same links, and the club that each member joined)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "facts of Zachary (1977), as in networkx (BSD-3-Clause)"
LINKS = (  # of each member those with a larger number
    (0, (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31)),
    (1, (2, 3, 7, 13, 17, 19, 21, 30)),
    (2, (3, 7, 8, 9, 13, 27, 28, 32)),
    (3, (7, 12, 13)),
    (4, (6, 10)),
    (5, (6, 10, 16)),
    (6, (16,)),
    (8, (30, 32, 33)),
    (9, (33,)),
    (13, (33,)),
    (14, (32, 33)),
    (15, (32, 33)),
    (18, (32, 33)),
    (19, (33,)),
    (20, (32, 33)),
    (22, (32, 33)),
    (23, (25, 27, 29, 32, 33)),
    (24, (25, 27, 31)),
    (25, (31,)),
    (26, (29, 33)),
    (27, (33,)),
    (28, (31, 33)),
    (29, (32, 33)),
    (30, (32, 33)),
    (31, (32, 33)),
    (32, (33,)),
)
WITH_TEACHER = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 16, 17, 19, 21)
MEMBERS = 34
TRAIN, VAL = (0, 33), (1, 2, 31, 32)  # the two leaders; two who are close to each of them


def load() -> Table:
    """The table with columns `member`, `neighbours` and `followed`, and the splits."""
    pairs = links()
    heard = [sorted({*pairs[pairs[:, 0] == i, 1], *pairs[pairs[:, 1] == i, 0]}) for i in range(MEMBERS)]
    frame = pd.DataFrame(
        {
            "member": [str(i) for i in range(MEMBERS)],
            "neighbours": ["; ".join(map(str, others)) for others in heard],
            "followed": ["teacher" if i in WITH_TEACHER else "president" for i in range(MEMBERS)],
        }
    )
    rest = [i for i in range(MEMBERS) if i not in (*TRAIN, *VAL)]
    splits = {name: np.array(rows) for name, rows in (("train", TRAIN), ("val", VAL), ("test", rest))}
    return Table(frame, "karate-club", splits, target="followed", task="node-classification", licence=LICENCE)


def links() -> np.ndarray:
    """(78, 2) the members of each link, the smaller number first."""
    return np.array([(one, other) for one, others in LINKS for other in others])
