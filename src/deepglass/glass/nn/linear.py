"""Linear: y = xWᵀ + b, a weighted sum of the inputs for every output; and Bilinear, which weighs pairs of inputs."""

import math

from ..creation import empty
from . import functional as F
from . import init
from .module import Module, Parameter


class Linear(Module):
    """y = xWᵀ + b.

    Args:
        in_features: Width of the input, its last dimension.
        out_features: Width of the output.
        bias: Whether b is added.

    Shape:
        - input: (*, in_features)
        - output: (*, out_features)

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
        """Draw weights and bias from U(-1/√in, 1/√in); for the weights that is He's rule with a = √5."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """yₖ = x₁ᵀ Wₖ x₂ + bₖ: every output has a weight for every pair of inputs.

    Shape:
        - input1: (*, in1_features), input2: (*, in2_features)
        - output: (*, out_features)
    """

    def __init__(self, in1_features, in2_features, out_features, bias=True, **factory):
        super().__init__()
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(empty(out_features, in1_features, in2_features, **factory))
        self.register_parameter("bias", Parameter(empty(out_features, **factory)) if bias else None)
        for param in self.parameters():
            init.uniform_(param, -1 / math.sqrt(in1_features), 1 / math.sqrt(in1_features))

    def forward(self, input1, input2):
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self):
        sizes = ("in1_features", "in2_features", "out_features")
        return ", ".join(f"{name}={getattr(self, name)}" for name in sizes) + f", bias={self.bias is not None}"
