"""Lesson 61: the measure of a word, by which Porter's stemmer knows whether enough of it is left."""

import numpy as np

from deepglass.core import porter
from deepglass.course.judging.description import Description


def measure(consonants):
    """How often a consonant follows a vowel."""
    kinds = [bool(kind) for kind in consonants]
    return sum(not before and after for before, after in zip(kinds, kinds[1:]))  # noqa: RUF007


def cases(rng):
    """Words of the paper, then kinds at random."""
    for word in ("tree", "by", "trouble", "oats", "trees", "ivy", "troubles", "private", "oaten", "sky"):
        yield ([int(kind) for kind in porter.consonants(word)],)
    yield ([],)
    for _ in range(5):
        yield (rng.integers(0, 2, int(rng.integers(1, 9))).tolist(),)


def changes(consonants):
    """Counts every change, in both directions."""
    return int(np.sum(np.diff(np.array(consonants, int)) != 0))


def the_other_way(consonants):
    """Counts vowels that follow a consonant."""
    kinds = list(consonants)
    return sum(bool(a) and not b for a, b in zip(kinds, kinds[1:]))  # noqa: RUF007


def vowels(consonants):
    """Counts the vowels, one by one."""
    return sum(not kind for kind in consonants)


def syllables(consonants):
    """Counts runs of vowels, the one at the end included."""
    kinds = [1, *consonants]
    return sum(bool(a) and not b for a, b in zip(kinds, kinds[1:]))  # noqa: RUF007


EXERCISE = Description(
    name="measure",
    task="Write the measure of a word. <code>consonants</code> has a 1 for each consonant and a 0 for each vowel, in "
    "order: 1, 1, 0, 0 for “tree”. Give back how often a consonant follows directly after a vowel.",
    stub="""
        def measure(consonants):
            # your lines here
            return 0
    """,
    solution="""
        def measure(consonants):
            count = 0
            for before, after in zip(consonants, consonants[1:]):
                if not before and after:
                    count += 1
            return count
    """,
    hint="Look at each pair of neighbours: 0 and then 1 counts, nothing else does.",
    answer=measure,
    cases=cases,
    tell=lambda consonants: f"For {consonants}",
    gives="a whole number",
    praise="That is m of [C](VC)^m[V].",
    slips=(
        (changes, "Only from a vowel to a consonant: the other way round begins a new pair and does not count."),
        (the_other_way, "That counts vowels behind consonants; “tree” would have 1, and has 0."),
        (vowels, "Vowels that stand together count once, and only if a consonant follows."),
        (syllables, "A vowel at the end has no consonant behind it: “tree” has 0."),
    ),
    right=(
        """
        def measure(consonants):
            text = "".join("c" if kind else "v" for kind in consonants)
            return text.count("vc")
        """,
        """
        def measure(consonants):
            kinds = np.array(consonants, int)
            return int((np.diff(kinds) == 1).sum())
        """,
        """
        def measure(consonants):
            if len(consonants) < 2:
                return 0
            first = 1 if (consonants[0] == 0 and consonants[1] == 1) else 0
            return first + measure(consonants[1:])
        """,
    ),
    wrong=(
        """
        def measure(consonants):
            return len(consonants)
        """,
        """
        def measure(consonants):
            return sum(consonants)
        """,
        """
        def measure(consonants):
            return sum(1 for a, b in zip(consonants, consonants[1:]) if a != b)
        """,
        """
        def measure(consonants):
            return sum(1 for a, b in zip(consonants, consonants[2:]) if not a and b)
        """,
    ),
)
