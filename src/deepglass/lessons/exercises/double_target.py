"""Lesson 55: the target of double DQN."""

import numpy as np

from deepglass.course.judging.description import Description


def double_target(reward, is_end, gamma, present, slow):
    """One network chooses, the other values."""
    return (1 - gamma) * reward + (0.0 if is_end else gamma * slow[int(np.argmax(present))])


def cases(rng):
    """Two networks that agree and that do not, ends, values below zero."""
    yield 1.0, False, 0.9, [0.2, 0.8], [0.5, 0.6]
    yield 1.0, False, 0.9, [0.8, 0.2], [0.1, 0.9]
    yield 1.0, True, 0.9, [0.8, 0.2], [0.5, 0.9]
    yield -1.0, False, 0.5, [-0.4, -0.3, -0.9], [-0.2, -0.7, -0.1]
    for is_end in (False, True):
        yield float(rng.normal()), is_end, 0.95, rng.normal(size=4).tolist(), rng.normal(size=4).tolist()


EXERCISE = Description(
    name="double_target",
    task="The target of double DQN: (1 − <code>gamma</code>) times the <code>reward</code> and, unless the episode "
    "<code>is_end</code>, <code>gamma</code> times what follows. The network <code>present</code> says what each next "
    "action is worth and chooses; the network <code>slow</code> says what the chosen one counts.",
    stub="""
        def double_target(reward, is_end, gamma, present, slow):
            # your lines here
            return reward
    """,
    solution="""
        def double_target(reward, is_end, gamma, present, slow):
            chosen = np.argmax(present)
            following = 0.0 if is_end else slow[chosen]
            return (1 - gamma) * reward + gamma * following
    """,
    hint="The place of the largest in one list, the number at that place in the other.",
    answer=double_target,
    cases=cases,
    slips=[
        (
            lambda reward, is_end, gamma, present, slow: (1 - gamma) * reward + (not is_end) * gamma * max(slow),
            "That is the target of plain DQN: the network that values has chosen as well.",
        ),
        (
            lambda reward, is_end, gamma, present, slow: (1 - gamma) * reward + gamma * slow[int(np.argmax(present))],
            "After the end nothing follows; look at <code>is_end</code>.",
        ),
    ],
    tell=lambda reward, is_end, gamma, present, slow: (
        f"For reward {reward:.2f}, is_end {is_end}, gamma {gamma}, present {[round(x, 2) for x in present]} and slow "
        f"{[round(x, 2) for x in slow]}"
    ),
    praise="Who chooses does not value: an error upwards has to be made twice to count.",
    right=(
        """
        def double_target(reward, is_end, gamma, present, slow):
            if is_end:
                return (1 - gamma) * reward
            return (1 - gamma) * reward + gamma * slow[present.index(max(present))]
        """,
        """
        def double_target(r, end, g, a, b):
            return (1 - g) * r + g * (1 - int(end)) * np.asarray(b)[np.asarray(a).argmax()]
        """,
        """
        def double_target(reward, is_end, gamma, present, slow):
            best = sorted(zip(present, slow))[-1][1]
            return reward - gamma * reward + (gamma * best if not is_end else 0)
        """,
        """
        def double_target(reward, is_end, gamma, present, slow):
            chosen = torch.tensor(present).argmax()
            return (1 - gamma) * reward + (not is_end) * gamma * torch.tensor(slow, dtype=torch.float64)[chosen]
        """,
    ),
    wrong=(
        """
        def double_target(reward, is_end, gamma, present, slow):
            return (1 - gamma) * reward + gamma * max(slow) * (not is_end)
        """,
        """
        def double_target(reward, is_end, gamma, present, slow):
            return (1 - gamma) * reward + gamma * slow[np.argmax(present)]
        """,
        """
        def double_target(reward, is_end, gamma, present, slow):
            return (1 - gamma) * reward + gamma * present[np.argmax(slow)] * (not is_end)
        """,
        """
        def double_target(reward, is_end, gamma, present, slow):
            return reward + gamma * slow[np.argmax(present)] * (not is_end)
        """,
        """
        def double_target(reward, is_end, gamma, present, slow):
            return (1 - gamma) * reward + gamma * min(max(present), max(slow)) * (not is_end)
        """,
    ),
)
