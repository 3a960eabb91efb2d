"""Lesson 28: the gradient of a weight that is used at every step."""

import numpy as np

from deepglass.course.judging.description import Description


def through_time(x, w, u):
    """How the last state changes with u."""
    return followed(x, w, u)


def followed(x, w, u, slope=True, arrives=True, before=True, reach=10**9):
    """The right answer, or one that leaves something out."""
    h = [0.0]
    for value in x:
        h.append(np.tanh(w * value + u * h[-1]))
    blame, total = 1.0, 0.0
    for t in range(len(x), max(0, len(x) - reach), -1):
        blame = blame * (1 - h[t] ** 2) if slope else blame
        total += blame * h[t - 1 if before else t]
        blame = blame * u if arrives else blame
    return total


def cases(rng):
    """One step, where the state before is nothing; two; then more, with all signs."""
    yield np.array([1.0]), 0.5, 0.8
    yield np.array([1.0, 0.5]), 0.5, 0.8
    yield np.array([1.0, -1.0, 0.5, 2.0]), 0.6, -0.7
    for length in (6, 15):
        yield rng.normal(size=length), float(rng.uniform(0.3, 0.8)), float(rng.uniform(0.6, 1.1))


EXERCISE = Description(
    name="through_time",
    task="A cell reads <code>x</code>: h₀ = 0 and hₜ = tanh(w·xₜ + u·hₜ₋₁). Give back ∂h/∂<code>u</code> of its "
    "<b>last</b> state: what every use says, added up.",
    stub="""
        def through_time(x, w, u):
            h = [0.0]
            for value in x:
                h.append(np.tanh(w * value + u * h[-1]))
            # now back, from the last use to the first
            return 0.0
    """,
    solution="""
        def through_time(x, w, u):
            h = [0.0]
            for value in x:
                h.append(np.tanh(w * value + u * h[-1]))
            blame, total = 1.0, 0.0
            for t in range(len(x), 0, -1):
                blame *= 1 - h[t] ** 2  # through the tanh
                total += blame * h[t - 1]  # what this use says of u
                blame *= u  # on to the state before
            return total
    """,
    hint="Begin with a blame of 1. At each use: times 1 − h², add it times the state <i>before</i>, then times u.",
    answer=through_time,
    cases=cases,
    praise="The engine finds the same number on its tape.",
    slips=(
        (lambda x, w, u: followed(x, w, u, reach=1), "That is the say of the last use alone: u was used before, too."),
        (lambda x, w, u: followed(x, w, u, slope=False), "The slope of tanh, 1 − h², is missing."),
        (
            lambda x, w, u: followed(x, w, u, arrives=False),
            "On its way to the state before, the blame is multiplied by u.",
        ),
        (
            lambda x, w, u: followed(x, w, u, before=False),
            "u was multiplied with the state before, not with the new one.",
        ),
    ),
    right=(
        """
        def through_time(x, w, u):
            h, slope = 0.0, 0.0
            for value in x:
                new = np.tanh(w * value + u * h)
                slope = (1 - new**2) * (h + u * slope)
                h = new
            return slope
        """,
        """
        def through_time(x, w, u):
            u = torch.tensor(float(u), dtype=torch.float64, requires_grad=True)
            h = torch.zeros((), dtype=torch.float64)
            for value in x:
                h = torch.tanh(w * float(value) + u * h)
            if len(x) > 1:
                h.backward()
            return u.grad if u.grad is not None else 0.0
        """,
        """
        def through_time(x, w, u):
            def last(u):
                h = 0.0
                for value in x:
                    h = math.tanh(w * value + u * h)
                return h
            return (last(u + 1e-6) - last(u - 1e-6)) / 2e-6
        """,
        """
        def through_time(xs, a, b):
            h = [0.0]
            for v in xs:
                h.append(math.tanh(a * v + b * h[-1]))
            h = np.array(h)
            slopes = 1 - h[1:] ** 2
            uses = [np.prod(slopes[t:]) * b ** (len(xs) - 1 - t) * h[t] for t in range(len(xs))]
            return np.sum(uses)
        """,
    ),
    wrong=(
        """
        def through_time(x, w, u):
            h = [0.0]
            for value in x:
                h.append(np.tanh(w * value + u * h[-1]))
            return (1 - h[-1] ** 2) * h[-2]
        """,
        """
        def through_time(x, w, u):
            h, slope = 0.0, 0.0
            for value in x:
                h = np.tanh(w * value + u * h)
                slope = (1 - h**2) * (h + u * slope)
            return slope
        """,
        """
        def through_time(x, w, u):
            h, total = 0.0, 0.0
            for value in x:
                new = np.tanh(w * value + u * h)
                total += (1 - new**2) * h
                h = new
            return total
        """,
        """
        def through_time(x, w, u):
            h, slope = 0.0, 0.0
            for value in x:
                new = np.tanh(w * value + u * h)
                slope = h + u * slope
                h = new
            return slope
        """,
        """
        def through_time(x, w, u):
            h = [0.0]
            for value in x:
                h.append(np.tanh(w * value + u * h[-1]))
            return np.prod([u * (1 - s**2) for s in h[1:]])
        """,
    ),
)
