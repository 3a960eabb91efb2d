"""Porter's stemmer: an English word without its endings, so that "connected" and "connections" become one word.

    [C](VC)^m[V]     every word is consonants and vowels in turn; m, its measure, counts how often one follows the other

An ending is taken off only where what is left is long enough in this measure: "replacement" → "replac", but "cement"
stays, for "c" is not a word. The rules are in five steps, of each step at most one rule acts, and nothing is looked up:
a stem need not be a word ("poni"), and words without a common meaning may meet in one ("universal", "university").

The standard library alone: this very file is a part of `deploy/runtime` too.

References:
    Porter (1980), An algorithm for suffix stripping, https://doi.org/10.1108/eb046814
    Porter's own program and vocabulary, https://tartarus.org/martin/PorterStemmer (three departures from the paper,
    made here too: words of one or two letters stay, step 2 has "bli" → "ble" and "logi" → "log")
"""

from functools import lru_cache
from itertools import pairwise

VOWELS = frozenset("aeiou")
STEP_2 = {  # where m > 0: endings that make a noun or an adjective of another one
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble", "alli": "al",
    "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al",
    "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble", "logi": "log",
}  # fmt: skip
STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
STEP_4 = dict.fromkeys(  # where m > 1: all that is left of an ending
    ["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
     "ous", "ive", "ize"], "",
)  # fmt: skip


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a lower-case English word; whatever has other characters than a to z stays as it is.

    Example:
        >>> [stem(word) for word in ("connected", "connections", "ponies", "relational", "hopping", "東京")]
        ['connect', 'connect', 'poni', 'relat', 'hop', '東京']
    """
    if len(word) < 3 or not (word.isascii() and word.isalpha() and word.islower()):
        return word
    word = _past_and_progressive(_plural(word))
    if word.endswith("y") and has_vowel(word[:-1]):
        word = word[:-1] + "i"  # step 1c: happy → happi, but sky
    word = _replaced(word, STEP_2, 0)
    word = _replaced(word, STEP_3, 0)
    word = _replaced(word, STEP_4, 1)
    return _tidied(word)


def _plural(word: str) -> str:
    """Step 1a: caresses → caress, ponies → poni, cats → cat."""
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past_and_progressive(word: str) -> str:
    """Step 1b: agreed → agree, plastered → plaster, hopping → hop, filing → file."""
    if word.endswith("eed"):
        return word[:-1] if measure(word[:-3]) > 0 else word
    rest = word.removesuffix("ed" if word.endswith("ed") else "ing")
    if rest == word or not has_vowel(rest):
        return word  # sing, red
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if ends_double(rest) and rest[-1] not in "lsz":
        return rest[:-1]
    return rest + "e" if measure(rest) == 1 and ends_short(rest) else rest


def _replaced(word: str, endings: dict[str, str], least: int) -> str:
    """The longest ending that fits is replaced, if more than `least` is left; a shorter one is not tried then."""
    for length in range(min(7, len(word)), 1, -1):
        ending = word[-length:]
        if ending in endings:
            rest = word[:-length]
            is_long = measure(rest) > least and (ending != "ion" or rest.endswith(("s", "t")))
            return rest + endings[ending] if is_long else word
    return word


def _tidied(word: str) -> str:
    """Step 5: probate → probat, rate stays; controll → control."""
    if word.endswith("e"):
        rest = word[:-1]
        if measure(rest) > 1 or (measure(rest) == 1 and not ends_short(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and measure(word) > 1 else word


def consonants(word: str) -> list[bool]:
    """Which letters are one; y is where it begins a word or follows a vowel."""
    found: list[bool] = []
    for letter in word:
        found.append(not (found and found[-1]) if letter == "y" else letter not in VOWELS)
    return found


def measure(word: str) -> int:
    """m of [C](VC)^m[V]: how often a consonant follows a vowel. tree → 0, trouble → 1, oaten → 2."""
    found = consonants(word)
    return sum(not before and after for before, after in pairwise(found))


def has_vowel(word: str) -> bool:
    """Whether any letter is a vowel."""
    return not all(consonants(word))


def ends_double(word: str) -> bool:
    """Whether it ends with the same consonant twice."""
    return len(word) > 1 and word[-1] == word[-2] and consonants(word)[-1]


def ends_short(word: str) -> bool:
    """Whether it ends consonant, vowel, consonant, the last of them not w, x or y: hop, fil, but not snow."""
    return len(word) > 2 and word[-1] not in "wxy" and consonants(word)[-3:] == [True, False, True]
