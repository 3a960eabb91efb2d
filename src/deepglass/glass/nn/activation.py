"""Activations: the bend between two linear layers. See the functions for formulas and sources."""

from ..creation import full
from . import functional as F
from .layer import layer
from .module import Module, Parameter

Sigmoid = layer("Sigmoid", F.sigmoid)  # 1 / (1 + e⁻ˣ): a probability between 0 and 1
Tanh = layer("Tanh", F.tanh)  # between −1 and 1, centred on 0
ReLU = layer("ReLU", F.relu, inplace=False)  # max(0, x)
ReLU6 = layer("ReLU6", F.relu6, inplace=False)  # min(max(0, x), 6): a ReLU that eight bits can hold
LeakyReLU = layer("LeakyReLU", F.leaky_relu, negative_slope=0.01, inplace=False)  # a negative unit can still learn
ELU = layer("ELU", F.elu, alpha=1.0, inplace=False)  # x or α(eˣ − 1) (Clevert et al., 2015, arxiv 1511.07289)
CELU = layer("CELU", F.celu, alpha=1.0, inplace=False)  # ELU with a smooth bend for every α
SELU = layer("SELU", F.selu, inplace=False)  # keeps mean 0 and variance 1 (Klambauer et al., 2017, arxiv 1706.02515)
GELU = layer("GELU", F.gelu, approximate="none")  # x·Φ(x) (Hendrycks and Gimpel, 2016, arxiv 1606.08415)
SiLU = layer("SiLU", F.silu, inplace=False)  # x·σ(x), also called swish
Mish = layer("Mish", F.mish, inplace=False)  # x·tanh(softplus(x))
Softplus = layer("Softplus", F.softplus, beta=1.0, threshold=20.0)  # ln(1 + e^βx) / β: a smooth ReLU
Softsign = layer("Softsign", F.softsign)  # x / (1 + |x|)
LogSigmoid = layer("LogSigmoid", F.logsigmoid)  # ln σ(x), without overflow
Tanhshrink = layer("Tanhshrink", F.tanhshrink)  # x − tanh(x)
Hardtanh = layer("Hardtanh", F.hardtanh, min_val=-1.0, max_val=1.0, inplace=False)  # x cut off at both bounds
Hardsigmoid = layer("Hardsigmoid", F.hardsigmoid, inplace=False)  # min(max(0, x + 3), 6) / 6: made of straight lines
Hardswish = layer("Hardswish", F.hardswish, inplace=False)  # x·hardsigmoid(x) (Howard et al., 2019, arxiv 1905.02244)
GLU = layer("GLU", F.glu, dim=-1)  # a·σ(b), the two halves of x (Dauphin et al., 2016, arxiv 1612.08083)
Softmax = layer("Softmax", F.softmax, dim=None)  # eˣⁱ / Σⱼ eˣʲ: positive numbers that sum to 1
LogSoftmax = layer("LogSoftmax", F.log_softmax, dim=None)  # xᵢ − ln Σⱼ eˣʲ, without overflow
Softmin = layer("Softmin", F.softmin, dim=None)  # softmax(−x)


class PReLU(Module):
    """max(0, x) + a·min(0, x), the slope a learned (He et al. 2015, https://arxiv.org/abs/1502.01852)."""

    def __init__(self, num_parameters=1, init=0.25, **factory):
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter(full((num_parameters,), float(init), **factory))

    def forward(self, input):
        return F.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"
