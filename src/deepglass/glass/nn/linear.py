"""Linear: y = xWᵀ + b, a weighted sum of the inputs for every output. Embedding: one row of a table for every word.

Embedding: Bengio et al. (2003), https://www.jmlr.org/papers/v3/bengio03a.html
"""

from ..autograd import no_grad
from ..creation import empty
from ..left_out import refuse
from . import functional as F
from . import init
from .module import Module, Parameter


class Linear(Module):
    """y = xWᵀ + b: (*, in_features) → (*, out_features).

    Example:
        >>> from deepglass import glass
        >>> glass.nn.Linear(20, 30)(glass.zeros(128, 20)).shape
        torch.Size([128, 30])
    """

    def __init__(self, in_features, out_features, bias=True, **factory):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty(out_features, in_features, **factory))
        self.register_parameter("bias", Parameter(empty(out_features, **factory)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        init.by_fan_in_(self.weight, self.bias)

    def forward(self, input):
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Embedding(Module):
    """Row `input[...]` of the weight table: (*) of int64 in [0, V) → (*, C).

    Args:
        num_embeddings: Size V of the vocabulary.
        embedding_dim: Width C of a vector.
        padding_idx: A row that starts at zero and gets no gradient.
        max_norm, norm_type, scale_grad_by_freq, sparse: Left out.

    Raises:
        AssertionError: If `padding_idx` has no row.
    """

    def __init__(
        self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0,
        scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False, **factory,
    ):  # fmt: skip
        super().__init__()
        refuse("Embedding", max_norm=max_norm, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise AssertionError("Padding_idx must be within num_embeddings")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx if padding_idx is None else padding_idx % num_embeddings
        weight = empty(num_embeddings, embedding_dim, **factory) if _weight is None else _weight
        self.weight = Parameter(weight, requires_grad=not _freeze)
        if _weight is None:
            self.reset_parameters()

    @no_grad()
    def reset_parameters(self):
        init.normal_(self.weight)
        if self.padding_idx is not None:
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
