"""Encoder-decoder with attention: read a sequence, then write another, looking back at what was read.

Bahdanau, Cho & Bengio (2014), Neural Machine Translation by Jointly Learning to Align and Translate,
https://arxiv.org/abs/1409.0473 (additive attention, asked before the next token is read);
Luong, Pham & Manning (2015), Effective Approaches to Attention-based Neural Machine Translation,
https://arxiv.org/abs/1508.04025 (dot, general and concat, asked afterwards; what was found goes into the next step).
The cell is the GRU of Cho et al. (2014), https://arxiv.org/abs/1406.1078. Writing on its own: see
`models/decoding/beam.py`.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("translation",)
VARIANTS = {"seq2seq-bahdanau": {"attention": "additive"}, "seq2seq-luong": {"attention": "general"}}

PADDING = 0


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    attention: Literal["additive", "dot", "general", "concat"] = "additive"  # Bahdanau's; the others are Luong's
    embed_dim: int = 64  # width C of a token's vector
    hidden_size: int = 128  # width H of the memory, half of it for each direction of reading; 1,000 in the papers
    dropout: float = 0.1  # of token vectors and before the answer


class State(NamedTuple):
    """What the decoder knows between two tokens: N rows each, so a search can copy and drop them."""

    hidden: Tensor  # (N, H) state of the cell
    found: Tensor  # (N, H) what the last step found: Luong's attentional vector h̃
    attention: Tensor  # (N, S) where the last step looked; rows sum to 1, or 0 where the source is empty
    memory: Tensor  # (N, S, H) what was read, a vector a source token
    keys: Tensor  # (N, S, H) the memory as the attention compares it
    is_token: Tensor  # (N, S) bool, False at padding


class Seq2Seq(nn.Module):
    """c = Σⱼ softmaxⱼ(score(s, hⱼ))·hⱼ; h̃ = tanh(W[c; s]); logits = V·h̃ + b.

    One vector cannot hold a long sentence, so all that was read stays at hand and every step chooses where to look.
    The weights of that choice are an alignment of the two sequences, which nobody had to annotate.

    Args:
        vocab_size: Number of tokens V that can be written; token 0 is padding.
        source_vocab_size: Number of tokens that can be read; None: the same tokens.
        config: Settings.

    Shape:
        - source: (B, S) int64, padded with 0 at the end
        - target: (B, T) int64, beginning with the start token
        - output: (B, T, V): at t, the token that follows position t of the target

    Raises:
        ValueError: If `hidden_size` is odd.

    Example:
        >>> source, target = torch.tensor([[5, 9, 0], [7, 4, 3]]), torch.tensor([[1, 9], [1, 3]])
        >>> Seq2Seq(vocab_size=20)(source, target).shape
        torch.Size([2, 2, 20])

    References:
        Our memory is the papers' annotations hⱼ (Bahdanau) and h̄ₛ (Luong), hidden their sₜ and hₜ. In place of
        Bahdanau's maxout layer before the output stands Luong's h̃, of his stacked LSTMs one layer of GRU.
    """

    is_unrolled = True  # a step needs the one before: a graph of it has as many steps as it was made with

    def __init__(self, vocab_size: int, source_vocab_size: int | None = None, config: Config = Config()):
        super().__init__()
        C, H = config.embed_dim, config.hidden_size
        self.asks_first = config.attention == "additive"
        self.encoder = Encoder(source_vocab_size or vocab_size, config)
        self.score = {"additive": Additive, "concat": Additive, "dot": Dot, "general": General}[config.attention](H)
        self.embedding = nn.Embedding(vocab_size, C, padding_idx=PADDING)
        self.cell = nn.GRUCell(C + H, H)
        self.combine = nn.Linear(2 * H, H, bias=False)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(H, vocab_size)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.teacher_force(source, target)[0]  # (B, T, V)

    def teacher_force(self, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Write the given target, whatever the model would have said: logits (B, T, V), attention (B, T, S)."""
        _, T = target.shape
        state = self.encode(source)
        logits, attention = [], []
        for t in range(T):
            answer, state = self.step(target[:, t], state)
            logits.append(answer)
            attention.append(state.attention)
        return torch.stack(logits, 1), torch.stack(attention, 1)

    def encode(self, source: Tensor) -> State:
        """Read the source (N, S): the state before the first token is written."""
        memory, hidden = self.encoder(source)
        is_token = source != PADDING  # (N, S)
        nowhere = torch.zeros_like(memory[:, :, 0])  # (N, S)
        return State(hidden, torch.zeros_like(hidden), nowhere, memory, self.score.keys(memory), is_token)

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Read the last token (N,) of each target: logits (N, V) of the next, and the state after it."""
        x = self.dropout(self.embedding(tokens))  # (N, C)
        if self.asks_first:  # Bahdanau: what is found helps to read the token
            context, attention = self.look(state.hidden, state)
            hidden = self.cell(torch.cat([x, context], 1), state.hidden)  # (N, H)
        else:  # Luong: the token is read with what the step before has found
            hidden = self.cell(torch.cat([x, state.found], 1), state.hidden)  # (N, H)
            context, attention = self.look(hidden, state)
        found = torch.tanh(self.combine(torch.cat([context, hidden], 1)))  # (N, H)
        return self.head(self.dropout(found)), state._replace(hidden=hidden, found=found, attention=attention)

    def look(self, hidden: Tensor, state: State) -> tuple[Tensor, Tensor]:
        """Attention: the mean (N, H) of the memory, weighted by how well it fits `hidden`, and the weights (N, S)."""
        scores = self.score(hidden, state.keys).masked_fill(~state.is_token, -1e9)  # (N, S)
        weights = F.softmax(scores, dim=1) * state.is_token.to(scores.dtype)  # an empty source has nothing to look at
        return (weights.unsqueeze(1) @ state.memory).squeeze(1), weights


class Encoder(nn.Module):
    """hⱼ = [→hⱼ; ←hⱼ]: one GRU reads forwards, one backwards, so each place knows both sides.

    Shape:
        - source: (B, S) int64, padded with 0 at the end
        - memory: (B, S, H)
        - first state of the decoder: (B, H), from what the backward reader knows at the first token: everything

    Raises:
        ValueError: If `hidden_size` is odd.
    """

    def __init__(self, vocab_size: int, config: Config):
        super().__init__()
        H = config.hidden_size
        if H % 2:
            raise ValueError(f"hidden_size {H} is odd: half of it is for each direction of reading; take {H + 1}")
        self.embedding = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.dropout = nn.Dropout(config.dropout)
        self.forwards = nn.GRU(config.embed_dim, H // 2, batch_first=True)
        self.backwards = nn.GRU(config.embed_dim, H // 2, batch_first=True)
        self.bridge = nn.Linear(H // 2, H)

    def forward(self, source: Tensor) -> tuple[Tensor, Tensor]:
        B, S = source.shape
        places = torch.arange(S, device=source.device)  # (S,)
        length = (source != PADDING).sum(dim=1, keepdim=True)  # (B, 1)
        turned = torch.where(places < length, length - 1 - places, places)  # (B, S) back to front, padding stays last
        rows = torch.arange(B, device=source.device).unsqueeze(1)  # (B, 1)
        x = self.dropout(self.embedding(source))  # (B, S, C)
        ahead, _ = self.forwards(x)  # (B, S, H/2)
        back, _ = self.backwards(x[rows, turned])  # (B, S, H/2)
        back = back[rows, turned]  # (B, S, H/2) in the order of the source again
        return torch.cat([ahead, back], 2), torch.tanh(self.bridge(back[:, 0]))


class Additive(nn.Module):
    """score = vᵀ tanh(W s + U hⱼ): a small network that compares. Bahdanau's; Luong calls it concat.

    Shape:
        - hidden: (N, H), keys: (N, S, H)
        - output: (N, S)
    """

    def __init__(self, hidden_size: int):
        super().__init__()
        self.W = nn.Linear(hidden_size, hidden_size, bias=False)
        self.U = nn.Linear(hidden_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """U hⱼ, the same for all steps."""
        return self.U(memory)  # (N, S, H)

    def forward(self, hidden: Tensor, keys: Tensor) -> Tensor:
        return self.v(torch.tanh(self.W(hidden).unsqueeze(1) + keys)).squeeze(2)  # (N, S)


class Dot(nn.Module):
    """score = sᵀ hⱼ: nothing to learn, so both sides must come to mean the same by each number.

    Shape:
        - hidden: (N, H), keys: (N, S, H)
        - output: (N, S)
    """

    def __init__(self, hidden_size: int):
        super().__init__()

    def keys(self, memory: Tensor) -> Tensor:
        """The memory itself."""
        return memory  # (N, S, H)

    def forward(self, hidden: Tensor, keys: Tensor) -> Tensor:
        return (keys @ hidden.unsqueeze(2)).squeeze(2)  # (N, S)


class General(Dot):
    """score = sᵀ W hⱼ: a learnt translation between what is asked and what was read."""

    def __init__(self, hidden_size: int):
        super().__init__(hidden_size)
        self.W = nn.Linear(hidden_size, hidden_size, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """W hⱼ, the same for all steps."""
        return self.W(memory)  # (N, S, H)


Model = Seq2Seq
