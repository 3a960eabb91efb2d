"""A map of codes: their first two principal components, and which codes are near which.

Codes of two numbers are shown as they are, but turned. Distances on the page are not all distances: what lies together
in the codes lies together on the map, and not always the other way round. Neighbours are found among the whole codes.
"""

from typing import Any

import numpy as np

MOST_POINTS = 2000  # of a picture
MOST_COLOURS = 10


def flat(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, 2) the codes (N, K) in their first two principal components, and the share (2,) of the spread of each.

    Signs are fixed: of each direction the largest entry is above zero.
    """
    centred = codes - codes.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred)  # rising
    directions = directions[:, ::-1][:, :2]  # (K, 2 or 1)
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])])
    points = centred @ (directions * signs)
    shares = variances[::-1][:2] / max(float(variances.sum()), 1e-30)
    missing = 2 - points.shape[1]
    return np.pad(points, ((0, 0), (0, missing))), np.pad(shares, (0, missing))


def neighbours(codes: np.ndarray, of: np.ndarray, count: int) -> np.ndarray:
    """(n, count) positions of the nearest other codes of each of the positions `of`, the nearest first."""
    of = np.asarray(of)
    distances = ((codes[of][:, None] - codes[None]) ** 2).sum(axis=2)  # (n, N)
    distances[np.arange(len(of)), of] = np.inf
    return np.argsort(distances, axis=1, kind="stable")[:, :count]


def drawn(codes: np.ndarray, groups: np.ndarray, names: list[str], height: float = 4.2) -> Any:
    """The map as SVG, each group with a marker and a colour of its own.

    Args:
        codes: (N, K).
        groups: (N,) positions in `names`, -1 where nobody knows.
        names: What the groups are called; of too many, all are drawn alike.
        height: In inches.
    """
    from deepglass.evaluate.svg import SERIES, draw  # matplotlib takes its time

    points, shares = flat(codes)
    some = np.linspace(0, len(points) - 1, min(len(points), MOST_POINTS)).astype(int)
    is_named = 1 < len(names) <= MOST_COLOURS
    parts = {name: some[groups[some] == place] for place, name in enumerate(names)} if is_named else {}
    rest = some[groups[some] < 0] if is_named else some

    def paint(axes: Any) -> None:
        if len(rest):
            axes.scatter(*points[rest].T, s=9, color=SERIES[0], alpha=0.5, linewidths=0)
        for place, (name, rows) in enumerate(parts.items()):
            look = {"color": SERIES[place % len(SERIES)], "marker": MARKERS[place % len(MARKERS)]}
            axes.scatter(*points[rows].T, s=15, alpha=0.75, linewidths=0, label=name, **look)
        axes.set(xlabel=f"first ({shares[0]:.0%} of the spread)", ylabel=f"second ({shares[1]:.0%})")
        if parts:
            axes.legend(markerscale=1.4, ncols=1 + (len(parts) > 5), fontsize=8)

    known = f", in the groups {', '.join(names)}" if is_named else ""
    told = f"{len(some)} codes in the two directions in which they differ most{known}"
    return draw(paint, f"{told}: {shares.sum():.0%} of their spread", height=height)


MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
