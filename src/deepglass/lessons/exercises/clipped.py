"""Lesson 57: the objective of PPO for one step."""

import numpy as np

from deepglass.course.judging.description import Description


def clipped(ratio, advantage, clip):
    """min(w A, clip(w, 1 − ε, 1 + ε) A)."""
    return np.minimum(ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage)


def cases(rng):
    """Ratios within, below and above, with good steps and bad ones."""
    yield 1.0, 2.0, 0.2
    yield 1.5, 1.0, 0.2
    yield 1.5, -1.0, 0.2
    yield 0.5, 1.0, 0.2
    yield 0.5, -1.0, 0.2
    yield 0.85, -2.0, 0.1
    for _ in range(3):
        yield float(rng.uniform(0, 2)), float(rng.normal()), 0.3


EXERCISE = Description(
    name="clipped",
    task="What PPO maximises for one step: the lesser of <code>ratio · advantage</code> and of the same with the ratio "
    "kept between <code>1 − clip</code> and <code>1 + clip</code>.",
    stub="""
        def clipped(ratio, advantage, clip):
            # your lines here
            return ratio * advantage
    """,
    solution="""
        def clipped(ratio, advantage, clip):
            kept = min(max(ratio, 1 - clip), 1 + clip)
            return min(ratio * advantage, kept * advantage)
    """,
    hint="First keep the ratio between its limits, then compare the two products.",
    answer=clipped,
    cases=cases,
    slips=[
        (
            lambda ratio, advantage, clip: np.clip(ratio, 1 - clip, 1 + clip) * advantage,
            "A bad step that has become likelier has to count in full: take the lesser of the two products.",
        ),
        (
            lambda ratio, advantage, clip: np.maximum(
                ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage
            ),
            "That is the better of the two; it has to be the worse.",
        ),
    ],
    tell=lambda ratio, advantage, clip: f"For ratio {ratio:.2f}, advantage {advantage:.2f} and clip {clip}",
    praise="Steps that have moved far enough in the right direction are left alone, those in the wrong one are not.",
    right=(
        """
        def clipped(ratio, advantage, clip):
            return np.minimum(ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage)
        """,
        """
        def clipped(ratio, advantage, clip):
            if advantage > 0:
                return min(ratio, 1 + clip) * advantage
            return max(ratio, 1 - clip) * advantage
        """,
        """
        def clipped(w, A, eps):
            w, A = torch.tensor(w, dtype=torch.float64), torch.tensor(A, dtype=torch.float64)
            return torch.minimum(w * A, w.clamp(1 - eps, 1 + eps) * A)
        """,
    ),
    wrong=(
        "def clipped(ratio, advantage, clip):\n    return np.clip(ratio, 1 - clip, 1 + clip) * advantage",
        """
        def clipped(ratio, advantage, clip):
            return max(ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage)
        """,
        "def clipped(ratio, advantage, clip):\n    return min(ratio, 1 + clip) * advantage",
        """
        def clipped(ratio, advantage, clip):
            return min(ratio, np.clip(ratio, 1 - clip, 1 + clip)) * advantage
        """,
        """
        def clipped(ratio, advantage, clip):
            return min(ratio * advantage, np.clip(ratio * advantage, 1 - clip, 1 + clip))
        """,
    ),
)
