"""Lesson 31: temperature and top-k."""

import numpy as np

from deepglass.course.judging.description import Description


def softmax(z):
    """Shares."""
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def next_shares(logits, temperature, k):
    """Shares among the k largest logits, sharpened."""
    z = logits / temperature
    return softmax(np.where(z >= np.sort(z)[-k], z, -np.inf))


def cases(rng):
    """Cool, plain and hot; one alone, all of them; large logits."""
    few = np.array([2.0, 0.5, 1.0, -1.0])
    for temperature, k in ((1.0, 4), (0.5, 4), (2.0, 4), (1.0, 2), (0.5, 3), (1.5, 1)):
        yield few, temperature, k
    yield np.array([900.0, 899.0, -900.0]), 0.7, 3
    for size, k in ((10, 4), (30, 5)):
        yield rng.normal(0, 3, size), float(rng.uniform(0.3, 2)), k


EXERCISE = Description(
    name="next_shares",
    task="From which shares is the next letter drawn? Divide the <code>logits</code> by the <code>temperature</code> "
    "(above 0), keep the <code>k</code> largest (no two are equal), and give back the softmax: 0 for all others. "
    "Logits may be as large as 900.",
    stub="""
        def next_shares(logits, temperature, k):
            # your lines here
            return np.zeros(len(logits))
    """,
    solution="""
        def next_shares(logits, temperature, k):
            z = logits / temperature
            smallest = np.sort(z)[-k]
            powers = np.where(z >= smallest, np.exp(z - z.max()), 0)
            return powers / powers.sum()
    """,
    hint="<code>np.sort(z)[-k]</code> is the smallest that is kept. Take the largest away before e to the power.",
    answer=next_shares,
    cases=cases,
    tell=lambda logits, temperature, k: (
        f"For the logits {np.round(logits[:4], 2).tolist()}{' …' if len(logits) > 4 else ''}, temperature "
        f"{temperature:.2g} and k = {k}"
    ),
    gives="as many shares as there are logits",
    praise="That is how language models draw.",
    slips=(
        (lambda z, t, k: next_shares(z * t * t, t, k), "Divide by the temperature: a hot one makes shares flatter."),
        (lambda z, t, k: next_shares(z, 1.0, k), "The temperature changes nothing yet."),
        (lambda z, t, k: softmax(z / t), "All letters still have a share: only the k likeliest may be drawn."),
        (
            lambda z, t, k: np.where(z >= np.sort(z)[-k], softmax(z / t), 0),
            "Once some are left out, the others want to add up to 1 again.",
        ),
        (lambda z, t, k: softmax(np.where(z <= np.sort(z)[k - 1], z / t, -np.inf)), "Those are the k least likely."),
    ),
    right=(
        """
        def next_shares(logits, temperature, k):
            p = np.exp((logits - max(logits)) / temperature)
            p[np.argsort(-logits)[k:]] = 0
            return p / p.sum()
        """,
        """
        def next_shares(logits, temperature, k):
            z = torch.tensor(logits) / temperature
            kept = torch.full_like(z, -torch.inf)
            top = z.topk(k)
            kept[top.indices] = top.values
            return torch.softmax(kept, dim=0)
        """,
        """
        def next_shares(logits, temperature, k):
            best = sorted(range(len(logits)), key=lambda i: -logits[i])[:k]
            top = logits[best[0]]
            powers = {i: math.exp((logits[i] - top) / temperature) for i in best}
            return [powers.get(i, 0.0) / sum(powers.values()) for i in range(len(logits))]
        """,
        """
        from scipy.special import softmax
        def next_shares(logits, temperature, k):
            z = np.where(logits < np.partition(logits, -k)[-k], -np.inf, logits)
            return softmax(z / temperature)
        """,
    ),
    wrong=(
        "def next_shares(z, t, k):\n    p = np.exp(z / t - (z / t).max())\n    return p / p.sum()",
        "def next_shares(z, t, k):\n    p = np.exp(z / t)\n    p[np.argsort(-z)[k:]] = 0\n    return p / p.sum()",
        "def next_shares(z, t, k):\n    p = np.exp(z - z.max())\n    p[np.argsort(-z)[k:]] = 0\n    return p / p.sum()",
        """
        def next_shares(z, t, k):
            p = np.exp((z - z.max()) / t)
            p = p / p.sum()
            p[np.argsort(-z)[k:]] = 0
            return p
        """,
        """
        def next_shares(z, t, k):
            p = np.exp((z - z.max()) * t)
            p[np.argsort(-z)[k:]] = 0
            return p / p.sum()
        """,
        "def next_shares(z, t, k):\n    return np.eye(len(z))[z.argmax()]",
    ),
)
