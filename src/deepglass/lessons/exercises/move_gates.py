"""Lesson 72: the gates of a GRU from PyTorch's order into Keras'."""

import numpy as np

from deepglass.course.judging.description import Description


def move_gates(weight):
    """Thirds (reset, update, new) → (update, reset, new)"""
    reset, update, new = np.split(np.asarray(weight), 3)
    return np.concatenate([update, reset, new])


def cases(rng):
    """Biases first, then matrices."""
    yield (np.arange(6.0),)
    yield (np.array([1.0, 2.0, 3.0]),)
    for units, inputs in ((2, 3), (4, 1), (5, 7)):
        yield (rng.normal(size=(3 * units, inputs)).round(2),)


def tell(weight):
    """Short ones in full."""
    if weight.ndim == 1:
        return f"For weight = {weight.tolist()}"
    return f"For a weight of {weight.shape[0]} rows and {weight.shape[1]} columns"


EXERCISE = Description(
    name="move_gates",
    task="<code>weight</code> is a weight or a bias of PyTorch's GRU: its rows are those of the gate that resets, then "
    "of the gate that updates, then of the new memory, a third each. Give it back in Keras' order: update, reset, new.",
    stub="""
        def move_gates(weight):
            # your lines here
            return weight
    """,
    solution="""
        def move_gates(weight):
            reset, update, new = np.split(weight, 3)
            return np.concatenate([update, reset, new])
    """,
    hint="<code>np.split(weight, 3)</code> gives three equal parts along the rows.",
    answer=move_gates,
    cases=cases,
    tell=tell,
    gives="an array of the same shape",
    praise="Done twice, it is undone: the same function brings weights back.",
    slips=(
        (lambda weight: np.asarray(weight), "That is still PyTorch's order."),
        (lambda weight: np.concatenate(np.split(weight, 3)[::-1]), "The new memory stays last; only the gates change."),
        (
            lambda weight: np.roll(weight, len(weight) // 3, axis=0),
            "That moved all three round; only two change places.",
        ),
        (
            lambda weight: np.asarray(weight).reshape(-1, 3, *weight.shape[1:])[:, [1, 0, 2]].reshape(weight.shape),
            "A gate is a whole third of the rows, not every third row.",
        ),
    ),
    right=(
        """
        def move_gates(weight):
            n = len(weight) // 3
            return np.r_[weight[n:2 * n], weight[:n], weight[2 * n:]]
        """,
        """
        def move_gates(weight):
            parts = torch.tensor(weight).chunk(3)
            return torch.cat([parts[1], parts[0], parts[2]])
        """,
        """
        def move_gates(weight):
            out = weight.copy()
            n = len(weight) // 3
            for i in range(n):
                out[i], out[n + i] = weight[n + i], weight[i]
            return out
        """,
    ),
    wrong=(
        "def move_gates(weight):\n    return weight[::-1]",
        "def move_gates(weight):\n    n = len(weight) // 3\n    return np.concatenate([weight[n:], weight[:n]])",
        "def move_gates(weight):\n    n = len(weight) // 3\n    return np.concatenate([weight[n:2*n], weight[:n]])",
        "def move_gates(weight):\n    return weight.reshape(3, -1)[[1, 0, 2]]",
    ),
)
