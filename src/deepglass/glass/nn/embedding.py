"""Embedding: a table of vectors, one row a word (Bengio et al. 2003, https://www.jmlr.org/papers/v3/bengio03a.html).

Left out: `max_norm`, `scale_grad_by_freq`, sparse gradients, EmbeddingBag.
"""

from ..autograd import no_grad
from ..creation import empty
from . import functional as F
from . import init
from .module import Module, Parameter


class Embedding(Module):
    """Row `input[...]` of the weight table.

    Args:
        num_embeddings: Size V of the vocabulary.
        embedding_dim: Width C of a vector.
        padding_idx: A row that starts at zero and gets no gradient.

    Shape:
        - input: (*) of int64 in [0, V)
        - output: (*, C)
    """

    def __init__(
        self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0,
        scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False, **factory,
    ):  # fmt: skip
        super().__init__()
        if max_norm is not None or scale_grad_by_freq or sparse:
            raise NotImplementedError("Embedding: max_norm, scale_grad_by_freq and sparse are left out")
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise AssertionError("Padding_idx must be within num_embeddings")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx if padding_idx is None else padding_idx % num_embeddings
        weight = empty(num_embeddings, embedding_dim, **factory) if _weight is None else _weight
        self.weight = Parameter(weight, requires_grad=not _freeze)
        if _weight is None:
            self.reset_parameters()

    def reset_parameters(self):
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, padding_idx=None):
        """An embedding that begins with given vectors (V, C), by default not trained."""
        return cls(*embeddings.shape, padding_idx=padding_idx, _weight=embeddings, _freeze=freeze)

    def forward(self, input):
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self):
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
