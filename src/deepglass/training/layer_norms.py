"""How large the weights and the gradient of each layer are: √Σw² and √Σg² over the parameters of a layer."""

import torch
from torch import Tensor, nn

MOST_LAYERS = 400  # of a network whose layers are told apart
EVERY_EPOCH_UNTIL = (
    32  # then every second one until twice as many, and so on: a thousand epochs are looked at 111 times
)


def is_looked_at(epoch: int) -> bool:
    """Whether the layers are looked at after this epoch, counted from 1."""
    return epoch % 2 ** max(0, (epoch - 1).bit_length() - EVERY_EPOCH_UNTIL.bit_length() + 1) == 0


@torch.no_grad()
def layer_norms(network: nn.Module) -> dict[str, list[float | None]]:
    """By layer the norm of its weights and of their gradient; None where no gradient has arrived.

    Args:
        network: Whose gradients are those of the last step; a device is waited for once.
    """
    layers: dict[str, list[Tensor]] = {}
    for name, weight in network.named_parameters():
        layers.setdefault(name.rpartition(".")[0], []).append(weight)
    if (
        not layers
        or len(layers) > MOST_LAYERS
        or any(type(w) is not nn.Parameter for ws in layers.values() for w in ws)
    ):
        return {}  # parts of weights that several processes share say nothing by themselves
    weights = torch.stack([_norm(weights) for weights in layers.values()])
    gradients = [[w.grad for w in weights if w.grad is not None] for weights in layers.values()]
    learnt = torch.stack([_norm(of_layer) if of_layer else weights.new_tensor(float("nan")) for of_layer in gradients])
    both = zip(torch.stack([weights, learnt], dim=1).tolist(), gradients, strict=True)  # the one wait
    return dict(
        zip(layers, ([weight, gradient if arrived else None] for (weight, gradient), arrived in both), strict=True)
    )


def _norm(tensors: list[Tensor]) -> Tensor:
    return torch.stack([torch.linalg.vector_norm(t.detach().float()) for t in tensors]).norm()
