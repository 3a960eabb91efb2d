"""Byte-pair encoding to read: join the two neighbours that occur together most often, and again, and again.

    merges = train([text.encode()], vocab_size=1024)
    ids = encode("To be, or not to be".encode(), merges)

Gage (1994), A New Algorithm for Data Compression, http://www.pennelynn.com/Documents/CUJ/HTML/94HTML/19940045.HTM;
Sennrich, Haddow & Birch (2016), Neural Machine Translation of Rare Words with Subword Units,
https://arxiv.org/abs/1508.07909 (joins stay inside words); on bytes, so that nothing is unknown: Radford et al. (2019),
https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf, section 2.2.

Of equally frequent pairs the one whose left token is older is joined first, then the one whose right token is: so does
the library `tokenizers`, and ids are given as there, the 256 bytes in GPT-2's order first. Language models take their
byte pairs from that library (text.py), which is written in Rust; this file is how it works.
"""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

Pair = tuple[bytes, bytes]
Word = tuple[bytes, ...]

# GPT-2's: endings such as 's; letters, digits or other marks with the blank before them; blanks. For letters it has
# \p{L}, which `re` has not: ours also takes the few numbers that are not decimal digits, such as ² and Ⅷ.
WORD = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
PRINTABLE = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
BYTES = [bytes([i]) for i in [*PRINTABLE, *sorted({*range(256)} - {*PRINTABLE})]]  # GPT-2 gives them the ids 0…255


def train(texts: Iterable[bytes], vocab_size: int) -> list[Pair]:
    """The pairs to join, the most frequent first.

    A join changes only the words that hold the pair, so only their pairs are counted anew, and a heap gives the most
    frequent pair without looking at the others.

    Args:
        texts: What to learn from, as bytes.
        vocab_size: Tokens in the end, the 256 bytes included; fewer where no pair is left.

    Example:
        >>> train([b"low lower lowest"], vocab_size=259)
        [(b'l', b'o'), (b'lo', b'w'), (b' ', b'low')]
    """
    frequencies = Counter(word for text in texts for word in split(text))
    words, weights = [letters(word) for word in frequencies], list(frequencies.values())
    counts, places = _count_pairs(words, weights)
    ids = {token: i for i, token in enumerate(BYTES)}
    heap = [(-count, ids[a], ids[b], (a, b)) for (a, b), count in counts.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    while heap and len(ids) < vocab_size:
        count, _, _, pair = heapq.heappop(heap)
        if counts[pair] != -count:
            continue  # the count has changed since; its new value is in the heap too
        merges.append(pair)
        ids.setdefault(pair[0] + pair[1], len(ids))
        for a, b in _join_everywhere(pair, words, weights, counts, places):
            heapq.heappush(heap, (-counts[a, b], ids[a], ids[b], (a, b)))
    return merges


def encode(text: bytes, merges: Sequence[Pair]) -> list[int]:
    """Ids of a text: in every word the pairs are joined that were learnt first.

    Example:
        >>> encode(b"low lower", [(b"l", b"o"), (b"lo", b"w"), (b" ", b"low")])
        [257, 258, 68, 81]
    """
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    ids = {token: i for i, token in enumerate(vocabulary(merges))}

    @cache
    def ids_of(word: bytes) -> list[int]:
        tokens = letters(word)
        while known := [pair for pair in pairs(tokens) if pair in ranks]:
            tokens = join(tokens, min(known, key=ranks.__getitem__))
        return [ids[token] for token in tokens]

    return [i for word in split(text) for i in ids_of(word)]


def decode(ids: Iterable[int], merges: Sequence[Pair]) -> bytes:
    """The text that ids spell; bytes, since a token may end in the middle of a character.

    Example:
        >>> decode([257, 258, 68, 81], [(b"l", b"o"), (b"lo", b"w"), (b" ", b"low")])
        b'low lower'
    """
    tokens = vocabulary(merges)
    return b"".join(tokens[i] for i in ids)


def vocabulary(merges: Iterable[Pair]) -> list[bytes]:
    """What each id spells: the bytes, then what the joins add; one token may be reached by two joins."""
    return list(dict.fromkeys([*BYTES, *(a + b for a, b in merges)]))


def split(text: bytes) -> list[bytes]:
    """Words with the blank before them, so that joining them gives the text again, whatever its bytes are.

    Example:
        >>> split("I'm 33, naïve".encode())
        [b'I', b"'m", b' 33', b',', b' na\\xc3\\xafve']
    """
    words = WORD.findall(text.decode("utf-8", "surrogateescape"))  # bytes that are not text come back as they were
    return [word.encode("utf-8", "surrogateescape") for word in words]


def letters(word: bytes) -> Word:
    """A word as its single bytes, before anything is joined."""
    return tuple(bytes([code]) for code in word)


def pairs(tokens: Word) -> list[Pair]:
    """Neighbours: (a, b, c) → (a, b), (b, c)."""
    return list(pairwise(tokens))


def join(tokens: Word, pair: Pair) -> Word:
    """The tokens with every occurrence of the pair made one, from left to right.

    Example:
        >>> join((b"a", b"a", b"a", b"b"), (b"a", b"a"))
        (b'aa', b'a', b'b')
    """
    joined: list[bytes] = []
    i = 0
    while i < len(tokens):
        is_pair = tokens[i : i + 2] == pair
        joined.append(pair[0] + pair[1] if is_pair else tokens[i])
        i += 2 if is_pair else 1
    return tuple(joined)


def _count_pairs(words: list[Word], weights: list[int]) -> tuple[Counter[Pair], dict[Pair, set[int]]]:
    """How often each pair is in the text, and in which words."""
    counts: Counter[Pair] = Counter()
    places: dict[Pair, set[int]] = defaultdict(set)
    for i, word in enumerate(words):
        for pair in pairs(word):
            counts[pair] += weights[i]
            places[pair].add(i)
    return counts, places


def _join_everywhere(
    pair: Pair, words: list[Word], weights: list[int], counts: Counter[Pair], places: dict[Pair, set[int]]
) -> set[Pair]:
    """Join a pair in all words that hold it, in place; returns the pairs that are now more or less frequent."""
    changed = set()
    for i in places.pop(pair):
        before, after = pairs(words[i]), join(words[i], pair)
        for old in before:
            counts[old] -= weights[i]
        for new in pairs(after):
            counts[new] += weights[i]
            places[new].add(i)
        changed.update(before, pairs(after))
        words[i] = after
    return {pair for pair in changed if counts[pair] > 0}
