"""Does the border of the pictures tell their class, before anything is learnt?

Eight pixels at the border, the corners and the middles between them, are asked for the class by their nearest
neighbours, and so are eight pixels of two rings further inside, where the thing lies as a rule. Where the border tells
much, and more than one of these rings, it is likely the background that differs between the classes: a network may
learn how pictures of a class were taken, and no split of the same pictures shows that.

References:
    Noyan (2022), Uncovering Bias in the PlantVillage Dataset, https://arxiv.org/abs/2206.04374 (eight pixels of the
    border tell 49 % of 38 diseases)
"""

from dataclasses import dataclass

import numpy as np

MOST_ASKED = 2_000  # pictures
FEWEST_OF_A_CLASS = 20  # with fewer, luck tells as much
NEIGHBOURS = 7
TELLS = 0.4  # of the way from luck to always right; 0.60 of potato leaves, 0.26 of digits, 0.14 of cifar10
AHEAD = 0.1  # of that way, further than the inside; a whole picture that differs, by day and night, is nothing odd
RINGS = (1 / 4, 3 / 8)  # of a side, how far inside; of thin things the outer one may still be background
LEAST_SPREAD = 8.0  # grey levels: a pixel that hardly differs between pictures is not made loud


@dataclass(frozen=True)
class TellingBorder:
    """Mean over the classes of the share that is told rightly.

    Attributes:
        border: By eight pixels at the border.
        inside: By eight pixels further inside, in the ring that tells less.
        luck: By guessing.
    """

    border: float
    inside: float
    luck: float

    def sentence(self) -> str:
        """What a user should know."""
        return (
            f"eight pixels at the border of a picture tell its class in {100 * self.border:.0f} % of the cases, eight "
            f"inside in {100 * self.inside:.0f} %, luck in {100 * self.luck:.0f} %: if it is background that differs "
            "between the classes, a network learns that; look at `deepglass explain`, test on pictures taken "
            "elsewhere, or cut the things out (PNG with nothing behind, --background grey)"
        )


def telling_border(pictures: np.ndarray, labels: np.ndarray) -> TellingBorder | None:
    """What the border tells; None where that is little, or no more than the inside tells.

    Args:
        pictures: (N, H, W, C) thumbnails, uint8.
        labels: (N,) classes; below 0 where there is none.
    """
    kept = np.flatnonzero(labels >= 0)
    counts = np.bincount(labels[kept]) if len(kept) else np.zeros(1, int)
    kept = kept[counts[labels[kept]] >= FEWEST_OF_A_CLASS]
    kept = kept[np.linspace(0, len(kept) - 1, min(MOST_ASKED, len(kept))).astype(int)]
    _, classes = np.unique(labels[kept], return_inverse=True)
    if not len(kept) or classes.max() == 0:
        return None
    border, *rings = (_told(eight(pictures[kept], depth), classes) for depth in (0, *RINGS))
    inside = min(rings)
    luck = 1 / (int(classes.max()) + 1)
    way = 1 - luck
    tells = border - luck >= TELLS * way and border - inside >= AHEAD * way
    return TellingBorder(border, inside, luck) if tells else None


def eight(pictures: np.ndarray, depth: float) -> np.ndarray:
    """(N, 8·C) pixels of a ring: its corners and the middles between them.

    Args:
        pictures: (N, H, W, C).
        depth: Share of the side from the border to the ring; 0 is the border itself.
    """
    rows, columns = (
        [int(depth * (size - 1)), size // 2, size - 1 - int(depth * (size - 1))] for size in pictures.shape[1:3]
    )
    found = pictures[:, rows][:, :, columns].reshape(len(pictures), 9, -1)
    return np.delete(found, 4, axis=1).reshape(len(pictures), -1).astype(np.float32)


def _told(features: np.ndarray, classes: np.ndarray) -> float:
    """Mean over the classes of the share that the nearest other pictures tell; a rare class counts as much."""
    features = features - features.mean(axis=0)
    features /= features.std(axis=0) + LEAST_SPREAD
    squares = (features**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * features @ features.T
    np.fill_diagonal(distances, np.inf)
    near = np.argpartition(distances, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    counts = np.bincount(classes)
    votes = np.eye(len(counts), dtype=np.float32)[classes[near]].sum(axis=1) / counts  # (N, classes)
    is_right = votes.argmax(axis=1) == classes
    return float((np.bincount(classes, weights=is_right) / counts).mean())
