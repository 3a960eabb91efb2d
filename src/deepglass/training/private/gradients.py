"""The gradient of every example by itself, clipped: no example may pull a step farther than any other.

    gᵢ = ∇ loss(model, example i)          torch.func: one pass for a whole batch, as if each were alone
    Σ gᵢ · min(1, clip / |gᵢ|)

A network that `vmap` cannot take, such as one with recurrent layers, is asked example by example: slower, and the same.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap

from deepglass.data.examples import Batch

MOST_NUMBERS = 64_000_000  # of gradients that are held at once: 256 MB
TINY = 1e-12  # of a norm

Loss = Callable[[nn.Module, Batch], Tensor]


class LossOf(nn.Module):
    """The loss of a batch as a module, so that its weights can be taken for arguments.

    Args:
        model: Any; loss: (model, batch) → the mean over the batch.
    """

    def __init__(self, model: nn.Module, loss: Loss):
        super().__init__()
        self.model, self.of = model, loss

    def forward(self, *batch: Tensor) -> Tensor:
        return self.of(self.model, batch).float()


class ExampleGradients:
    """Clipped gradients of single examples, added up.

    Args:
        model: Whose examples do not see each other: no batch norm.
        loss: The mean over a batch.
    """

    def __init__(self, model: nn.Module, loss: Loss):
        self.loss_of = LossOf(model, loss)
        self.loss_of.training = model.training
        self.can_map = True  # until the first batch says otherwise

    def clipped_sum(self, batch: Batch, clip: float) -> tuple[dict[str, Tensor], Tensor]:
        """Σ of clipped gradients by the name of the parameter, and the losses (B,).

        Args:
            batch: (B, …) each, B of 1 or more.
            clip: The largest norm of an example's gradient, over all weights together.
        """
        weights = {name: p for name, p in self.loss_of.named_parameters() if p.requires_grad}
        size = max(1, sum(p.numel() for p in weights.values()))
        sums = {name: torch.zeros_like(p) for name, p in weights.items()}
        losses = []
        for piece in zip(*(part.split(max(1, MOST_NUMBERS // size)) for part in batch), strict=True):
            gradients, lost = self._of_each(weights, piece)
            shares = _shares(gradients, clip)  # (b,)
            for name, gradient in gradients.items():
                sums[name] += torch.tensordot(shares, gradient.float(), dims=1).to(sums[name].dtype)
            losses.append(lost)
        return {name.removeprefix("model."): total for name, total in sums.items()}, torch.cat(losses)

    def _of_each(self, weights: Mapping[str, Tensor], batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        """(b, …) gradients, and losses (b,)."""
        if self.can_map:
            try:
                return self._mapped(weights, batch)
            except (RuntimeError, NotImplementedError, ValueError):
                self.can_map = False
        return self._one_by_one(weights, batch)

    def _mapped(self, weights: Mapping[str, Tensor], batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        def alone(own: dict[str, Tensor], *example: Tensor) -> Tensor:
            return functional_call(self.loss_of, own, tuple(part.unsqueeze(0) for part in example))

        held = {name: weight.detach() for name, weight in weights.items()}
        of_each = vmap(grad_and_value(alone), in_dims=(None, *[0] * len(batch)), randomness="different")
        return of_each(held, *batch)

    def _one_by_one(self, weights: Mapping[str, Tensor], batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        found, losses = [], []
        for i in range(len(batch[0])):
            loss = self.loss_of(*(part[i : i + 1] for part in batch))
            own = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
            found.append([torch.zeros_like(w) if g is None else g for w, g in zip(weights.values(), own, strict=True)])
            losses.append(loss.detach())
        return {name: torch.stack([own[i] for own in found]) for i, name in enumerate(weights)}, torch.stack(losses)


def _shares(gradients: Mapping[str, Tensor], clip: float) -> Tensor:
    """(b,) by what each example's gradient is multiplied, so that its norm is `clip` at most."""
    squares = torch.stack([gradient.float().flatten(1).square().sum(dim=1) for gradient in gradients.values()])
    return (clip / squares.sum(dim=0).sqrt().clamp(min=TINY)).clamp(max=1.0)
