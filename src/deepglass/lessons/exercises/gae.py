"""Lesson 57: generalised advantages of one episode."""

import numpy as np

from deepglass.course.judging.description import Description


def gae(rewards, values, gamma, lam):
    """A_t = δ_t + γλ A_{t+1}."""
    found, following = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * values[t + 1] - values[t] + gamma * lam * following
        found[t] = following
    return found


def cases(rng):
    """One step, λ of 0 and of 1, an end worth nothing and one that was cut, and longer episodes."""
    yield [1.0], [0.5, 0.0], 0.9, 0.5
    yield [0.0, 0.0, 1.0], [0.2, 0.4, 0.6, 0.0], 1.0, 1.0
    yield [0.0, 0.0, 1.0], [0.2, 0.4, 0.6, 0.0], 0.9, 0.0
    yield [1.0, 1.0], [3.0, 2.0, 4.0], 0.5, 0.5
    for _ in range(2):
        yield rng.normal(size=5).round(2).tolist(), rng.normal(size=6).round(2).tolist(), 0.9, 0.8


EXERCISE = Description(
    name="gae",
    task="The advantages of one episode, an array as long as <code>rewards</code>. <code>values</code> holds one more: "
    "what the critic says before each step, and of what was seen last. Each surprise is <code>reward + gamma · next "
    "value − value</code>; each advantage is its own surprise and <code>gamma · lam</code> times the next advantage.",
    stub="""
        def gae(rewards, values, gamma, lam):
            # your lines here
            return np.zeros(len(rewards))
    """,
    solution="""
        def gae(rewards, values, gamma, lam):
            found, following = np.zeros(len(rewards)), 0.0
            for t in reversed(range(len(rewards))):
                surprise = rewards[t] + gamma * values[t + 1] - values[t]
                following = surprise + gamma * lam * following
                found[t] = following
            return found
    """,
    hint="From the end: what follows the last step is 0.",
    answer=gae,
    cases=cases,
    slips=[
        (
            lambda rewards, values, gamma, lam: gae(rewards, values, gamma, 0.0),
            "Those are the surprises; the advantage holds the later ones, too.",
        ),
    ],
    tell=lambda rewards, values, gamma, lam: f"For rewards {rewards}, values {values}, gamma {gamma} and lam {lam}",
    praise="With lam = 1 the values in between cancel; with lam = 0 nothing after the next one counts.",
    right=(
        """
        def gae(rewards, values, gamma, lam):
            d = [r + gamma * v2 - v for r, v, v2 in zip(rewards, values, values[1:])]
            return [sum((gamma * lam) ** k * x for k, x in enumerate(d[t:])) for t in range(len(d))]
        """,
        """
        def gae(rewards, values, gamma, lam):
            r, v = np.array(rewards), np.array(values)
            d = r + gamma * v[1:] - v[:-1]
            k = np.arange(len(d))
            return np.triu(((gamma * lam) ** np.abs(k - k[:, None]))) @ d
        """,
        """
        def gae(rewards, values, gamma, lam):
            if not len(rewards):
                return []
            rest = gae(rewards[1:], values[1:], gamma, lam)
            delta = rewards[0] + gamma * values[1] - values[0]
            return [delta + gamma * lam * (rest[0] if rest else 0.0)] + rest
        """,
    ),
    wrong=(
        """
        def gae(rewards, values, gamma, lam):
            return [r + gamma * v2 - v for r, v, v2 in zip(rewards, values, values[1:])]
        """,
        """
        def gae(rewards, values, gamma, lam):
            d = [r + gamma * v2 - v for r, v, v2 in zip(rewards, values, values[1:])]
            return [sum(lam ** k * x for k, x in enumerate(d[t:])) for t in range(len(d))]
        """,
        """
        def gae(rewards, values, gamma, lam):
            d = [r + gamma * v2 - v for r, v, v2 in zip(rewards, values, values[1:])]
            out, total = [], 0.0
            for x in d:
                total = x + gamma * lam * total
                out.append(total)
            return out
        """,
        """
        def gae(rewards, values, gamma, lam):
            d = [r - v for r, v in zip(rewards, values)]
            return [sum((gamma * lam) ** k * x for k, x in enumerate(d[t:])) for t in range(len(d))]
        """,
        """
        def gae(rewards, values, gamma, lam):
            d = [r + gamma * v2 - v for r, v, v2 in zip(rewards, values, values[1:])]
            return [sum((gamma * lam) ** k * x for k, x in enumerate(d[t:])) + values[t] for t in range(len(d))]
        """,
    ),
)
