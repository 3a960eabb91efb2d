"""English and German: 3,000 generated sentences about animals, people and things, each in both languages.

The grammar is small and true: in German the verb stands second in a main clause and last in a subordinate one, the
participle and the infinitive go to the end, and article and adjective follow gender, case and each other. So neither
words nor their order can be translated one by one. No sentence comes twice.

References:
    Chomsky (1957), Syntactic Structures (sentences from rules); Bahdanau, Cho & Bengio (2014),
    https://arxiv.org/abs/1409.0473 (why a translator must look back at all words)
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
ROWS = 3000


class Verb(NamedTuple):
    """Forms of a verb in English and in German."""

    base: str
    third: str
    participle: str
    infinitive: str
    german: str
    german_participle: str


class Clause(NamedTuple):
    """Subject, verb and object of one clause in both languages, with its tense."""

    subject: tuple[str, str]
    verb: Verb
    what: tuple[str, str]
    tense: str


WHO = [
    ("dog", "Hund", "m"), ("cat", "Katze", "f"), ("child", "Kind", "n"), ("woman", "Frau", "f"), ("man", "Mann", "m"),
    ("girl", "Mädchen", "n"), ("teacher", "Lehrer", "m"), ("bird", "Vogel", "m"), ("horse", "Pferd", "n"),
    ("mouse", "Maus", "f"), ("king", "König", "m"), ("queen", "Königin", "f"),
]  # fmt: skip
WHAT = [
    ("apple", "Apfel", "m"), ("book", "Buch", "n"), ("flower", "Blume", "f"), ("ball", "Ball", "m"),
    ("bread", "Brot", "n"), ("letter", "Brief", "m"), ("lamp", "Lampe", "f"), ("house", "Haus", "n"),
    ("tree", "Baum", "m"), ("bag", "Tasche", "f"), ("picture", "Bild", "n"), ("key", "Schlüssel", "m"),
]  # fmt: skip
HOW = [
    ("small", "klein"), ("big", "groß"), ("old", "alt"), ("young", "jung"), ("new", "neu"), ("white", "weiß"),
    ("quiet", "still"), ("beautiful", "schön"),
]  # fmt: skip
VERBS = [
    Verb("see", "sees", "seen", "sehen", "sieht", "gesehen"),
    Verb("find", "finds", "found", "finden", "findet", "gefunden"),
    Verb("buy", "buys", "bought", "kaufen", "kauft", "gekauft"),
    Verb("bring", "brings", "brought", "bringen", "bringt", "gebracht"),
    Verb("paint", "paints", "painted", "malen", "malt", "gemalt"),
    Verb("love", "loves", "loved", "lieben", "liebt", "geliebt"),
    Verb("hold", "holds", "held", "halten", "hält", "gehalten"),
    Verb("carry", "carries", "carried", "tragen", "trägt", "getragen"),
]
WHEN = [("today", "heute"), ("often", "oft"), ("now", "jetzt"), ("tomorrow", "morgen")]
KNOWING = [
    ("I know that", "Ich weiß, dass"), ("we hope that", "Wir hoffen, dass"), ("he says that", "Er sagt, dass"),
]  # fmt: skip
ARTICLES = {  # definite or not, case, gender → article and ending of the adjective
    (True, "nominative"): {"m": ("der", "e"), "f": ("die", "e"), "n": ("das", "e")},
    (True, "accusative"): {"m": ("den", "en"), "f": ("die", "e"), "n": ("das", "e")},
    (False, "nominative"): {"m": ("ein", "er"), "f": ("eine", "e"), "n": ("ein", "es")},
    (False, "accusative"): {"m": ("einen", "en"), "f": ("eine", "e"), "n": ("ein", "es")},
}
SHARE_ADJECTIVE, SHARE_DEFINITE, SHARE_KNOWN, SHARE_DATED = 0.4, 0.6, 0.25, 0.35
TENSES = ("present", "perfect", "future")


def load() -> Table:
    """The table with columns `english` and `german`; always the same."""
    rng, pairs = np.random.default_rng(0), {}
    while len(pairs) < ROWS:
        english, german = pair(rng)
        pairs[english] = german
    frame = pd.DataFrame({"english": list(pairs), "german": list(pairs.values())})
    return Table(frame, "english-german", target="german", task="translation", licence=LICENCE)


def pair(rng: np.random.Generator) -> tuple[str, str]:
    """A sentence in both languages."""
    clause = Clause(
        noun_phrase(rng, WHO, "nominative"), VERBS[rng.integers(len(VERBS))], noun_phrase(rng, WHAT, "accusative"),
        str(rng.choice(TENSES)),
    )  # fmt: skip
    shape = rng.random()
    if shape < SHARE_KNOWN:
        before = KNOWING[rng.integers(len(KNOWING))]
        return _sentence(f"{before[0]} {english(clause)}"), _sentence(f"{before[1]} {subordinate(clause)}")
    if shape < SHARE_KNOWN + SHARE_DATED:
        when = WHEN[rng.integers(len(WHEN))]
        return _sentence(f"{when[0]} {english(clause)}"), _sentence(main(clause, when[1]))
    return _sentence(english(clause)), _sentence(main(clause))


def noun_phrase(rng: np.random.Generator, nouns: list[tuple[str, str, str]], case: str) -> tuple[str, str]:
    """ "a small dog" and "einen kleinen Hund"."""
    noun, german, gender = nouns[rng.integers(len(nouns))]
    is_definite = bool(rng.random() < SHARE_DEFINITE)
    article, ending = ARTICLES[is_definite, case][gender]
    ours, theirs = [noun], [german]
    if rng.random() < SHARE_ADJECTIVE:
        how, german_how = HOW[rng.integers(len(HOW))]
        ours, theirs = [how, *ours], [german_how + ending, *theirs]
    an = "an" if ours[0][0] in "aeiou" else "a"
    return " ".join(["the" if is_definite else an, *ours]), " ".join([article, *theirs])


def english(clause: Clause) -> str:
    """Subject, verb, object."""
    subject, verb, what = clause.subject[0], clause.verb, clause.what[0]
    form = {"present": verb.third, "perfect": f"has {verb.participle}", "future": f"will {verb.base}"}
    return f"{subject} {form[clause.tense]} {what}"


def main(clause: Clause, first: str = "") -> str:
    """The finite verb second: behind the subject, or between `first` and it; its other half last."""
    finite, last = _german_verb(clause)
    begin = [first, finite, clause.subject[1]] if first else [clause.subject[1], finite]
    return " ".join([*begin, clause.what[1], *last])


def subordinate(clause: Clause) -> str:
    """The whole verb at the end, its finite part last of all."""
    finite, last = _german_verb(clause)
    return " ".join([clause.subject[1], clause.what[1], *last, finite])


def _german_verb(clause: Clause) -> tuple[str, list[str]]:
    verb = clause.verb
    return {
        "present": (verb.german, []),
        "perfect": ("hat", [verb.german_participle]),
        "future": ("wird", [verb.infinitive]),
    }[clause.tense]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
