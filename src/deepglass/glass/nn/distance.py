"""Distances between two batches of vectors: the angle, or the p-norm of the difference."""

from . import functional as F
from .module import FunctionModule


class CosineSimilarity(FunctionModule):
    """x₁·x₂ / (‖x₁‖ ‖x₂‖) along `dim`."""

    function = F.cosine_similarity

    def __init__(self, dim=1, eps=1e-8):
        super().__init__(dim=dim, eps=eps)

    def extra_repr(self):
        return ""


class PairwiseDistance(FunctionModule):
    """‖x₁ - x₂ + ε‖ₚ along the last dimension."""

    function = F.pairwise_distance

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        super().__init__(p=p, eps=eps, keepdim=keepdim)

    def extra_repr(self):
        return ""
