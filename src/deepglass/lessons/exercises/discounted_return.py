"""Lesson 54: the return of a walk, each step of waiting multiplied by γ."""

from deepglass.course.judging.description import Description


def discounted_return(rewards, gamma):
    """The sum of γ^t r_t."""
    return float(sum(gamma**t * reward for t, reward in enumerate(rewards)))


def cases(rng):
    """One reward, none, γ of 0 and of 1, and longer walks."""
    yield [1.0], 0.9
    yield [0.0, 0.0, 1.0], 0.5
    yield [1.0, 1.0, 1.0, 1.0], 1.0
    yield [2.0, 5.0, -1.0], 0.0
    yield [], 0.9
    yield rng.normal(size=6).round(2).tolist(), 0.9
    yield rng.normal(size=9).round(2).tolist(), 0.5


EXERCISE = Description(
    name="discounted_return",
    task="The return of a walk: the sum of its <code>rewards</code>, of which the first counts in full, the next one "
    "<code>gamma</code> times, the one after it <code>gamma²</code> times, and so on.",
    stub="""
        def discounted_return(rewards, gamma):
            # your lines here
            return 0.0
    """,
    solution="""
        def discounted_return(rewards, gamma):
            total = 0.0
            for reward in reversed(rewards):
                total = reward + gamma * total
            return total
    """,
    hint="From the end: what follows is worth <code>gamma</code> times as much one step before.",
    answer=discounted_return,
    cases=cases,
    tell=lambda rewards, gamma: f"For rewards {rewards} and gamma = {gamma}",
    praise="A reward that comes later is worth less, by the same factor for each step.",
    right=(
        "def discounted_return(rewards, gamma):\n    return sum(r * gamma**t for t, r in enumerate(rewards))",
        "def discounted_return(rewards, gamma):\n    return np.dot(rewards, gamma ** np.arange(len(rewards)))",
        """
        def discounted_return(rewards, gamma):
            total, weight = 0.0, 1.0
            for reward in rewards:
                total += weight * reward
                weight *= gamma
            return total
        """,
        """
        def discounted_return(r, g):
            return r[0] + g * discounted_return(r[1:], g) if len(r) else 0.0
        """,
    ),
    wrong=(
        "def discounted_return(rewards, gamma):\n    return sum(rewards)",
        "def discounted_return(rewards, gamma):\n    return gamma * sum(rewards)",
        "def discounted_return(rewards, gamma):\n    return sum(r * gamma ** (t + 1) for t, r in enumerate(rewards))",
        """
        def discounted_return(rewards, gamma):
            total = 0.0
            for reward in rewards:
                total = reward + gamma * total
            return total
        """,
        "def discounted_return(rewards, gamma):\n    return sum(r * gamma * t for t, r in enumerate(rewards))",
    ),
)
