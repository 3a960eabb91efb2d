"""FastText: Word2Vec whose words are the sum of their parts, so that a word that was never seen has a vector, too.

    u of a word = mean(its own vector, the vectors of all its parts of 3 to 6 letters, "<" and ">" around it included)

Bojanowski, Grave, Joulin & Mikolov (2017), Enriching Word Vectors with Subword Information,
https://arxiv.org/abs/1607.04606. Parts share a fixed number of vectors by hashing: FNV-1a (Fowler, Noll & Vo),
http://www.isthe.com/chongo/tech/comp/fnv. The loss is that of models/word2vec.py.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

TASKS = ("word-vectors",)
TEACHES = ("contexts",)  # scores pairs while training; an answer is a vector of `words`
PADDING = 0
FNV_BASIS, FNV_PRIME = 2_166_136_261, 16_777_619


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 100  # numbers per word; a million words of text do not fill more
    min_n: int = 3  # letters of the shortest part; two are shared by too many words
    max_n: int = 6  # of the longest, which holds most stems
    buckets: int = 50_000  # vectors that all parts share; collisions are harmless while most parts are rare


class FastText(nn.Module):
    """score(word, context) = mean(u of the word and of its parts) · v of the context.

    What words share in their letters they share in their vectors. Which parts a word has is a table (V, P) that
    `learn_words` fills; it is kept with the weights.

    Args:
        vocab_size: Number of words V; word 0 is none.
        longest_word: Letters of the longest word, by which the table has its width P.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, the words that go in, 0 where there is none; their vectors are averaged
        - candidates: (B, n) int64, words that may stand beside them
        - noise: (N,) int64, words drawn by chance, the same for all rows
        - output: scores (B, n + N); without candidates the vectors (B, C) themselves

    Example:
        >>> model = FastText(vocab_size=50, longest_word=8)
        >>> model(torch.tensor([[7]])).shape, model.vector_of("unheard").shape
        (torch.Size([1, 100]), torch.Size([100]))
    """

    def __init__(self, vocab_size: int, longest_word: int = 12, config: Config = Config()):
        super().__init__()
        self.min_n, self.max_n, self.num_buckets = config.min_n, config.max_n, config.buckets
        self.vocab_size = vocab_size
        width = sum(max(0, longest_word + 2 - n + 1) for n in range(config.min_n, config.max_n + 1))
        self.words = nn.Embedding(vocab_size + config.buckets, config.embed_dim, padding_idx=PADDING)
        self.contexts = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.register_buffer("parts", torch.zeros(vocab_size, 1 + width, dtype=torch.int64))  # rows of `words`
        self.parts[:, 0] = torch.arange(vocab_size)
        nn.init.uniform_(self.words.weight, -0.5 / config.embed_dim, 0.5 / config.embed_dim)
        nn.init.zeros_(self.contexts.weight)
        with torch.no_grad():
            self.words.weight[PADDING] = 0.0

    def learn_words(self, words: list[str]) -> None:
        """Fill the table of parts: of word 0, 1, …; empty where nothing stands for itself."""
        for i, word in enumerate(words):
            places = self.places_of(word)
            self.parts[i, 1 : 1 + len(places)] = torch.tensor(places, dtype=torch.int64)

    def places_of(self, word: str) -> list[int]:
        """The rows of the parts of a word, known or not."""
        hashed = (fnv1a(part) for part in parts_of(word, self.min_n, self.max_n))
        return [self.vocab_size + code % self.num_buckets for code in hashed]

    def vector_of(self, word: str) -> Tensor:
        """(C,) of any word, by its parts alone; zeros where it has none."""
        places = torch.tensor(self.places_of(word), dtype=torch.int64, device=self.words.weight.device)
        return self.words(places).sum(dim=0) / max(1, len(places))

    def forward(self, tokens: Tensor, candidates: Tensor | None = None, noise: Tensor | None = None) -> Tensor:
        parts = self.parts[tokens].flatten(1)  # (B, T · (1 + P))
        is_part = (parts != PADDING).to(self.words.weight.dtype)
        count = is_part.sum(dim=1, keepdim=True).clamp(min=1)
        hidden = self.words(parts).sum(dim=1) / count  # (B, C)
        if candidates is None:
            return hidden
        scores = (self.contexts(candidates) * hidden.unsqueeze(1)).sum(dim=2)  # (B, n)
        if noise is None:
            return scores
        return torch.cat([scores, hidden @ self.contexts(noise).T], dim=1)  # (B, n + N)


def parts_of(word: str, min_n: int = 3, max_n: int = 6) -> list[str]:
    """All parts of so many letters, the ends marked: "pony" → ["<po", "pon", "ony", "ny>", "<pon", …].

    Example:
        >>> parts_of("sea", 3, 4)
        ['<se', 'sea', 'ea>', '<sea', 'sea>']
    """
    marked = f"<{word}>" if word else ""
    return [marked[i : i + n] for n in range(min_n, max_n + 1) for i in range(len(marked) - n + 1)]


def fnv1a(text: str) -> int:
    """The 32-bit hash FNV-1a of its UTF-8: for every byte, exclusive or, then times a prime.

    Example:
        >>> hex(fnv1a("a"))
        '0xe40c292c'
    """
    code = FNV_BASIS
    for byte in text.encode("utf-8", "surrogatepass"):
        code = (code ^ byte) * FNV_PRIME % 2**32
    return code


Model = FastText
