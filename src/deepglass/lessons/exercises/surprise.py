"""Lesson 54: one update of Q-learning."""

from deepglass.course.judging.description import Description


def surprise(value, reward, following, is_end, rate, gamma):
    """The new value of an action after one step."""
    target = reward + (0.0 if is_end else gamma * max(following))
    return value + rate * (target - value)


def cases(rng):
    """Ends and not, values below zero, rates of 1 and less."""
    yield 0.0, 1.0, [0.0, 0.0], True, 0.5, 0.9
    yield 0.5, 0.0, [1.0, 2.0, 0.0], False, 0.5, 0.9
    yield 0.5, 1.0, [9.0, 9.0], True, 0.1, 0.9
    yield 2.0, -1.0, [-3.0, -2.0], False, 1.0, 0.5
    for is_end in (True, False):
        yield float(rng.normal()), float(rng.normal()), rng.normal(size=4).tolist(), is_end, 0.3, 0.8


EXERCISE = Description(
    name="surprise",
    task="One step of Q-learning: the new value of an action. The target is the <code>reward</code> and, unless the "
    "walk <code>is_end</code>, <code>gamma</code> times the best of the values <code>following</code>. Move "
    "<code>value</code> a share <code>rate</code> of the way towards it.",
    stub="""
        def surprise(value, reward, following, is_end, rate, gamma):
            # your lines here
            return value
    """,
    solution="""
        def surprise(value, reward, following, is_end, rate, gamma):
            target = reward if is_end else reward + gamma * max(following)
            return value + rate * (target - value)
    """,
    hint="The surprise is the target less what was believed.",
    answer=surprise,
    cases=cases,
    tell=lambda value, reward, following, is_end, rate, gamma: (
        f"For value {value:.2f}, reward {reward:.2f}, following {[round(x, 2) for x in following]}, is_end {is_end}, "
        f"rate {rate} and gamma {gamma}"
    ),
    praise="A belief that moves towards what was met: that is all of Q-learning.",
    right=(
        """
        def surprise(value, reward, following, is_end, rate, gamma):
            return (1 - rate) * value + rate * (reward + gamma * np.max(following) * (not is_end))
        """,
        """
        def surprise(value, reward, following, is_end, rate, gamma):
            best = 0.0 if is_end else sorted(following)[-1]
            delta = reward + gamma * best - value
            return value + delta * rate
        """,
        """
        def surprise(v, r, f, end, a, g):
            if end:
                return v + a * (r - v)
            return v + a * (r + g * np.array(f).max() - v)
        """,
    ),
    wrong=(
        """
        def surprise(value, reward, following, is_end, rate, gamma):
            return value + rate * (reward + gamma * max(following) - value)
        """,
        """
        def surprise(value, reward, following, is_end, rate, gamma):
            return reward if is_end else reward + gamma * max(following)
        """,
        """
        def surprise(value, reward, following, is_end, rate, gamma):
            target = reward if is_end else reward + gamma * np.mean(following)
            return value + rate * (target - value)
        """,
        """
        def surprise(value, reward, following, is_end, rate, gamma):
            target = reward if is_end else reward + gamma * max(following)
            return value + rate * target
        """,
        """
        def surprise(value, reward, following, is_end, rate, gamma):
            target = reward if is_end else reward + max(following)
            return value + rate * (target - value)
        """,
    ),
)
