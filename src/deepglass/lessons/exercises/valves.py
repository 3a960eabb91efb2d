"""Lesson 29: one step of an LSTM, from its four sums."""

import numpy as np

from deepglass.course.judging.description import Description


def sigmoid(x):
    """From 0, closed, to 1, open."""
    return 1 / (1 + np.exp(-x))


def valves(i, f, g, o, c):
    """The new memory and what is said."""
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return c, sigmoid(o) * np.tanh(c)


def cases(rng):
    """All half open, all open, kept, overwritten; then drawn at random."""
    yield 0.0, 0.0, 1.0, 0.0, 1.0
    yield -20.0, 20.0, 1.0, 20.0, 0.7
    yield 20.0, -20.0, -0.5, 20.0, 0.7
    for _ in range(4):
        yield tuple(float(value) for value in rng.normal(0, 1.5, 5))


EXERCISE = Description(
    name="valves",
    task="Write one step of an LSTM. <code>i, f, g, o</code> are its four sums, before any bend, and <code>c</code> is "
    "the memory. Give back the new memory and what is said, <code>c, h</code>.",
    stub="""
        def valves(i, f, g, o, c):
            sigmoid = lambda x: 1 / (1 + np.exp(-x))
            # your lines here
            return c, 0.0
    """,
    solution="""
        def valves(i, f, g, o, c):
            sigmoid = lambda x: 1 / (1 + np.exp(-x))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            return c, sigmoid(o) * np.tanh(c)
    """,
    hint="Valves are sigmoids; the new value and what is said of the memory are tanh.",
    answer=valves,
    cases=cases,
    gives="two numbers, `return c, h`",
    praise="It is the engine's step, and PyTorch's.",
    slips=(
        (
            lambda i, f, g, o, c: (
                sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g),
                sigmoid(o) * np.tanh(sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)),
            ),
            "That is how a GRU shares one valve; here the input has its own, i.",
        ),
        (
            lambda i, f, g, o, c: (valves(i, f, g, o, c)[0], sigmoid(o) * valves(i, f, g, o, c)[0]),
            "What is said is a part of tanh c, not of c itself.",
        ),
        (lambda i, f, g, o, c: (valves(i, f, g, o, c)[0], sigmoid(o) * np.tanh(c)), "Say the new memory, not the old."),
        (lambda i, f, g, o, c: valves(i, -f, g, o, c), "Open means kept: the forget valve is σ(f), not 1 − σ(f)."),
        (lambda i, f, g, o, c: valves(i, f, g, o, c)[::-1], "The memory comes first, then what is said."),
        (
            lambda i, f, g, o, c: (
                sigmoid(f) * c + sigmoid(i) * g,
                sigmoid(o) * np.tanh(sigmoid(f) * c + sigmoid(i) * g),
            ),
            "The new value is tanh g: between −1 and 1.",
        ),
    ),
    right=(
        """
        def valves(i, f, g, o, c):
            i, f, o = (0.5 * np.tanh(x / 2) + 0.5 for x in (i, f, o))
            new = f * c + i * np.tanh(g)
            return new, o * np.tanh(new)
        """,
        """
        def valves(i, f, g, o, c):
            i, f, g, o, c = (torch.tensor(x, dtype=torch.float64) for x in (i, f, g, o, c))
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            return [c, torch.sigmoid(o) * torch.tanh(c)]
        """,
        """
        def valves(let_in, keep, new, speak, memory):
            def open_(x):
                return 1 / (1 + math.exp(-x))
            memory = memory * open_(keep) + math.tanh(new) * open_(let_in)
            return np.array([memory, open_(speak) * math.tanh(memory)])
        """,
        """
        def valves(i, f, g, o, c):
            s = lambda x: math.exp(x) / (math.exp(x) + 1)
            c *= s(f)
            c += s(i) * (math.exp(2 * g) - 1) / (math.exp(2 * g) + 1)
            return c, math.tanh(c) * s(o)
        """,
    ),
    wrong=(
        """
        def valves(i, f, g, o, c):
            s = lambda x: 1 / (1 + np.exp(-x))
            new = s(f) * c + (1 - s(f)) * np.tanh(g)
            return new, s(o) * np.tanh(new)
        """,
        """
        def valves(i, f, g, o, c):
            s = lambda x: 1 / (1 + np.exp(-x))
            new = s(f) * c + s(i) * np.tanh(g)
            return new, s(o) * new
        """,
        """
        def valves(i, f, g, o, c):
            s = lambda x: 1 / (1 + np.exp(-x))
            new = (1 - s(f)) * c + s(i) * np.tanh(g)
            return new, s(o) * np.tanh(new)
        """,
        """
        def valves(i, f, g, o, c):
            s = lambda x: 1 / (1 + np.exp(-x))
            new = s(f) * c + s(i) * s(g)
            return new, s(o) * np.tanh(new)
        """,
        """
        def valves(i, f, g, o, c):
            new = np.tanh(f) * c + np.tanh(i) * np.tanh(g)
            return new, np.tanh(o) * np.tanh(new)
        """,
    ),
)
