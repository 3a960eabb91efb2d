"""The Transformer: attention, then a small network for each token, each around a shortcut; and that several times.

Vaswani et al. (2017), Attention Is All You Need, https://arxiv.org/abs/1706.03762; norm before instead of after:
Xiong et al. (2020), https://arxiv.org/abs/2002.04745 (`norm_first`).
Masks are as in MultiheadAttention. PyTorch's fast path and nested tensors are left out: they change speed, not values.
"""

from copy import deepcopy

from . import functional as F
from .attention import MultiheadAttention
from .container import ModuleList
from .linear import Linear
from .module import Module
from .normalisation import LayerNorm
from .reshape import Dropout


class _TransformerLayer(Module):
    """What encoder and decoder layers share: self-attention, the network for each token, norms and shortcuts.

    Args:
        d_model: Width C of a token.
        nhead: Heads.
        dim_feedforward: Width between the two linear layers.
        dropout: Probability of dropping, at every place where something is added to the shortcut.
        activation: "relu", "gelu", or a function.
        layer_norm_eps: ε of the norms.
        batch_first: Whether sequences are (B, T, C) rather than (T, B, C).
        norm_first: Whether the norm comes before attention and network instead of after the addition.
        bias: Whether linear layers and norms have offsets.
    """

    has_memory = False

    def __init__(
        self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu, layer_norm_eps=1e-5,
        batch_first=False, norm_first=False, bias=True, **factory,
    ):  # fmt: skip
        super().__init__()
        options = {"bias": bias, **factory}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **options)
        if self.has_memory:
            self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **options)
        self.linear1 = Linear(d_model, dim_feedforward, **options)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **options)
        self.norm_first = norm_first
        blocks = range(1, 4 if self.has_memory else 3)
        for block in blocks:
            setattr(self, f"norm{block}", LayerNorm(d_model, layer_norm_eps, **options))
        for block in blocks:
            setattr(self, f"dropout{block}", Dropout(dropout))
        self.activation = _activation(activation)

    def _add(self, x, block, norm):
        """One block around its shortcut: norm(x + block(x)), or x + block(norm(x))."""
        return x + block(norm(x)) if self.norm_first else norm(x + block(x))

    def _feedforward(self, x):
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_TransformerLayer):
    """Tokens hear each other, then each thinks for itself."""

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        def attend(x):
            options = {"need_weights": False, "is_causal": is_causal}
            return self.dropout1(self.self_attn(x, x, x, src_key_padding_mask, attn_mask=src_mask, **options)[0])

        x = self._add(src, attend, self.norm1)
        return self._add(x, lambda x: self.dropout2(self._feedforward(x)), self.norm2)


class TransformerDecoderLayer(_TransformerLayer):
    """Tokens hear each other, then the encoder's memory, then each thinks for itself."""

    has_memory = True

    def forward(
        self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
        tgt_is_causal=False, memory_is_causal=False,
    ):  # fmt: skip
        def attend(x):
            options = {"need_weights": False, "is_causal": tgt_is_causal}
            return self.dropout1(self.self_attn(x, x, x, tgt_key_padding_mask, attn_mask=tgt_mask, **options)[0])

        def look_back(x):
            options = {"need_weights": False, "is_causal": memory_is_causal, "attn_mask": memory_mask}
            return self.dropout2(self.multihead_attn(x, memory, memory, memory_key_padding_mask, **options)[0])

        x = self._add(tgt, attend, self.norm1)
        x = self._add(x, look_back, self.norm2)
        return self._add(x, lambda x: self.dropout3(self._feedforward(x)), self.norm3)


class _Stack(Module):
    """`num_layers` copies of a layer, one after the other, and a norm at the end if given."""

    def __init__(self, layer, num_layers, norm=None):
        super().__init__()
        self.layers = ModuleList(deepcopy(layer) for _ in range(num_layers))
        self.num_layers, self.norm = num_layers, norm

    def _run(self, x, *args):
        for layer in self.layers:
            x = layer(x, *args)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True):
        super().__init__(encoder_layer, num_layers, norm)

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        return self._run(src, mask, src_key_padding_mask, bool(is_causal))


class TransformerDecoder(_Stack):
    def __init__(self, decoder_layer, num_layers, norm=None):
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
        tgt_is_causal=False, memory_is_causal=False,
    ):  # fmt: skip
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return self._run(tgt, memory, *masks, bool(tgt_is_causal), memory_is_causal)


def _activation(activation):
    known = {"relu": F.relu, "gelu": F.gelu}
    if not callable(activation) and activation not in known:
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return known.get(activation, activation)
