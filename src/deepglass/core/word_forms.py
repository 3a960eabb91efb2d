"""The form in which a word is counted: as it is written, as its stem, or as its lemma. English.

The standard library alone: this very file is a part of `deploy/runtime` too.
"""

from collections.abc import Callable

from .lemmas import lemma  # relative: this file lies in two packages
from .porter import stem

NONE = "none"
FORMS: dict[str, Callable[[str], str]] = {"stem": stem, "lemma": lemma}
POSSESSIVE = ("'s", "’s")
LONGEST = 64  # letters; what is longer is not a word, and would be kept in memory with its form


def form_of(name: str) -> Callable[[str], str]:
    """From a lower-case word to its form.

    Args:
        name: "none", "stem" or "lemma".

    Raises:
        ValueError: If it is another.

    Example:
        >>> [form_of(name)("ponies") for name in ("none", "stem", "lemma")]
        ['ponies', 'poni', 'pony']
    """
    if name == NONE:
        return str
    if name not in FORMS:
        raise ValueError(f"forms of words: expected {NONE}, {' or '.join(FORMS)}, got {name!r}")
    form = FORMS[name]

    def formed(word: str) -> str:
        bare = word[:-2] if word.endswith(POSSESSIVE) and len(word) > 2 else word
        return form(bare) if len(bare) <= LONGEST else bare

    return formed
