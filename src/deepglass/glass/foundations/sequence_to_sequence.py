"""Read one sequence, then write another: through a single vector, or with a look back at all that was read.

Sutskever, Vinyals & Le (2014), https://arxiv.org/abs/1409.3215, hand the writer the last state of the reader. Bahdanau,
Cho & Bengio (2014), https://arxiv.org/abs/1409.0473, let it look back before every token. The look itself is here that
of the Transformer: Vaswani et al. (2017), https://arxiv.org/abs/1706.03762. The full models: `models/seq2seq.py`.
"""

import math

from .. import nn
from ..nn import functional as F
from ..ops.shape import cat


class EncoderDecoder(nn.Module):
    """One GRU reads in both directions, another writes; with `looks_back`, each token is written after a look.

    Args:
        vocab_size: Different tokens V, of the source and the target.
        hidden_size: Width H of the writer's state; half of it for each direction of reading.
        embed_dim: Width C of a token's vector.
        looks_back: Whether the writer sees the memory, or only the state that the reader ends in.

    Shape:
        - source: (B, S) int64, target so far: (B, T) int64, beginning with a start token
        - output: logits (B, T, V) of what follows each place, and where was looked, (B, T, S) or None
    """

    def __init__(self, vocab_size, hidden_size=48, embed_dim=16, looks_back=True):
        super().__init__()
        self.looks_back = looks_back
        self.source_embedding = nn.Embedding(vocab_size, embed_dim)
        self.target_embedding = nn.Embedding(vocab_size, embed_dim)
        self.reader = nn.GRU(embed_dim, hidden_size // 2, batch_first=True, bidirectional=True)
        self.writer = nn.GRU(embed_dim, hidden_size, batch_first=True)
        self.query = nn.Linear(hidden_size, hidden_size)
        self.head = nn.Linear(2 * hidden_size if looks_back else hidden_size, vocab_size)

    def forward(self, source, target):
        memory, ends = self.reader(self.source_embedding(source))  # (B, S, H), (2, B, H/2)
        state = cat([ends[0], ends[1]], 1).unsqueeze(0)  # (1, B, H): all that is handed over
        written, _ = self.writer(self.target_embedding(target), state)  # (B, T, H)
        if not self.looks_back:
            return self.head(written), None
        found, weights = look(self.query(written), memory, memory)  # (B, T, H), (B, T, S)
        return self.head(cat([written, found], 2)), weights


def look(queries, keys, values, may_look=None):
    """softmax(QKᵀ/√d)·V: each query receives a mean of the values, weighted by how well their keys fit it.

    Args:
        queries: (…, T, d).
        keys: (…, S, d).
        values: (…, S, e).
        may_look: (…, T, S) bool, False where a query must not look; None: everywhere.

    Returns:
        What was found (…, T, e), and the weights (…, T, S), whose rows sum to 1.
    """
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])  # (…, T, S)
    if may_look is not None:
        scores = scores.masked_fill(~may_look, -math.inf)
    weights = F.softmax(scores, dim=-1)
    return weights @ values, weights
