"""Losses: one number that says how wrong the network is. See the functions for formulas and sources.

`reduction` is "mean", "sum" or "none". PyTorch's old `size_average` and `reduce` keep their places and are refused.
"""

from functools import partial

from . import functional as F
from .layer import layer

loss = partial(layer, shown=())
OLD = {"size_average": None, "reduce": None}

# fmt: off
MSELoss = loss("MSELoss", F.mse_loss, **OLD, reduction="mean")
L1Loss = loss("L1Loss", F.l1_loss, **OLD, reduction="mean")
SmoothL1Loss = loss("SmoothL1Loss", F.smooth_l1_loss, **OLD, reduction="mean", beta=1.0)
HuberLoss = loss("HuberLoss", F.huber_loss, reduction="mean", delta=1.0)
CrossEntropyLoss = loss("CrossEntropyLoss", F.cross_entropy, weight=None, size_average=None, ignore_index=-100,
                        reduce=None, reduction="mean", label_smoothing=0.0)
NLLLoss = loss("NLLLoss", F.nll_loss, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean")
BCELoss = loss("BCELoss", F.binary_cross_entropy, weight=None, **OLD, reduction="mean")
BCEWithLogitsLoss = loss("BCEWithLogitsLoss", F.binary_cross_entropy_with_logits, weight=None, **OLD, reduction="mean",
                         pos_weight=None)
KLDivLoss = loss("KLDivLoss", F.kl_div, **OLD, reduction="mean", log_target=False)
CTCLoss = loss("CTCLoss", F.ctc_loss, blank=0, reduction="mean", zero_infinity=False)
HingeEmbeddingLoss = loss("HingeEmbeddingLoss", F.hinge_embedding_loss, margin=1.0, **OLD, reduction="mean")
CosineEmbeddingLoss = loss("CosineEmbeddingLoss", F.cosine_embedding_loss, margin=0.0, **OLD, reduction="mean")
MarginRankingLoss = loss("MarginRankingLoss", F.margin_ranking_loss, margin=0.0, **OLD, reduction="mean")
TripletMarginLoss = loss("TripletMarginLoss", F.triplet_margin_loss, margin=1.0, p=2.0, eps=1e-6, swap=False, **OLD,
                         reduction="mean")
CosineSimilarity = loss("CosineSimilarity", F.cosine_similarity, dim=1, eps=1e-8)
PairwiseDistance = loss("PairwiseDistance", F.pairwise_distance, p=2.0, eps=1e-6, keepdim=False)
# fmt: on
