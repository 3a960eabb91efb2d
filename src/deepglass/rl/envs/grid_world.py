"""Grid world: find the goal around the walls; every step costs, a pit costs more.

    S start    G goal    X pit    # wall    . floor

Sutton and Barto (2018), Reinforcement Learning: An Introduction, chapters 3 and 4,
http://incompleteideas.net/book/the-book-2nd.html
"""

from collections.abc import Sequence

import numpy as np

from deepglass.core.errors import DataError
from deepglass.rl.envs import Discrete, Shape, Simulated

MAP = (
    "S..#....",
    ".#.#.##.",
    ".#...#..",
    ".####.#.",
    "......#G",
)
MOVES = np.array([[-1, 0], [0, 1], [1, 0], [0, -1]])  # up, right, down, left
STEP_REWARD, GOAL_REWARD, PIT_REWARD = -0.01, 1.0, -1.0


class Env(Simulated):
    """State (1, N): the number of the cell, row by row; what is seen is one-hot.

    Args:
        layout: The map, one text per row.
        slip: Probability that a move goes somewhere else, to either side alike.

    Raises:
        DataError: If the map has rows of different lengths, other marks, no start or no goal.
    """

    name = "GridWorld-v0"
    actions = Discrete(4, ("up", "right", "down", "left"))
    max_steps = 200

    def __init__(
        self,
        num_envs: int = 1,
        seed: int | Sequence[int] = 0,
        max_steps: int | None = None,
        layout: Sequence[str] = MAP,
        slip: float = 0.0,
    ):
        self.cells, self.slip = parse(layout), slip
        self.observation_shape = (self.cells.size,)
        self.observation_names = tuple(f"cell {i}" for i in range(self.cells.size))
        self.next_cell = neighbours(self.cells)  # (cells, 4)
        marks = self.cells.ravel()
        self.is_end = (marks == "G") | (marks == "X")
        self.reward_of = STEP_REWARD + np.where(marks == "G", GOAL_REWARD, np.where(marks == "X", PIT_REWARD, 0.0))
        self.starts = np.flatnonzero(marks == "S")
        super().__init__(num_envs, seed, max_steps)

    def begin(self, count: int) -> np.ndarray:
        """At a start."""
        return self.rng.choice(self.starts, (1, count))

    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Move, unless a wall or the edge is in the way; sometimes the foot slips."""
        if self.slip:
            turn = self.rng.choice([0, 1, 3], self.num_envs, p=[1 - self.slip, self.slip / 2, self.slip / 2])
            actions = (actions + turn) % 4
        cell = self.next_cell[self.physics[0], actions]
        self.physics = cell[None]
        return self.reward_of[cell], self.is_end[cell]

    def at_goal(self) -> np.ndarray:
        """On a goal."""
        return self.cells.ravel()[self.physics[0]] == "G"

    def observe(self, physics: np.ndarray) -> np.ndarray:
        """One-hot of the cell."""
        return np.eye(self.cells.size, dtype=np.float32)[physics[0]]

    def dynamics(self) -> tuple[np.ndarray, np.ndarray]:
        """The same world as probabilities of the next cell P (S, A, S) and expected rewards R (S, A).

        A goal, a pit and a wall lead nowhere: from them nothing follows and nothing is earned.
        """
        S = self.cells.size
        P = np.zeros((S, 4, S))
        for turn, share in ((0, 1 - self.slip), (1, self.slip / 2), (3, self.slip / 2)):
            for action in range(4):
                np.add.at(P, (np.arange(S), action, self.next_cell[:, (action + turn) % 4]), share)
        R = P @ self.reward_of  # (S, A)
        stays = self.is_end | (self.cells.ravel() == "#")
        P[stays], R[stays] = np.eye(S)[stays][:, None, :], 0.0
        return P, R

    def shapes(self, index: int) -> list[Shape]:
        """Cells and who walks in them."""
        rows, columns = self.cells.shape
        size = 2 / max(rows, columns)
        colors = {"#": "#33415c", "G": "#009e73", "X": "#d55e00"}
        drawn = []
        for (row, column), mark in np.ndenumerate(self.cells):
            x, y = column * size - 1, 1 - row * size
            corners = [(x, y), (x + size, y), (x + size, y - size), (x, y - size)]
            drawn.append(("polygon", corners, colors.get(mark, "#eef1f4"), 0))
        row, column = divmod(int(self.physics[0, index]), columns)
        return [*drawn, ("dot", [(column * size - 1 + size / 2, 1 - row * size - size / 2)], "#0072b2", 10)]


def parse(layout: Sequence[str]) -> np.ndarray:
    """Rows of text → marks (rows, columns).

    Raises:
        DataError: If the map has rows of different lengths, other marks, no start or no goal.
    """
    lengths = {len(row) for row in layout}
    if len(lengths) != 1 or lengths == {0}:
        raise DataError(f"the map needs rows of one length, got lengths {sorted(lengths)}")
    cells = np.array([list(row) for row in layout])
    if other := sorted(set(cells.ravel()) - set("SGX#.")):
        raise DataError(f"the map knows S, G, X, # and ., got {' '.join(other)}")
    for mark, what in (("S", "a start S"), ("G", "a goal G")):
        if mark not in cells:
            raise DataError(f"the map needs {what}")
    return cells


def neighbours(cells: np.ndarray) -> np.ndarray:
    """Where each move leads from each cell, (cells, 4): back to itself in front of a wall or the edge."""
    rows, columns = cells.shape
    place = np.stack(np.divmod(np.arange(cells.size), columns), axis=1)  # (cells, 2)
    goal = place[:, None] + MOVES  # (cells, 4, 2)
    inside = ((goal >= 0) & (goal < (rows, columns))).all(axis=2)
    goal = np.where(inside[..., None], goal, place[:, None])
    is_wall = cells[goal[..., 0], goal[..., 1]] == "#"
    goal = np.where(is_wall[..., None], place[:, None], goal)
    return goal[..., 0] * columns + goal[..., 1]
