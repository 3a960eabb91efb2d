"""Lesson 40: prune a matrix."""

import numpy as np

from deepglass.course.judging.description import Description


def leave_out(w, count):
    """The same with the `count` smallest set to zero."""
    kept = w.copy().ravel()
    kept[np.argsort(np.abs(kept))[:count]] = 0
    return kept.reshape(w.shape)


def cases(rng):
    """By hand, none and all, a matrix, one with zeros in it; then random ones without ties."""
    yield np.array([0.5, -0.1, 0.2, -3.0]), 2
    yield np.array([1.0, -2.0, 3.0]), 0
    yield np.array([1.0, -2.0, 3.0]), 3
    yield np.array([[0.3, -0.9], [-0.05, 0.4]]), 1
    yield np.array([0.0, 4.0, -0.5, 0.25]), 2
    for count in (3, 10):
        yield rng.normal(size=(4, 5)), count


def signed(w, count):
    """Cuts the least instead of the smallest."""
    kept = w.copy().ravel()
    kept[np.argsort(kept)[:count]] = 0
    return kept.reshape(w.shape)


def largest(w, count):
    """Cuts the largest."""
    kept = w.copy().ravel()
    kept[np.argsort(-np.abs(kept))[:count]] = 0
    return kept.reshape(w.shape)


EXERCISE = Description(
    name="leave_out",
    task="Prune: set the <code>count</code> weights of <code>w</code> that matter least to zero, those nearest to "
    "zero. <code>w</code> may be a row or a matrix, and keeps its shape. No two weights have the same size.",
    stub="""
        def leave_out(w, count):
            # your lines here
            return w
    """,
    solution="""
        def leave_out(w, count):
            kept = w.flatten()
            smallest = np.argsort(np.abs(kept))[:count]
            kept[smallest] = 0
            return kept.reshape(w.shape)
    """,
    hint="np.argsort gives the places in the order of their values. Sort by size, not by sign, and mind the case of "
    "count 0.",
    answer=leave_out,
    cases=cases,
    gives="an array of the shape that came",
    praise="Han and his colleagues left out nine of ten weights of AlexNet, with learning in between.",
    slips=(
        (signed, "Nearest to zero: −3 is a large weight."),
        (largest, "Those are the largest: the smallest go."),
        (lambda w, count: np.where(np.abs(w) < count, 0.0, w), "count is how many, not a size."),
        (lambda w, count: leave_out(w, w.size - count), "count weights become zero; as many as that remain here."),
    ),
    right=(
        """
        def leave_out(w, count):
            if count == 0:
                return w
            threshold = np.sort(np.abs(w), axis=None)[count - 1]
            return np.where(np.abs(w) <= threshold, 0, w)
        """,
        """
        def leave_out(weights, how_many):
            order = sorted(range(weights.size), key=lambda i: abs(weights.flat[i]))
            for i in order[:how_many]:
                weights.flat[i] = 0
            return weights
        """,
        """
        def leave_out(w, count):
            rank = np.abs(w).ravel().argsort().argsort().reshape(w.shape)
            return w * (rank >= count)
        """,
        """
        def leave_out(w, count):
            w = torch.tensor(w)
            places = w.abs().flatten().topk(count, largest=False).indices
            w.view(-1)[places] = 0
            return w
        """,
    ),
    wrong=(
        "def leave_out(w, count):\n    threshold = np.sort(np.abs(w), axis=None)[count]\n"
        "    return np.where(np.abs(w) <= threshold, 0, w)",
        "def leave_out(w, n):\n    k = w.flatten()\n    k[np.argsort(k)[:n]] = 0\n    return k.reshape(w.shape)",
        "def leave_out(w, count):\n    k = w.flatten()\n    k[:count] = 0\n    return k.reshape(w.shape)",
        "def leave_out(w, count):\n    k = w.flatten()\n    k[np.argsort(np.abs(k))[-count:]] = 0\n"
        "    return k.reshape(w.shape)",
        "def leave_out(w, count):\n    return np.where(np.abs(w) < 0.3, 0, w)",
        "def leave_out(w, count):\n    k = w.flatten()\n    k[np.argsort(np.abs(k))[:count]] = 0\n    return k",
    ),
)
