"""Losses: one number that says how wrong the network is. Each class is one function of `nn.functional`.

All take `reduction`: "mean" (the default), "sum" or "none". PyTorch's old `size_average` and `reduce` keep their places
in the argument order and are refused.
"""

from . import functional as F
from .module import FunctionModule


class _Loss(FunctionModule):
    """A loss function with its settings; tensors among them (class weights) are buffers and travel with the module."""

    def __init__(self, size_average=None, reduce=None, reduction="mean", *, buffers=(), **settings):
        if size_average is not None or reduce is not None:
            raise NotImplementedError("size_average and reduce are left out: use reduction='mean', 'sum' or 'none'")
        super().__init__(reduction=reduction, **settings)
        for name, value in dict(buffers).items():
            self.register_buffer(name, value)
        self.settings += tuple(dict(buffers))

    def extra_repr(self):
        return ""


# ---- Regression ----------------------------------------------------------------------------------------------------


class MSELoss(_Loss):
    """(x - y)²."""

    function = F.mse_loss


class L1Loss(_Loss):
    """|x - y|: outliers count for less than in MSE."""

    function = F.l1_loss


class SmoothL1Loss(_Loss):
    """d²/2β for |d| < β, beyond that |d| - β/2."""

    function = F.smooth_l1_loss

    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        super().__init__(size_average, reduce, reduction, beta=beta)


class HuberLoss(_Loss):
    """d²/2 for |d| < δ, beyond that δ(|d| - δ/2) (Huber 1964, https://doi.org/10.1214/aoms/1177703732)."""

    function = F.huber_loss

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction, delta=delta)


class PoissonNLLLoss(_Loss):
    """eˣ - y·x: counts, the network giving the logarithm of their rate."""

    function = F.poisson_nll_loss

    def __init__(self, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction, log_input=log_input, full=full, eps=eps)


class GaussianNLLLoss(_Loss):
    """(log σ² + (x - y)²/σ²) / 2: the network gives its own variance as well."""

    function = F.gaussian_nll_loss

    def __init__(self, *, full=False, eps=1e-6, reduction="mean"):
        super().__init__(full=full, eps=eps, reduction=reduction)


# ---- Classification ------------------------------------------------------------------------------------------------


class CrossEntropyLoss(_Loss):
    """-log softmax(x)[y]: from logits (B, V, …) and class numbers (B, …) or probabilities (B, V, …)."""

    function = F.cross_entropy

    def __init__(
        self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0
    ):
        settings = {"ignore_index": ignore_index, "label_smoothing": label_smoothing}
        super().__init__(size_average, reduce, reduction, buffers={"weight": weight}, **settings)


class NLLLoss(_Loss):
    """-x[y]: from log-probabilities (B, V, …) and class numbers (B, …)."""

    function = F.nll_loss

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction, buffers={"weight": weight}, ignore_index=ignore_index)


class BCELoss(_Loss):
    """-(y log x + (1 - y) log(1 - x)): from probabilities."""

    function = F.binary_cross_entropy

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction, buffers={"weight": weight})


class BCEWithLogitsLoss(_Loss):
    """BCE of σ(x), computed without overflow: from logits."""

    function = F.binary_cross_entropy_with_logits

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
        buffers = {"weight": weight, "pos_weight": pos_weight}
        super().__init__(size_average, reduce, reduction, buffers=buffers)


class KLDivLoss(_Loss):
    """y(log y - x), x being log-probabilities; "batchmean" is the mathematical mean."""

    function = F.kl_div

    def __init__(self, size_average=None, reduce=None, reduction="mean", log_target=False):
        super().__init__(size_average, reduce, reduction, log_target=log_target)


class SoftMarginLoss(_Loss):
    """log(1 + e^{-yx}), y being 1 or -1."""

    function = F.soft_margin_loss


class MultiMarginLoss(_Loss):
    """Σᵢ max(0, margin - x[y] + xᵢ)ᵖ / V: the hinge of support vector machines for several classes."""

    function = F.multi_margin_loss

    def __init__(self, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction, buffers={"weight": weight}, p=p, margin=margin)


class MultiLabelSoftMarginLoss(_Loss):
    """Binary cross-entropy with logits, averaged over the classes."""

    function = F.multilabel_soft_margin_loss

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction, buffers={"weight": weight})


class CTCLoss(_Loss):
    """-log of the summed probability of all alignments of a target with the frames.

    Graves et al. (2006), https://www.cs.toronto.edu/~graves/icml_2006.pdf
    """

    function = F.ctc_loss

    def __init__(self, blank=0, reduction="mean", zero_infinity=False):
        super().__init__(blank=blank, reduction=reduction, zero_infinity=zero_infinity)


# ---- Likeness and rank ---------------------------------------------------------------------------------------------


class HingeEmbeddingLoss(_Loss):
    """x where y = 1, max(0, margin - x) where y = -1."""

    function = F.hinge_embedding_loss

    def __init__(self, margin=1.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, margin=margin, reduction=reduction)


class CosineEmbeddingLoss(_Loss):
    """1 - cos where y = 1, max(0, cos - margin) where y = -1."""

    function = F.cosine_embedding_loss

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, margin=margin, reduction=reduction)


class MarginRankingLoss(_Loss):
    """max(0, margin - y(x₁ - x₂)): which of two should stand higher."""

    function = F.margin_ranking_loss

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, margin=margin, reduction=reduction)


class TripletMarginLoss(_Loss):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin) (Schroff et al. 2015, arxiv 1503.03832)."""

    function = F.triplet_margin_loss

    def __init__(self, margin=1.0, p=2.0, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction, margin=margin, p=p, eps=eps, swap=swap)
