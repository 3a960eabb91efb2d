"""Lesson 47: the weights of LIME's line."""

import numpy as np

from deepglass.course.judging.description import Description


def solved(present, scores, weights, has_intercept=True):
    """Weighted least squares; the weights of the parts."""
    design = np.column_stack([np.ones(len(present))] * has_intercept + [np.asarray(present, float)])
    root = np.sqrt(weights)
    return np.linalg.lstsq(design * root[:, None], scores * root, rcond=None)[0][has_intercept:]


def line_nearby(present, scores, nearness):
    """The slopes of the line that is nearest to the scores, near ones first."""
    return solved(present, scores, nearness)


def cases(rng):
    """Two words that need each other, of which some count more; then drawn ones."""
    every = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], float)
    yield every, np.array([0.5, 0.2, 0.1, 0.9]), np.array([0.1, 0.5, 0.5, 1.0])
    yield every, np.array([1.0, 1.5, 3.0, 3.5]), np.ones(4)
    for _ in range(4):
        parts = int(rng.integers(2, 5))
        present = np.concatenate(
            [np.eye(parts), 1 - np.eye(parts), rng.integers(0, 2, (6, parts)), np.ones((1, parts))]
        )
        yield present, rng.random(len(present)).round(2), rng.uniform(0.1, 1, len(present)).round(2)


EXERCISE = Description(
    name="line_nearby",
    task="<code>present</code> (n, M) says with 1 which parts are there, <code>scores</code> (n,) is what the model "
    "then says, <code>nearness</code> (n,) how much each neighbour counts. Give back the weights (M,) of the line "
    "b + present · w that makes Σ nearness · (score − line)² smallest. <code>np.linalg.lstsq(A, y)[0]</code> makes "
    "Σ (y − A · w)² smallest.",
    stub="""
        def line_nearby(present, scores, nearness):
            # your lines here
            return present[0] * 0
    """,
    solution="""
        def line_nearby(present, scores, nearness):
            A = np.column_stack([np.ones(len(present)), present])
            root = np.sqrt(nearness)
            return np.linalg.lstsq(A * root[:, None], scores * root)[0][1:]
    """,
    hint="A column of ones in front gives the line its b. What must a row be multiplied by, so that its square counts "
    "nearness times?",
    answer=line_nearby,
    cases=cases,
    praise="The root is the trap: a square of what is multiplied by nearness counts nearness².",
    slips=(
        (lambda p, s, n: solved(p, s, np.ones(len(p))), "All neighbours count alike here: where is the nearness?"),
        (lambda p, s, n: solved(p, s, n, False), "The line has no b: put a column of ones in front."),
        (lambda p, s, n: solved(p, s, n**2), "Multiplied by nearness, a square counts nearness²: take the root."),
    ),
    right=(
        """
        def line_nearby(present, scores, nearness):
            A = np.hstack([present, np.ones((len(present), 1))])
            W = np.diag(nearness)
            return np.linalg.solve(A.T @ W @ A, A.T @ W @ scores)[:-1]
        """,
        """
        def line_nearby(present, scores, nearness):
            total = nearness.sum()
            x = present - nearness @ present / total
            y = scores - nearness @ scores / total
            return np.linalg.lstsq(x * nearness[:, None] ** 0.5, y * nearness ** 0.5, rcond=None)[0]
        """,
        """
        def line_nearby(present, scores, nearness):
            A = torch.tensor(np.column_stack([np.ones(len(present)), present]))
            w, y = torch.tensor(nearness), torch.tensor(scores)
            return (torch.linalg.pinv(A.T * w @ A) @ (A.T @ (w * y)))[1:]
        """,
    ),
    wrong=(
        """
        def line_nearby(present, scores, nearness):
            A = np.column_stack([np.ones(len(present)), present])
            return np.linalg.lstsq(A, scores, rcond=None)[0][1:]
        """,
        """
        def line_nearby(present, scores, nearness):
            root = np.sqrt(nearness)
            return np.linalg.lstsq(present * root[:, None], scores * root, rcond=None)[0]
        """,
        """
        def line_nearby(present, scores, nearness):
            A = np.column_stack([np.ones(len(present)), present])
            return np.linalg.lstsq(A * nearness[:, None], scores * nearness, rcond=None)[0][1:]
        """,
        """
        def line_nearby(present, scores, nearness):
            A = np.column_stack([np.ones(len(present)), present])
            root = np.sqrt(nearness)
            return np.linalg.lstsq(A * root[:, None], scores * root, rcond=None)[0]
        """,
    ),
)
