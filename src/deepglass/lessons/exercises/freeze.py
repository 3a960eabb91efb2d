"""Lesson 27: a step in which the first blocks stay as they are."""

import numpy as np

from deepglass.course.judging.description import Description


def freeze(weights, gradients, frozen, rate):
    """The first `frozen` blocks as they were, the others a step down."""
    return tuple(w if i < frozen else w - rate * g for i, (w, g) in enumerate(zip(weights, gradients)))


def cases(rng):
    """None, some, all frozen; then random ones."""
    weights, gradients = (
        [np.array([1.0, 2.0]), np.array([3.0]), np.array([-1.0])],
        [np.ones(2), -np.ones(1), np.ones(1)],
    )
    for frozen in (2, 1, 0, 3):
        yield weights, gradients, frozen, 0.5
    for frozen in (1, 3):
        yield [rng.normal(size=3) for _ in range(4)], [rng.normal(size=3) for _ in range(4)], frozen, 0.1


def tell(weights, gradients, frozen, rate):
    """How many there are."""
    return f"With {len(weights)} blocks, {frozen} of them frozen, and a rate of {rate:g}"


def backwards(weights, gradients, frozen, rate):
    """The last ones frozen in the place of the first."""
    last = len(weights) - frozen
    return tuple(w if i >= last else w - rate * g for i, (w, g) in enumerate(zip(weights, gradients)))


EXERCISE = Description(
    name="freeze",
    task="A step of gradient descent in which the first blocks are frozen. <code>weights</code> and "
    "<code>gradients</code> are lists of arrays, one per block, from the input to the head. Give back the weights "
    "after the step, as a list: the first <code>frozen</code> are what they were, the others go against their "
    "gradient.",
    stub="""
        def freeze(weights, gradients, frozen, rate):
            after = []
            for i in range(len(weights)):
                # your lines here
                after.append(weights[i])
            return after
    """,
    solution="""
        def freeze(weights, gradients, frozen, rate):
            after = []
            for i in range(len(weights)):
                after.append(weights[i] if i < frozen else weights[i] - rate * gradients[i])
            return after
    """,
    hint="Block i is frozen if i < frozen.",
    answer=freeze,
    cases=cases,
    tell=tell,
    gives="a list with an array per block",
    praise="What is frozen is the same to the last bit: nothing was added to it.",
    slips=(
        (lambda w, g, frozen, rate: freeze(w, g, 0, rate), "The first blocks must stay."),
        (backwards, "It is the first blocks that are frozen: the head learns."),
        (
            lambda w, g, frozen, rate: freeze(w, g, frozen + 1, rate),
            "One block too many is frozen: blocks are counted from 0.",
        ),
        (lambda w, g, frozen, rate: freeze(w, g, frozen, -rate), "A step goes against the gradient."),
        (lambda w, g, frozen, rate: freeze(w, g, frozen, 1.0), "The rate is missing."),
    ),
    right=(
        "def freeze(weights, gradients, frozen, rate):\n    return [w - rate * g * (i >= frozen) for i, (w, g) in "
        "enumerate(zip(weights, gradients))]",
        "def freeze(w, g, n, r):\n    return w[:n] + [a - r * b for a, b in zip(w[n:], g[n:])]",
        """
        def freeze(weights, gradients, frozen, rate):
            after = [np.array(w, copy=True) for w in weights]
            for w, g in list(zip(after, gradients))[frozen:]:
                w -= rate * g
            return after
        """,
        """
        def freeze(weights, gradients, frozen, rate):
            tensors = [torch.tensor(w, requires_grad=True) for w in weights]
            for t, g in zip(tensors, gradients):
                t.grad = torch.tensor(g)
            if tensors[frozen:]:
                torch.optim.SGD(tensors[frozen:], lr=rate).step()
            return [t.detach().numpy() for t in tensors]
        """,
    ),
    wrong=(
        "def freeze(weights, gradients, frozen, rate):\n    return [w - rate * g for w, g in zip(weights, gradients)]",
        "def freeze(weights, gradients, frozen, rate):\n    return weights",
        "def freeze(w, g, n, r):\n    return [a - r * b for a, b in zip(w[:-n], g)] + w[-n:]",
        "def freeze(w, g, n, r):\n    return [a if i <= n else a - r * b for i, (a, b) in enumerate(zip(w, g))]",
        "def freeze(w, g, n, r):\n    return [a if i < n else a + r * b for i, (a, b) in enumerate(zip(w, g))]",
        "def freeze(w, g, n, r):\n    return [0 * a if i < n else a - r * b for i, (a, b) in enumerate(zip(w, g))]",
    ),
)
