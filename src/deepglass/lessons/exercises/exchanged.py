"""Lesson 84: a thing on the background of another picture."""

import numpy as np

from deepglass.course.judging.description import Description


def exchanged(picture, cover, other):
    """cover · picture + (1 − cover) · other"""
    return cover[..., None] * picture + (1 - cover[..., None]) * other


def cases(rng):
    """Two pixels, one of each kind; an edge; then drawn ones."""
    yield np.array([[[10.0, 20.0, 30.0], [1.0, 2.0, 3.0]]]), np.array([[1.0, 0.0]]), np.full((1, 2, 3), 90.0)
    yield np.array([[[100.0, 100.0, 100.0]]]), np.array([[0.25]]), np.array([[[20.0, 20.0, 20.0]]])
    for height, width in ((4, 5), (3, 3)):
        shape = (height, width, 3)
        yield 255 * rng.random(shape), rng.random((height, width)).round(1), 255 * rng.random(shape)


def tell(picture, cover, other):
    """Small ones in full."""
    if picture.size > 6:
        return f"For random pictures of shape {picture.shape}"
    return f"For picture = {picture.tolist()}, cover = {cover.tolist()}, other = {other.tolist()}"


EXERCISE = Description(
    name="exchanged",
    task="<code>picture</code> and <code>other</code> have the shape (H, W, 3). <code>cover</code>, of shape (H, W), "
    "says how much of each pixel of <code>picture</code> the leaf covers: 1 inside it, 0 outside, something between at "
    "its edge. Give back the leaf of <code>picture</code> on what <code>other</code> shows.",
    stub="""
        def exchanged(picture, cover, other):
            # your lines here
            return picture
    """,
    solution="""
        def exchanged(picture, cover, other):
            leaf = cover[:, :, None]
            return leaf * picture + (1 - leaf) * other
    """,
    hint="Each pixel is a mixture: its share of leaf from <code>picture</code>, the rest from <code>other</code>. "
    "<code>cover[:, :, None]</code> has a third axis, so that it suits all three colours.",
    answer=exchanged,
    cases=cases,
    tell=tell,
    gives="a picture (H, W, 3)",
    praise="One line, and a network can be asked whether it looks at the leaf.",
    slips=(
        (
            lambda picture, cover, other: exchanged(other, cover, picture),
            "The other way round: now the leaf is cut out, and its background stayed.",
        ),
        (
            lambda picture, cover, other: np.where(cover[..., None] > 0.5, picture, other),
            "At the edge a pixel is partly leaf: mix both there, or a rim of the old background goes with the leaf.",
        ),
        (
            lambda picture, cover, other: cover[..., None] * picture,
            "The leaf lies on black. Where it is not, the other picture shows through.",
        ),
    ),
    right=(
        """
        def exchanged(picture, cover, other):
            mixed = np.empty_like(other)
            for colour in range(3):
                mixed[:, :, colour] = other[:, :, colour] + cover * (picture[:, :, colour] - other[:, :, colour])
            return mixed
        """,
        """
        def exchanged(p, c, o):
            return np.stack([c, c, c], axis=2) * p + np.stack([1 - c, 1 - c, 1 - c], axis=2) * o
        """,
        """
        def exchanged(picture, cover, other):
            return [[[c * a + (1 - c) * b for a, b in zip(p, o)] for p, c, o in zip(*rows)]
                    for rows in zip(picture, cover, other)]
        """,
    ),
    wrong=(
        "def exchanged(picture, cover, other):\n    return other",
        "def exchanged(picture, cover, other):\n    return (picture + other) / 2",
        "def exchanged(picture, cover, other):\n    return cover[..., None] * picture + other",
        "def exchanged(picture, cover, other):\n    return cover.mean() * picture + (1 - cover.mean()) * other",
        "def exchanged(picture, cover, other):\n    return (1 - cover[..., None]) * picture",
    ),
)
