"""Initial weights by name, for every layer that multiplies.

References:
    Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html (xavier)
    He et al. (2015), https://arxiv.org/abs/1502.01852 (he)
    Saxe et al. (2014), https://arxiv.org/abs/1312.6120 (orthogonal)
"""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

RULES: dict[str, Callable[[Tensor], Tensor]] = {
    "xavier": nn.init.xavier_uniform_,
    "he": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "orthogonal": nn.init.orthogonal_,
    "normal": lambda weight: nn.init.normal_(weight, std=0.01),
    "zeros": nn.init.zeros_,
}

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)


def initialize(model: nn.Module, rule: str) -> None:
    """Set the weights of all linear and convolutional layers by `rule`, and their biases to zero.

    "default" leaves the model as its author made it.
    """
    if rule == "default":
        return
    for layer in model.modules():
        if isinstance(layer, LAYERS):
            RULES[rule](_stored(layer))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _stored(layer: nn.Module) -> nn.Parameter:
    """The weight that is kept: what a spectral norm computes from it would forget what it is set to."""
    return layer.parametrizations.weight.original if is_parametrized(layer, "weight") else layer.weight  # type: ignore
