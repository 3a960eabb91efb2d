"""Lesson 12: an epoch, shuffled and cut into batches."""

import numpy as np

from deepglass.course.judging.description import Description


def batches(rows, size, rng):
    """The numbers of all rows, in a new order, a batch at a time."""
    order = rng.permutation(rows)
    return [order[i : i + size] for i in range(0, rows, size)]


def cases(rng):
    """What divides and what does not, too large a batch, single rows; and epochs long enough to see an order."""
    for rows, size in ((10, 4), (12, 3), (5, 8), (7, 1), (8, 8), (200, 10), (200, 16)):
        yield rows, size, rng
    yield int(rng.integers(60, 120)), int(rng.integers(2, 9)), rng


def watch(batches, rows, size, rng):
    """Two epochs from one generator, as lists: an order must be new each time."""
    return [[[int(row) for row in np.ravel(batch)] for batch in batches(rows, size, rng)] for _ in range(2)]


def agrees(got, rows, size, rng):
    """What is wrong with the two epochs, or ""."""
    epochs = [[[int(row) for row in np.ravel(batch)] for batch in epoch] for epoch in got]
    flat = [[row for batch in epoch for row in batch] for epoch in epochs]
    sizes, expected = [len(batch) for batch in epochs[0]], [min(size, rows - i) for i in range(0, rows, size)]
    if not flat[0]:
        return "expected a list of batches, got none."
    if strange := sorted(set(flat[0]) - set(range(rows))):
        return f"there is no row {strange[0]}: they are numbered from 0 to {rows - 1}."
    if missing := sorted(set(range(rows)) - set(flat[0])):
        return f"rows {missing[:8]} were never visited. The last batch may be smaller, but must come."
    if len(flat[0]) != rows:
        return "some row came twice. Shuffle once; do not draw anew for each batch."
    if sizes != expected:
        return f"expected batches of {expected[:9]}, got {sizes[:9]}."
    return order_of(flat, rows) if rows >= 60 else ""


def order_of(flat, rows):
    """What is wrong with the order of two long epochs, or ""."""
    steps = np.diff(flat[0])
    if (np.abs(steps) == 1).mean() > 0.3 or (steps > 0).mean() > 0.9 or (steps < 0).mean() > 0.9:
        return (
            "the rows come in the order of the file, or nearly: if it is sorted, so are your batches. Shuffle them all."
        )
    if np.mean(np.abs(np.array(flat[0]) - np.arange(rows))) < rows / 8:
        return "each row stays near its place: shuffle all rows, not only those within a batch."
    if flat[0] == flat[1]:
        return "the second epoch comes in the very same order as the first: draw a new one from rng each time."
    return ""


EXERCISE = Description(
    name="batches",
    task="Cut an epoch into batches: the numbers 0 … rows − 1, in a new random order (from the generator "
    "<code>rng</code>, such as <code>rng.permutation</code>), in lists of <code>size</code>; the last may be shorter.",
    stub="""
        def batches(rows, size, rng):
            # your lines here
            return []
    """,
    solution="""
        def batches(rows, size, rng):
            order = rng.permutation(rows)
            return [order[i : i + size] for i in range(0, rows, size)]
    """,
    hint="<code>range(0, rows, size)</code> gives the places at which batches begin.",
    answer=batches,
    cases=cases,
    watch=watch,
    agrees=agrees,
    tell=lambda rows, size, rng: f"For {rows} rows in batches of {size}",
    praise="Every row once, in a new order: that is an epoch.",
    right=(
        """
        def batches(rows, size, rng):
            order = np.arange(rows)
            rng.shuffle(order)
            return [order[i:i + size].tolist() for i in range(0, rows, size)]
        """,
        "def batches(rows, size, rng):\n    return np.array_split(rng.permutation(rows), range(size, rows, size))",
        """
        def batches(rows, size, rng):
            order = rng.choice(rows, rows, replace=False)
            for i in range(0, rows, size):
                yield order[i:i + size]
        """,
        """
        def batches(n, k, generator):
            left, out = list(range(n)), []
            while left:
                out.append([left.pop(generator.integers(len(left))) for _ in range(min(k, len(left)))])
            return out
        """,
        "def batches(rows, size, rng):\n    return torch.tensor(np.argsort(rng.random(rows))).split(size)",
    ),
    wrong=(
        "def batches(rows, size, rng):\n    return [range(i, min(i + size, rows)) for i in range(0, rows, size)]",
        """
        def batches(rows, size, rng):
            order = np.arange(rows)[::-1]
            return [order[i:i + size] for i in range(0, rows, size)]
        """,
        """
        def batches(rows, size, rng):
            order = rng.permutation(rows)
            return [order[i:i + size] for i in range(0, rows - size + 1, size)]
        """,
        """
        def batches(rows, size, rng):
            return [rng.integers(0, rows, min(size, rows - i)) for i in range(0, rows, size)]
        """,
        """
        def batches(rows, size, rng):
            return [rng.permutation(np.arange(i, min(i + size, rows))) for i in range(0, rows, size)]
        """,
        """
        def batches(rows, size, rng):
            order = np.random.default_rng(0).permutation(rows)
            return [order[i:i + size] for i in range(0, rows, size)]
        """,
        "def batches(rows, size, rng):\n    return [rng.permutation(rows)]",
        """
        def batches(rows, size, rng):
            order = 1 + rng.permutation(rows)
            return [order[i:i + size] for i in range(0, rows, size)]
        """,
        """
        def batches(rows, size, rng):
            order = np.roll(np.arange(rows), rng.integers(rows))
            return [order[i:i + size] for i in range(0, rows, size)]
        """,
    ),
)
