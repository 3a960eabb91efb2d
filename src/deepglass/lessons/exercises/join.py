"""Lesson 32: one join of byte-pair encoding."""

import numpy as np

from deepglass.course.judging.description import Description


def join(tokens, pair, new):
    """The tokens with every occurrence of the pair replaced, from left to right."""
    joined, i = [], 0
    while i < len(tokens):
        is_pair = list(tokens[i : i + 2]) == list(pair)
        joined.append(new if is_pair else tokens[i])
        i += 2 if is_pair else 1
    return np.array(joined)


def cases(rng):
    """In the middle, at both ends, thrice the same, twice in a row, none; then sequences at random."""
    for tokens, pair in (
        ([5, 1, 2, 7], (1, 2)), ([1, 2, 3, 1, 2], (1, 2)), ([1, 1, 1], (1, 1)), ([4, 1, 1, 1, 1, 4], (1, 1)),
        ([2, 1, 2, 1], (1, 2)), ([3, 4, 5], (1, 2)), ([1], (1, 2)), ([1, 2, 1, 2, 1, 2], (1, 2)),
    ):  # fmt: skip
        yield tokens, pair, 9
    for _ in range(4):
        yield rng.integers(0, 3, 30).tolist(), (int(rng.integers(3)), int(rng.integers(3))), 256


def overlapping(tokens, pair, new):
    """Joins the second of a pair again with what follows."""
    out = []
    for i, token in enumerate(tokens):
        if tuple(tokens[i : i + 2]) == tuple(pair):
            out.append(new)
        elif not (i and tuple(tokens[i - 1 : i + 1]) == tuple(pair)):
            out.append(token)
    return np.array(out)


def first_alone(tokens, pair, new):
    """Stops after one."""
    for i in range(len(tokens) - 1):
        if tuple(tokens[i : i + 2]) == tuple(pair):
            return np.array([*tokens[:i], new, *tokens[i + 2 :]])
    return np.array(tokens)


def from_right(tokens, pair, new):
    """From the end to the beginning."""
    return join(tokens[::-1], pair[::-1], new)[::-1]


def kept_second(tokens, pair, new):
    """Leaves the second token of each pair."""
    return np.array([new if tuple(tokens[i : i + 2]) == tuple(pair) else token for i, token in enumerate(tokens)])


EXERCISE = Description(
    name="join",
    task="Join a pair wherever it occurs. <code>tokens</code> is a list of numbers; give back a list in which every "
    "two neighbours that are equal to <code>pair</code> have become the number <code>new</code>, from left to right. A "
    "token that was joined is used up.",
    stub="""
        def join(tokens, pair, new):
            # your lines here
            return tokens
    """,
    solution="""
        def join(tokens, pair, new):
            joined, i = [], 0
            while i < len(tokens):
                if tuple(tokens[i : i + 2]) == tuple(pair):
                    joined.append(new)
                    i += 2
                else:
                    joined.append(tokens[i])
                    i += 1
            return joined
    """,
    hint="After a join go on two places further, otherwise one.",
    answer=join,
    cases=cases,
    tell=lambda tokens, pair, new: f"For {tokens} and the pair {pair}, joined as {new}",
    gives="a list of numbers",
    praise="Do that a thousand times, and it is a tokeniser.",
    slips=(
        (overlapping, "A token that was joined is used up: of 1 1 1 only the first two are a pair."),
        (first_alone, "Every occurrence is joined, not the first alone."),
        (from_right, "From left to right: of 1 1 1 the first two are the pair."),
        (kept_second, "The second token of the pair is still there."),
    ),
    right=(
        """
        def join(tokens, pair, new):
            out = []
            for token in tokens:
                if out and out[-1] == pair[0] and token == pair[1] and out[-1] is not None and not used:
                    out[-1], used = new, True
                else:
                    out.append(token)
                    used = False
            return out
        """,
        """
        def join(tokens, pair, new):
            i, out = 0, []
            while i < len(tokens) - 1:
                if tokens[i] == pair[0] and tokens[i + 1] == pair[1]:
                    out += [new]
                    i += 1
                else:
                    out += [tokens[i]]
                i += 1
            return out + list(tokens[i:])
        """,
        """
        def join(tokens, pair, new):
            if len(tokens) < 2:
                return tokens
            if tokens[0] == pair[0] and tokens[1] == pair[1]:
                return [new] + list(join(tokens[2:], pair, new))
            return [tokens[0]] + list(join(tokens[1:], pair, new))
        """,
        """
        def join(tokens, pair, new):
            rest = iter(range(len(tokens)))
            out = []
            for i in rest:
                if i + 1 < len(tokens) and (tokens[i], tokens[i + 1]) == tuple(pair):
                    out.append(new)
                    next(rest)
                else:
                    out.append(tokens[i])
            return np.array(out)
        """,
    ),
    wrong=(
        "def join(tokens, pair, new):\n    return tokens",
        """
        def join(tokens, pair, new):
            return [new if tuple(tokens[i:i + 2]) == tuple(pair) else t for i, t in enumerate(tokens)]
        """,
        """
        def join(tokens, pair, new):
            for i in range(len(tokens) - 1):
                if tuple(tokens[i:i + 2]) == tuple(pair):
                    return tokens[:i] + [new] + tokens[i + 2:]
            return tokens
        """,
        """
        def join(tokens, pair, new):
            out, i = [], 0
            while i < len(tokens) - 1:
                if tuple(tokens[i:i + 2]) == tuple(pair):
                    out.append(new)
                    i += 2
                else:
                    out.append(tokens[i])
                    i += 1
            return out
        """,
        "def join(tokens, pair, new):\n    return [new if t in pair else t for t in tokens]",
    ),
)
