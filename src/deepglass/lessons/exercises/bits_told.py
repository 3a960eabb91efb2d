"""Lesson 71: how many bits a place of a motif tells."""

import numpy as np

from deepglass.course.judging.description import Description


def bits_told(counts):
    """log₂ of the number of letters + Σ p · log₂ p"""
    p = counts / counts.sum()
    p = p[p > 0]
    return float(np.log2(len(counts)) + (p * np.log2(p)).sum())


def cases(rng):
    """Sure, open, one of two; a letter that never stood there; another alphabet; then drawn ones."""
    for counts in ([12, 0, 0, 0], [5, 5, 5, 5], [8, 8, 0, 0], [6, 3, 3, 0], [4, 2, 1, 1], [9, 1]):
        yield (np.array(counts, float),)
    for letters in (4, 4, 20):
        yield (rng.integers(0, 30, letters).astype(float) + np.eye(letters)[0],)


def tell(counts):
    """In full."""
    return f"For counts = {[int(count) for count in counts]}"


EXERCISE = Description(
    name="bits_told",
    task="<code>counts</code> says how often each letter of an alphabet stood at one place of a motif. Give back how "
    "many bits the place tells: log₂ of the number of letters, plus the sum of p · log₂ p over the letters, where p "
    "is a letter's share. A letter that never stood there adds nothing. No correction for small samples.",
    stub="""
        def bits_told(counts):
            # your lines here
            return 0.0
    """,
    solution="""
        def bits_told(counts):
            p = counts / counts.sum()
            p = p[p > 0]
            return np.log2(len(counts)) + (p * np.log2(p)).sum()
    """,
    hint="log₂ 0 is not a number: leave out the letters with a share of 0 first.",
    answer=bits_told,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="2 bits say: one letter of four, for sure. 0 bits say nothing at all.",
    slips=(
        (
            lambda counts: float(-sum(c / counts.sum() * np.log2(c / counts.sum()) for c in counts if c > 0)),
            "That is the entropy, what is still open; the place tells log₂ of the letters less that.",
        ),
        (
            lambda counts: float(
                np.log(len(counts)) + sum(c / counts.sum() * np.log(c / counts.sum()) for c in counts if c > 0)
            ),
            "Those are nats, by the natural logarithm; bits are by log₂.",
        ),
        (
            lambda counts: float(2 + sum(c / counts.sum() * np.log2(c / counts.sum()) for c in counts if c > 0)),
            "log₂ 4 = 2 holds for four letters; take the number of letters that came.",
        ),
    ),
    right=(
        """
        def bits_told(c):
            p = np.asarray(c) / np.sum(c)
            return np.sum(np.where(p > 0, p * np.log2(len(p) * np.where(p > 0, p, 1)), 0))
        """,
        """
        def bits_told(counts):
            total, bits = sum(counts), np.log2(len(counts))
            for count in counts:
                if count:
                    bits += count / total * np.log2(count / total)
            return bits
        """,
        """
        def bits_told(counts):
            p = torch.tensor(counts) / counts.sum()
            return float(np.log2(len(counts)) - torch.special.entr(p).sum() / np.log(2))
        """,
    ),
    wrong=(
        "def bits_told(counts):\n    return np.log2(counts.max() / counts.sum() * len(counts))",
        "def bits_told(counts):\n    p = counts / counts.sum()\n    return 2 * p.max()",
        "def bits_told(counts):\n    p = (counts + 1) / (counts + 1).sum()\n    return 2 + (p * np.log2(p)).sum()",
        "def bits_told(counts):\n    return np.log2(len(counts)) - np.log2((counts > 0).sum())",
    ),
)
