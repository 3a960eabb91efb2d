"""One look at every picture before training: blank ones, near copies, groups in names, a border that tells the class.

`deepglass check` and `deepglass train` say the same of it, each finding in one sentence. Pictures are looked at as
small copies; JPEG files are unpacked at an eighth of their size for that. Of a folder that is too large for it some
runs of neighbouring files are looked at, since frames of one burst follow each other.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import ImageOps

from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.containers import Images
from deepglass.data.look_alikes import cluster_size
from deepglass.data.near_copies import NearCopies, find_near_copies
from deepglass.data.picture_alignment import SIDE
from deepglass.data.pictures import load_all
from deepglass.data.reading.decode import decode, depth_of, opened
from deepglass.data.reading.name_groups import NameGroups, guess_groups
from deepglass.data.reading.transparency import on_ground
from deepglass.data.telling_border import TellingBorder, telling_border

MOST_FILES = 5_000  # that are unpacked for a look
MANY_COPIES = 0.3  # of the pictures; then nothing more is said of clusters
RUN = 100  # neighbouring files, of a larger folder
NAMED = 3  # pictures named in a sentence
LARGEST_GROUP = 0.2  # of all pictures: a larger group of look-alikes would be a side of the split by itself
AT_ONCE = 1 << 22  # pixels in memory that are made small together


@dataclass
class PictureSurvey:
    """What was seen.

    looked_at: Rows that were looked at.
    blank: Rows of pictures of one colour throughout.
    copies: Near copies, in rows of all pictures.
    offer: Groups that the names offer, where none were asked for.
    border: How well the border tells the class, where it does.
    """

    looked_at: np.ndarray
    blank: np.ndarray
    copies: NearCopies
    offer: NameGroups | None
    conflicts: int = 0  # pairs of near copies with different classes
    cluster_size: int | None = None  # of pictures of a class that are alike without being copies
    border: TellingBorder | None = None

    def together(self, images: Images) -> tuple[np.ndarray | None, list[Guess]]:
        """(N,) groups of near copies (and of what was asked for) that a random split does not part, and the guess.

        None where there are none, the test is declared, not all pictures were looked at, or one group is so large that
        no fair split of whole groups is left.
        """
        rows = self.copies.rows
        if not len(rows) or "test" in images.splits or self.copies.looked_at < len(images):
            return None, []
        groups = self.copies.groups(images.groups)
        _, sizes = np.unique(groups, return_counts=True)
        if sizes.max() > LARGEST_GROUP * len(images):
            return None, []
        why = f"{counted(len(rows), 'picture')} in {counted(int((sizes > 1).sum()), 'group')} of look-alikes"
        return groups, [Guess("near copies", "kept on one side of the split", why, "--near-copies apart")]

    def sentences(self, images: Images, *, are_kept_together: bool = False) -> list[str]:
        """What a user should know, one sentence for each finding; none where all is well.

        Args:
            images: That were looked at, with the splits that will be used.
            are_kept_together: Whether a random split will keep near copies on one side.
        """
        found = [self._on_blank(images), self._on_copies(images, are_kept_together), self._on_groups(images)]
        if found[1] and self.conflicts:
            found.append(
                f"{counted(self.conflicts, 'pair')} of near copies carry different classes: one of each may be wrong"
            )
        if self.border:
            found.append(self.border.sentence())
        return [sentence for sentence in found if sentence]

    def _on_blank(self, images: Images) -> str | None:
        if not len(self.blank):
            return None
        show = "shows" if len(self.blank) == 1 else "show"
        return (
            f"{counted(len(self.blank), 'picture')} {show} one colour throughout ({_named(images, self.blank)}): check "
            "how they were saved, or remove them"
        )

    def _on_copies(self, images: Images, are_kept_together: bool) -> str | None:
        if "test" in images.splits and "train" in images.splits:
            crossing = self.copies.crossing(images.splits["train"], images.splits["test"])
            return self._of_declared(images, crossing) if len(crossing) else None
        rows = self.copies.rows
        if not len(rows) or are_kept_together:
            return None
        how_many = f"{counted(len(rows), 'picture')} of {len(self.looked_at):,}"
        return (
            f"{how_many} are near copies of another ({_named(images, rows)}): a random split puts them on both sides, "
            "and the test score flatters; name what belongs together with --group-from-name"
        )

    def _of_declared(self, images: Images, crossing: np.ndarray) -> str:
        tested, first = np.unique(crossing[:, 0], return_index=True)
        asked = f"{self.copies.looked_at:,}"
        asked += " that were looked at" if self.copies.looked_at < len(images.splits["test"]) else ""
        are = "is a near copy" if len(tested) == 1 else "are near copies"
        where = f" ({' and '.join(images.names[row] for row in crossing[first[0]])} for one)" if images.names else ""
        return (
            f"{counted(len(tested), 'test picture')} of {asked} {are} of training pictures{where}: the test score "
            "will flatter; remove them from one side"
        )

    def _on_groups(self, images: Images) -> str | None:
        """Groups in names: offered, or told where the declared splits part them."""
        groups = images.groups if images.groups is not None else self.offer.groups if self.offer else None
        if groups is not None and "test" in images.splits and "train" in images.splits:
            both = np.intersect1d(groups[images.splits["train"]], groups[images.splits["test"]])
            if not len(both):
                return None
            return (
                f"{counted(len(both), 'group')} of pictures ({listing(both, NAMED)}) are in training and test: the "
                "score says little about new groups; divide the folders by group"
            )
        if images.groups is not None:
            return None
        if self.offer is not None:
            return (
                f"the names form {counted(self.offer.count, 'group')} ({self.offer.part}, such as "
                f"{self.offer.example!r}): if they are patients, cameras or bursts, keep each on one side of the split "
                "with --group-from-name auto"
            )
        return self._on_clusters(images)

    def _on_clusters(self, images: Images) -> str | None:
        if self.cluster_size is None:
            return None
        remedy = "divide the folders by them" if "test" in images.splits else "keep each whole with --group-from-name"
        return (
            f"pictures of a class come in clusters of about {self.cluster_size} that are far more alike than others: "
            f"if they are of one person, object or sitting, {remedy}, or the test score flatters"
        )


def survey(images: Images, workers: int = 1) -> PictureSurvey:
    """Look at pictures; the result stays with them, so that a second question costs nothing.

    Args:
        images: As they were read.
        workers: Threads that decode.
    """
    if images.survey is None:
        images.survey = _survey(images, workers)
    return images.survey


def _survey(images: Images, workers: int) -> PictureSurvey:
    rows = _rows(len(images)) if images.paths is not None else np.arange(len(images))
    small, is_blank = thumbnails(images, rows, workers)
    labels = images.labels if images.labels is not None else np.zeros(len(images), np.int64)
    place = {split: np.flatnonzero(np.isin(rows, part)) for split, part in images.splits.items()}
    is_declared = "test" in place and "train" in place
    sides = (place["test"], place["train"]) if is_declared else (None, None)
    found = find_near_copies(small, labels[rows], *sides)
    copies = NearCopies(rows[found.pairs], found.looked_at, len(images))
    conflicts = int((labels[copies.pairs[:, 0]] != labels[copies.pairs[:, 1]]).sum())
    cluster = cluster_size(small, labels[rows]) if len(copies.rows) < MANY_COPIES * len(rows) else None
    offer = guess_groups(images.names, images.labels) if images.names and images.groups is None else None
    learnt = place.get("train", np.arange(len(rows)))
    border = telling_border(small[learnt], labels[rows[learnt]]) if images.labels is not None else None
    return PictureSurvey(rows, rows[is_blank], copies, offer, conflicts, cluster, border)


def thumbnails(images: Images, rows: np.ndarray, workers: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """(n, 32, 32, C) uint8 with one or three channels, and (n,) whether a picture has one colour throughout."""
    if images.paths is not None:
        load = partial(_thumbnail, channels=images.channels, background=images.background)
        found = load_all([images.paths[i] for i in rows], load, workers)  # (n, 32, 32, C + 1)
        return found[..., :-1], found[:, 0, 0, -1] > 0
    pixels: np.ndarray = images.pixels  # type: ignore[assignment]
    blocks = np.array_split(rows, max(1, pixels[0].size * len(rows) // AT_ONCE))
    found = [(_small(part), (part == part[:, :1, :1]).all(axis=(1, 2, 3))) for part in (pixels[b] for b in blocks)]
    small, is_blank = zip(*found)
    return np.concatenate(small), np.concatenate(is_blank)


def _rows(count: int) -> np.ndarray:
    """All, or some runs of neighbours."""
    if count <= MOST_FILES:
        return np.arange(count)
    starts = np.linspace(0, count - RUN, MOST_FILES // RUN).astype(int)
    return np.unique((starts[:, None] + np.arange(RUN)).ravel())


def _thumbnail(path: Path, channels: int, background: str) -> np.ndarray:
    """(32, 32, channels + 1) uint8: the small picture, and a last channel that says whether it is blank."""
    with opened(path) as image:
        if depth_of(image) == "bytes":
            image.draft("L" if channels == 1 else "RGB", (2 * SIDE, 2 * SIDE))  # JPEG alone can do that
            flat = on_ground(ImageOps.exif_transpose(image), background).convert("L" if channels == 1 else "RGB")
            pixels = np.asarray(flat)
        else:
            pixels = decode(path, channels, background)
    pixels = pixels.reshape(*pixels.shape[:2], channels)
    small = _small(pixels[None])[0]
    is_blank = bool((pixels == pixels[:1, :1]).all())
    return np.concatenate([small, np.full((SIDE, SIDE, 1), is_blank, np.uint8)], axis=-1)


def _small(pixels: np.ndarray) -> np.ndarray:
    """Pictures (n, H, W, C) of any depth as (n, 32, 32, 1 or 3) uint8: of other numbers of channels their mean."""
    if pixels.shape[-1] not in (1, 3):
        pixels = pixels.mean(axis=-1, keepdims=True)
    values = pixels.astype(np.float32)
    if pixels.dtype != np.uint8:
        low, high = values.min(axis=(1, 2, 3), keepdims=True), values.max(axis=(1, 2, 3), keepdims=True)
        values = (values - low) * (255 / np.maximum(high - low, 1e-12))
    rows, columns = _reduction(pixels.shape[1]), _reduction(pixels.shape[2])
    planes = rows @ np.moveaxis(values, -1, 0) @ columns.T  # (C, n, 32, 32)
    return np.moveaxis(planes, 0, -1).round().clip(0, 255).astype(np.uint8)


def _reduction(size: int) -> np.ndarray:
    """(32, size): triangles as wide as the reduction, Pillow's bilinear scaling."""
    step = size / SIDE
    centre = (np.arange(SIDE) + 0.5) * step
    weights = (1 - np.abs(np.arange(size) + 0.5 - centre[:, None]) / max(step, 1)).clip(0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _named(images: Images, rows: np.ndarray) -> str:
    """A few pictures by their names, or by their numbers."""
    if images.names is not None:
        return listing((images.names[row] for row in rows), NAMED)
    return "numbers " + listing((int(row) for row in rows), NAMED)
