"""LoRA: a trained matrix stays as it is, and what must be learnt anew is added as a product of two narrow ones.

    y = W x + b + s · B (A x)        A (r, in) is drawn, B (out, r) begins with zeros, and only these two learn

A fine-tuning changes a matrix in few directions: r of them, in place of as many as it has rows. At its start nothing
is changed (B = 0). At its end s·B·A is added to W, so that whoever uses the network needs to know nothing of it.

References:
    Hu et al. (2021), LoRA: Low-Rank Adaptation of Large Language Models, https://arxiv.org/abs/2106.09685
    (their alpha / r is our SCALE, and so a rate that suits one rank suits others)
    Biderman et al. (2024), LoRA Learns Less and Forgets Less, https://arxiv.org/abs/2405.09673 (rate, all matrices)
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.training.config import TrainConfig
from deepglass.training.transfer import LAYERS_APART

SCALE = 2.0  # of what is added: alpha = 2 r, as is usual since the paper
RATE = 10  # how much larger the rate may be than that of all weights (Biderman et al., 4.2)
A, B = "lora_a", "lora_b"


class LowRankLinear(nn.Module):
    """A linear layer whose weight stays, plus a product of two narrow matrices that learn.

    Args:
        linear: The layer.
        rank: Directions r in which its weight may change.

    Shape:
        - input: (…, in)
        - output: (…, out)

    Example:
        >>> layer = nn.Linear(8, 4)
        >>> x = torch.ones(2, 8)
        >>> torch.equal(LowRankLinear(layer, rank=2)(x), layer(x))
        True
    """

    def __init__(self, linear: nn.Linear, rank: int):
        super().__init__()
        self.in_features, self.out_features, self.rank = linear.in_features, linear.out_features, rank
        self.weight, self.bias = linear.weight, linear.bias
        self.lora_a = nn.Parameter(linear.weight.new_empty(rank, linear.in_features))
        self.lora_b = nn.Parameter(linear.weight.new_zeros(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.lora_a, a=math.sqrt(5))  # as a linear layer begins

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias) + SCALE * F.linear(F.linear(x, self.lora_a), self.lora_b)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, rank={self.rank}"


def add(model: nn.Module, rank: int, head: str | None = None, *, embeddings: bool = False) -> str:
    """Put every linear layer but the head into a `LowRankLinear`, and freeze all else but the head.

    Args:
        model: Trained; changed in place.
        rank: Directions, at most as many as the narrowest of these layers has.
        head: The layer that answers, where it learns as a whole, since it may be new.
        embeddings: Whether the vectors of tokens, those of the output too, learn as a whole, since some are new.

    Returns:
        A sentence on what learns.

    Raises:
        OptionError: If no layer is linear, or the rank is out of its range.
    """
    own, tokens = f"{head}.", _of_tokens(model)
    places = [
        name
        for name, module in model.named_modules()
        if type(module) is nn.Linear and not f"{name}.".startswith(own) and name not in tokens
    ]
    if not places:
        raise OptionError("--lora has no effect: this network has no linear layer but its head; leave it out")
    layers: dict[str, nn.Linear] = {name: model.get_submodule(name) for name in places}  # type: ignore[misc]
    most = min(min(layer.in_features, layer.out_features) for layer in layers.values())
    if not 1 <= rank <= most:
        raise OptionError(f"--lora: expected a rank from 1 to {most}, the width of the narrowest layer, got {rank}")
    model.requires_grad_(False)
    for name, layer in layers.items():
        _replace(model, name, LowRankLinear(layer, rank))
    for name, module in model.named_modules():
        if name == head or (embeddings and name in tokens):
            module.requires_grad_(True)
    learnt = sum(p.numel() for p in model.parameters() if p.requires_grad)
    total = sum(p.numel() for name, p in model.named_parameters() if not name.endswith((A, B)))
    return (
        f"low-rank factors of rank {rank} learn in {len(layers)} linear layers{', and embeddings' * embeddings}: "
        f"{learnt:,} numbers, where all weights are {total:,} ({learnt / total:.1%})"
    )


def merge(model: nn.Module) -> None:
    """Make ordinary linear layers of those that `add` changed: what was learnt is added to their weights."""
    for name, layer in [*model.named_modules()]:
        if isinstance(layer, LowRankLinear):
            plain = nn.Linear(layer.in_features, layer.out_features, bias=layer.bias is not None, device="meta")
            with torch.no_grad():
                plain.weight = nn.Parameter(_whole(layer.weight, layer.lora_a, layer.lora_b))
            plain.bias = layer.bias
            _replace(model, name, plain.train(layer.training))
    model.requires_grad_(True)


def merged(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict as that of the same network without factors: these are added to the weights beside them."""
    found = {name: tensor for name, tensor in state.items() if not name.endswith((f".{A}", f".{B}"))}
    for name in state:
        if name.endswith(f".{A}"):
            layer = name.removesuffix(f".{A}")
            found[f"{layer}.weight"] = _whole(state[f"{layer}.weight"], state[name], state[f"{layer}.{B}"])
    return found


def unused_options(
    asked: Mapping[str, Any], config: TrainConfig, is_trained: bool, is_native: bool
) -> Iterator[Unused]:
    """Where nothing was trained before there is nothing to keep; and what cannot act beside the factors."""
    if not config.lora:
        return
    if not is_trained:
        why = "it changes weights that were trained before in few directions, and here all begin at random"
        yield Unused("lora", why, "add --pretrained RUN, or leave it out")
    elif not is_native:
        yield Unused("lora", "the glass engine learns whole matrices", "leave it out, or use --engine torch")
    else:
        for name in (*LAYERS_APART, "shard", "private"):
            if asked.get(name) not in (None, False, 0):
                yield Unused(name, "--lora keeps every weight as it is, and lets factors beside them learn")


def _of_tokens(model: nn.Module) -> set[str]:
    """The layers with a vector for each token: embeddings, and linear layers that answer with a number for each."""
    sizes = {module.num_embeddings for module in model.modules() if isinstance(module, nn.Embedding)}
    return {
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Embedding) or (isinstance(module, nn.Linear) and module.out_features in sizes)
    }


def _whole(weight: Tensor, lora_a: Tensor, lora_b: Tensor) -> Tensor:
    return (weight + SCALE * lora_b @ lora_a).detach()


def _replace(model: nn.Module, name: str, module: nn.Module) -> None:
    path, _, last = name.rpartition(".")
    setattr(model.get_submodule(path), last, module)
