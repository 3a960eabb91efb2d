"""BERT: a Transformer that reads in both directions, taught by guessing words that were covered.

Devlin, Chang, Lee & Toutanova (2019), BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding, https://arxiv.org/abs/1810.04805; the sizes mini and small: Turc et al. (2019), Well-Read Students Learn
Better, https://arxiv.org/abs/1908.08962. One body and two heads: `Bert` judges a text, `MaskedLM` guesses words.
The names in the state dict are those of transformers, so published weights fit; `LayerNorm` and `self` are theirs.
"""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("text-classification", "masked-language-modelling")
CLASSES = {"masked-language-modelling": "MaskedLM"}  # which of the two learns it; all else is learnt by `Model`
VARIANTS = {
    "bert": {},
    "bert-mini": {"embed_dim": 256, "num_heads": 4, "num_layers": 4},
    "bert-small": {"embed_dim": 512, "num_heads": 8, "num_layers": 4},
    "bert-base": {"embed_dim": 768, "num_heads": 12, "num_layers": 12},
    "bert-large": {"embed_dim": 1024, "num_heads": 16, "num_layers": 24},
}
PUBLISHED = {"bert-base": "hub:google-bert/bert-base-uncased", "bert-large": "hub:google-bert/bert-large-uncased"}
HEAD = "classifier"
NEEDS = {
    "pooling": ("num_classes", 1, "classes to judge a whole text by"),
    "pooler_activation": ("num_classes", 1, "classes to judge a whole text by"),
}
SUMMARY = "bert.pooler"  # belongs to the head: drawn anew where the weights come without

PADDING = 0  # [PAD] of the published vocabularies
NUM_SEGMENTS = 2  # a text may be a pair: a question and a passage, a sentence and the next


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 128  # width C; the smallest that was published, as small texts do not fill more
    num_heads: int = 2  # questions that a word asks at once; each has width embed_dim / num_heads, 64 as published
    num_layers: int = 2  # blocks; deeper pays with pretraining only
    dropout: float = 0.1  # of vectors, attention weights, everything that is added to x, and the summary
    mlp_dim: int | None = None  # width inside the MLP; 4 · embed_dim if not given, as in the paper
    norm_eps: float = 1e-12  # added to a variance before it divides; 1e-5 in RoBERTa
    pooler_activation: Literal["tanh", "relu"] = "tanh"  # of the summary; relu in DistilBERT
    pooling: Literal["first", "mean"] = "first"  # what is summed up: the first token, as published, or the mean of all,
    # which knows more where no [CLS] stands first


class Bert(nn.Module):
    """logits = classifier(tanh(pooler(x₀))), where x₀ is what the body made of the first token, or the mean of all.

    Published vocabularies begin every text with a token [CLS], which is there to become that summary. Where there is
    none, the first word has to, unless the mean is asked for.

    Args:
        vocab_size: Number of tokens V; token 0 is padding.
        num_classes: Classes K.
        max_length: Longest text in tokens; there is a position vector for each.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, T ≤ max_length, padded with 0 at the end
        - segments: (B, T) int64, 0 for a token of the first text of a pair and 1 of the second; all 0 if not given
        - output: (B, K)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or a text is longer than `max_length`.

    Example:
        >>> Bert(vocab_size=100, num_classes=2, max_length=8)(torch.tensor([[5, 9, 0], [7, 0, 0]])).shape
        torch.Size([2, 2])
    """

    def __init__(self, vocab_size: int, num_classes: int, max_length: int, config: Config = Config()):
        super().__init__()
        self.bert = Body(vocab_size, max_length, config)
        self.bert.pooler = nn.ModuleDict({"dense": nn.Linear(config.embed_dim, config.embed_dim)})
        self.pooling = config.pooling
        self.activation = torch.relu if config.pooler_activation == "relu" else torch.tanh
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.embed_dim, num_classes)
        self.apply(initialize)

    def forward(self, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
        x = self.bert(tokens, segments)  # (B, T, C)
        summed_up = x[:, 0] if self.pooling == "first" else mean_of_words(x, tokens)  # (B, C)
        summary = self.activation(self.bert.pooler["dense"](summed_up))  # (B, C)
        return self.classifier(self.dropout(summary))  # (B, K)


def mean_of_words(x: Tensor, tokens: Tensor) -> Tensor:
    """(B, C) the mean of (B, T, C) over what is no padding; 0 of an empty text."""
    is_word = (tokens != PADDING).unsqueeze(2).to(x.dtype)  # (B, T, 1)
    return (x * is_word).sum(dim=1) / is_word.sum(dim=1).clamp(min=1)


class MaskedLM(nn.Module):
    """What stands at each place? Trained where a word was covered with [MASK]: then both sides must be understood.

    logits = LayerNorm(gelu(W·x + b)) · word_embeddingsᵀ + bias.

    Args:
        vocab_size: Number of tokens V; token 0 is padding.
        max_length: Longest text in tokens.
        config: Settings.

    Shape:
        - tokens, segments: (B, T) int64, as in `Bert`
        - places: (B, T) bool, where an answer is wanted; everywhere if not given
        - output: (B, T, V), or of M places (M, V), which costs a seventh where a seventh is asked
    """

    HEAD = "cls"
    BEGUN = "bert.embeddings.word_embeddings.weight"  # what `begin_with` fills

    def __init__(self, vocab_size: int, max_length: int, config: Config = Config()):
        super().__init__()
        self.embed_dim = config.embed_dim
        self.bert = Body(vocab_size, max_length, config)
        self.cls = nn.ModuleDict({"predictions": Predictions(vocab_size, config)})
        self.apply(initialize)

    def forward(self, tokens: Tensor, segments: Tensor | None = None, places: Tensor | None = None) -> Tensor:
        x = self.bert(tokens, segments)  # (B, T, C)
        if places is not None:
            x = x[places]  # (M, C)
        return self.cls["predictions"](x, self.bert.embeddings.word_embeddings.weight)  # (B, T, V) or (M, V)

    @torch.no_grad()
    def begin_with(self, shares: Tensor, vectors: Tensor) -> None:
        """Begin with what counting tells of words: offsets of the answer that are their frequencies, and their vectors.

        Args:
            shares: (V,) of each word among all; more than 0.
            vectors: (V, C or less) of each word; only directions are taken. A row of zeros leaves a word as drawn.
        """
        self.cls["predictions"].bias.copy_(shares.log())
        table = self.bert.embeddings.word_embeddings.weight
        length = vectors.norm(dim=1, keepdim=True)
        scaled = vectors / length.clamp(min=1e-12) * 0.02 * table.shape[1] ** 0.5  # as long as drawn ones are
        known = (length[:, 0] > 0).nonzero()[:, 0]
        table[known, : vectors.shape[1]] = scaled[known]


class Predictions(nn.Module):
    """The head of `MaskedLM`; its last layer has the word vectors as weights (Press & Wolf, 2017)."""

    def __init__(self, vocab_size: int, config: Config):
        super().__init__()
        C = config.embed_dim
        dense, norm = nn.Linear(C, C), nn.LayerNorm(C, eps=config.norm_eps)
        self.transform = nn.ModuleDict({"dense": dense, "LayerNorm": norm})
        self.bias = nn.Parameter(torch.zeros(vocab_size))

    def forward(self, x: Tensor, words: Tensor) -> Tensor:
        x = self.transform["LayerNorm"](F.gelu(self.transform["dense"](x)))  # (B, T, C)
        return F.linear(x, words, self.bias)  # (B, T, V)


class Body(nn.Module):
    """Embeddings and blocks: tokens (B, T) → what each means in its text (B, T, C)."""

    def __init__(self, vocab_size: int, max_length: int, config: Config):
        super().__init__()
        self.embeddings = Embeddings(vocab_size, max_length, config)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Block(config) for _ in range(config.num_layers))})

    def forward(self, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
        is_padding = tokens == PADDING  # (B, T)
        x = self.embeddings(tokens, torch.zeros_like(tokens) if segments is None else segments)
        for block in self.encoder["layer"]:
            x = block(x, is_padding)
        return x


class Embeddings(nn.Module):
    """LayerNorm(word + position + segment).

    Shape:
        - tokens, segments: (B, T)
        - output: (B, T, C)

    Raises:
        ValueError: If a text is longer than the table of positions.
    """

    def __init__(self, vocab_size: int, max_length: int, config: Config):
        super().__init__()
        C = config.embed_dim
        self.word_embeddings = nn.Embedding(vocab_size, C, padding_idx=PADDING)
        self.position_embeddings = nn.Embedding(max_length, C)
        self.token_type_embeddings = nn.Embedding(NUM_SEGMENTS, C)
        self.LayerNorm = nn.LayerNorm(C, eps=config.norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tokens: Tensor, segments: Tensor) -> Tensor:
        (_, T), longest = tokens.shape, self.position_embeddings.weight.shape[0]
        if longest < T:
            raise ValueError(f"expected texts of at most {longest} tokens, got {T}: cut them")
        x = self.word_embeddings(tokens) + self.token_type_embeddings(segments)  # (B, T, C)
        return self.dropout(self.LayerNorm(x + self.position_embeddings.weight[:T]))


class Block(nn.Module):
    """norm(x + attention(x)), then norm(x + mlp(x)).

    Shape:
        - x: (B, T, C), is_padding: (B, T) bool
        - output: (B, T, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        C, hidden = config.embed_dim, config.mlp_dim or 4 * config.embed_dim
        self.attention = nn.ModuleDict({"self": SelfAttention(config), "output": AddAndNorm(C, config)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(C, hidden)})
        self.output = AddAndNorm(hidden, config)

    def forward(self, x: Tensor, is_padding: Tensor) -> Tensor:
        x = self.attention["output"](self.attention["self"](x, is_padding), x)
        hidden = F.gelu(self.intermediate["dense"](x))  # (B, T, mlp_dim)
        return self.output(hidden, x)


class AddAndNorm(nn.Module):
    """LayerNorm(x + W·hidden + b): how each half of a block ends."""

    def __init__(self, hidden_dim: int, config: Config):
        super().__init__()
        self.dense = nn.Linear(hidden_dim, config.embed_dim)
        self.LayerNorm = nn.LayerNorm(config.embed_dim, eps=config.norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, hidden: Tensor, x: Tensor) -> Tensor:
        return self.LayerNorm(x + self.dropout(self.dense(hidden)))


class SelfAttention(nn.Module):
    """softmax(QKᵀ/√hd)·V over several heads, padding left out; the heads' answers side by side.

    Shape:
        - x: (B, T, C), is_padding: (B, T) bool
        - output: (B, T, C)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`.
    """

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        if C % config.num_heads:
            raise ValueError(f"embed_dim {C} is not divisible by num_heads {config.num_heads}: change one of them")
        self.num_heads = config.num_heads
        self.query, self.key, self.value = (nn.Linear(C, C) for _ in range(3))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, is_padding: Tensor) -> Tensor:
        B, T, C = x.shape
        nh, hd = self.num_heads, C // self.num_heads
        q = self.query(x).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        k = self.key(x).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        v = self.value(x).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        scores = q @ k.transpose(2, 3) * hd**-0.5  # (B, nh, T, T)
        scores = scores.masked_fill(is_padding.reshape(B, 1, 1, T), -1e9)  # finite: an empty text has no word
        y = self.dropout(F.softmax(scores, dim=3)) @ v  # (B, nh, T, hd)
        return y.transpose(1, 2).reshape(B, T, C)


def initialize(module: nn.Module) -> None:
    """N(0, 0.02²) for weights, zeros for offsets and for padding."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.Embedding) and module.padding_idx is not None:
        with torch.no_grad():
            module.weight[module.padding_idx].zero_()


LEFT_OUT = {  # of a published file, by the head that is wanted; the decoder of words is the table of words itself
    "classifier": ("bert.embeddings.position_ids", "cls."),
    "cls": (
        "bert.embeddings.position_ids", "bert.pooler.", "classifier.", "cls.seq_relationship.",
        "cls.predictions.decoder.",
    ),
}  # fmt: skip


def from_published(weights: dict[str, Tensor], head: str | None = None, task: str | None = None) -> dict[str, Tensor]:
    """The tensors of a published file under our names: those of the body, and of the head that is wanted.

    Args:
        weights: As read from the file. A bare body has no prefix; an old file calls a norm's weights gamma and beta.
        head: "classifier" for `Bert`, "cls" for `MaskedLM`; if not given, that of the task.
        task: Which is to be learnt.
    """
    head = head or (MaskedLM.HEAD if CLASSES.get(task or "") == "MaskedLM" else HEAD)
    renamed = {}
    for name, tensor in weights.items():
        name = name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
        is_body = name.startswith(("embeddings.", "encoder.", "pooler."))
        renamed["bert." + name if is_body else name] = tensor
    return {name: tensor for name, tensor in renamed.items() if not name.startswith(LEFT_OUT[head])}


Model = Bert
