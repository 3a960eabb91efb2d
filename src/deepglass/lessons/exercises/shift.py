"""Lesson 22: a picture shifted, what comes in is black."""

import numpy as np

from deepglass.course.judging.description import Description


def shift(image, down, right):
    """The picture moved, with zeros behind it."""
    H, W = image.shape
    out = np.zeros_like(image)
    for y in range(H):
        for x in range(W):
            if 0 <= y - down < H and 0 <= x - right < W:
                out[y, x] = image[y - down, x - right]
    return out


def cases(rng):
    """Not moved, right, up and left, a wide one; then at random."""
    small = np.arange(1.0, 7.0).reshape(2, 3)
    for down, right in ((0, 0), (0, 1), (-1, 0), (1, -2)):
        yield small, down, right
    for _ in range(3):
        yield rng.uniform(0.1, 1, (5, 4)), int(rng.integers(-2, 3)), int(rng.integers(-2, 3))


EXERCISE = Description(
    name="shift",
    task="Move a picture <code>image</code> (height, width) by <code>down</code> and <code>right</code> pixels, which "
    "may be negative. What comes in at the edge is black: 0.",
    stub="""
        def shift(image, down, right):
            # np.roll brings back at one edge what left at the other
            return np.roll(image, (down, right), (0, 1))
    """,
    solution="""
        def shift(image, down, right):
            H, W = image.shape
            pad_y, pad_x = abs(down), abs(right)
            padded = np.pad(image, ((pad_y, pad_y), (pad_x, pad_x)))
            top, left = pad_y - down, pad_x - right
            return padded[top : top + H, left : left + W]
    """,
    hint="Put black all round, <code>np.pad</code>, and cut out a window that begins <code>down</code> pixels higher.",
    answer=shift,
    cases=cases,
    praise="As the file above does it, for a whole batch at once.",
    slips=(
        (lambda i, d, r: np.roll(i, (d, r), (0, 1)), "What leaves on one side must not come back on the other."),
        (lambda i, d, r: shift(i, -d, -r), "The other way: a positive `down` moves it down."),
        (lambda i, d, r: shift(i, r, d), "Down is along the first axis, right along the second."),
    ),
    right=(
        """
        def shift(image, down, right):
            out = np.roll(image, (down, right), (0, 1))
            if down > 0: out[:down] = 0
            if down < 0: out[down:] = 0
            if right > 0: out[:, :right] = 0
            if right < 0: out[:, right:] = 0
            return out
        """,
        """
        from scipy import ndimage
        def shift(image, down, right):
            return ndimage.shift(image, (down, right), order=0)
        """,
        """
        def shift(image, dy, dx):
            H, W = image.shape
            return [[image[y - dy, x - dx] if 0 <= y - dy < H and 0 <= x - dx < W else 0.0 for x in range(W)]
                    for y in range(H)]
        """,
        """
        def shift(image, down, right):
            H, W = image.shape
            A = np.eye(H, k=-down) @ image
            return torch.tensor(A @ np.eye(W, k=right))
        """,
    ),
    wrong=(
        "def shift(image, down, right):\n    return image",
        """
        def shift(image, down, right):
            H, W = image.shape
            return np.eye(H, k=down) @ image @ np.eye(W, k=-right)
        """,
        """
        def shift(image, down, right):
            out = np.roll(image, (down, right), (0, 1))
            out[:down] = 0
            out[:, :right] = 0
            return out
        """,
        """
        def shift(image, down, right):
            return np.pad(image, ((max(down, 0), 0), (max(right, 0), 0)))[: image.shape[0], : image.shape[1]]
        """,
        """
        def shift(image, down, right):
            return np.pad(image, ((abs(down), abs(down)), (abs(right), abs(right))))
        """,
    ),
)
