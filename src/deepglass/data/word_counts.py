"""The words of a text, how often each occurs, and which of them become one when they are stemmed or lemmatised."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from deepglass.core.word_forms import form_of
from deepglass.data.preprocess.text import split_words


@dataclass(frozen=True)
class WordCount:
    """One word.

    Attributes:
        token: In lower case, as it is written; or a single mark.
        stem, lemma: Its forms (`core/porter.py`, `core/lemmas.py`).
        count: How often it occurs.
    """

    token: str
    stem: str
    lemma: str
    count: int


def count_words(texts: Iterable[str]) -> list[WordCount]:
    """All different words of some texts, the most frequent first, those of equal count in order of appearance.

    Example:
        >>> [(word.token, word.stem, word.count) for word in count_words(["Ponies! Two ponies."])][:2]
        [('ponies', 'poni', 2), ('!', '!', 1)]
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(split_words(text))
    stem, lemma = form_of("stem"), form_of("lemma")
    return [WordCount(token, stem(token), lemma(token), count) for token, count in counts.most_common()]


def meeting(words: Iterable[WordCount], form: str) -> dict[str, list[str]]:
    """The words that become one, by the form that they meet in; where most words do first, then most occurrences.

    Args:
        words: As `count_words` gives them.
        form: "stem" or "lemma".
    """
    found: dict[str, list[str]] = defaultdict(list)
    total: Counter[str] = Counter()
    for word in words:
        found[getattr(word, form)].append(word.token)
        total[getattr(word, form)] += word.count
    met = [name for name, _ in total.most_common() if len(found[name]) > 1]
    return {name: found[name] for name in sorted(met, key=lambda name: -len(found[name]))}
