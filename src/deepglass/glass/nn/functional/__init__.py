"""The functions behind the layers, under PyTorch's names: `import glass.nn.functional as F`."""

# ruff: noqa: I001, F401
# fmt: off
from ...left_out import left_out, with_old_dim
from . import recurrent
from .activation import (celu, elu, gelu, glu, hardsigmoid, hardswish, hardtanh, leaky_relu, log_softmax, logsigmoid,
    mish, prelu, relu, relu6, selu, sigmoid, silu, softmax, softmin, softplus, softsign, tanh, tanhshrink)
from .attention import scaled_dot_product_attention
from .conv import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d
from .ctc import ctc_loss
from .dropout import dropout, dropout2d
from .linear import cosine_similarity, embedding, linear, normalize, one_hot, pairwise_distance
from .loss import (binary_cross_entropy, binary_cross_entropy_with_logits, cosine_embedding_loss, cross_entropy,
    hinge_embedding_loss, huber_loss, kl_div, l1_loss, margin_ranking_loss, mse_loss, nll_loss, smooth_l1_loss,
    triplet_margin_loss)
from .norm import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from .pool import adaptive_avg_pool1d, adaptive_avg_pool2d, avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from .resize import interpolate, pad, pixel_shuffle
# fmt: on

softmax, log_softmax, softmin = map(with_old_dim, (softmax, log_softmax, softmin))
__getattr__ = left_out("glass.nn.functional")
