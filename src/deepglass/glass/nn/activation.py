"""Activations: the bend between two linear layers. Each class is one function of `nn.functional` with its settings.

A new one needs a docstring with its formula and a constructor that names the function.
"""

from ..creation import full
from . import functional as F
from .module import FunctionModule, Module, Parameter


class _InPlace(FunctionModule):
    """What has no setting but whether to write into the input's memory."""

    def __init__(self, inplace=False):
        super().__init__(inplace=inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class Sigmoid(FunctionModule):
    """σ(x) = 1 / (1 + e⁻ˣ): a probability between 0 and 1."""

    function = F.sigmoid


class Tanh(FunctionModule):
    """tanh(x) = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ): between -1 and 1, centred on 0."""

    function = F.tanh


class ReLU(_InPlace):
    """max(0, x) (Nair & Hinton 2010, https://www.cs.toronto.edu/~hinton/absps/reluICML.pdf)."""

    function = F.relu


class ReLU6(_InPlace):
    """min(max(0, x), 6): a ReLU that eight bits can hold."""

    function = F.relu6


class LeakyReLU(FunctionModule):
    """max(0, x) + slope·min(0, x): a negative unit can still learn."""

    function = F.leaky_relu

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__(negative_slope=negative_slope, inplace=inplace)


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


class ELU(FunctionModule):
    """x if x > 0 else α(eˣ - 1) (Clevert et al. 2015, https://arxiv.org/abs/1511.07289)."""

    function = F.elu

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__(alpha=alpha, inplace=inplace)


class CELU(FunctionModule):
    """max(0, x) + min(0, α(eˣ⁄ᵅ - 1)): ELU with a smooth bend for every α."""

    function = F.celu

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__(alpha=alpha, inplace=inplace)


class SELU(_InPlace):
    """λ·ELU(x, α), constants chosen so that mean 0 and variance 1 stay (Klambauer et al. 2017, arxiv 1706.02515)."""

    function = F.selu


class GELU(FunctionModule):
    """x·Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415)."""

    function = F.gelu

    def __init__(self, approximate="none"):
        super().__init__(approximate=approximate)


class SiLU(_InPlace):
    """x·σ(x), also called swish."""

    function = F.silu


class Mish(_InPlace):
    """x·tanh(softplus(x))."""

    function = F.mish


class Softplus(FunctionModule):
    """log(1 + e^{βx}) / β: a smooth ReLU; above the threshold it is x itself."""

    function = F.softplus

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__(beta=beta, threshold=threshold)


class Softsign(FunctionModule):
    """x / (1 + |x|)."""

    function = F.softsign


class LogSigmoid(FunctionModule):
    """log σ(x), computed without overflow."""

    function = F.logsigmoid


class Tanhshrink(FunctionModule):
    """x - tanh(x)."""

    function = F.tanhshrink


class Hardshrink(FunctionModule):
    """x if |x| > λ else 0."""

    function = F.hardshrink

    def __init__(self, lambd=0.5):
        super().__init__(lambd=lambd)

    def extra_repr(self):
        return str(self.lambd)


class Softshrink(FunctionModule):
    """x pulled towards 0 by λ, and 0 inside [-λ, λ]."""

    function = F.softshrink

    def __init__(self, lambd=0.5):
        super().__init__(lambd=lambd)

    def extra_repr(self):
        return str(self.lambd)


class Hardtanh(FunctionModule):
    """x cut off at min_val and max_val."""

    function = F.hardtanh

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        super().__init__(min_val=min_val, max_val=max_val, inplace=inplace)


class Hardsigmoid(_InPlace):
    """min(max(0, x + 3), 6) / 6: a sigmoid of straight lines."""

    function = F.hardsigmoid


class Hardswish(_InPlace):
    """x·hardsigmoid(x) (Howard et al. 2019, https://arxiv.org/abs/1905.02244)."""

    function = F.hardswish


class Threshold(FunctionModule):
    """x if x > threshold else value."""

    function = F.threshold

    def __init__(self, threshold, value, inplace=False):
        super().__init__(threshold=threshold, value=value, inplace=inplace)


class GLU(FunctionModule):
    """a·σ(b), a and b the two halves of the input (Dauphin et al. 2016, https://arxiv.org/abs/1612.08083)."""

    function = F.glu

    def __init__(self, dim=-1):
        super().__init__(dim=dim)


class Softmax(FunctionModule):
    """eˣⁱ / Σⱼ eˣʲ along `dim`: positive numbers that sum to 1."""

    function = F.softmax

    def __init__(self, dim=None):
        super().__init__(dim=dim)


class LogSoftmax(FunctionModule):
    """xᵢ - log Σⱼ eˣʲ along `dim`, computed without overflow."""

    function = F.log_softmax

    def __init__(self, dim=None):
        super().__init__(dim=dim)


class Softmin(FunctionModule):
    """softmax(-x)."""

    function = F.softmin

    def __init__(self, dim=None):
        super().__init__(dim=dim)


class Softmax2d(Module):
    """Softmax over the channels at each place of an image (C, H, W) or (B, C, H, W)."""

    def forward(self, input):
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return F.softmax(input, dim=-3)
