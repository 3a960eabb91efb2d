"""A running mean of the weights, which is judged and kept instead of the weights themselves.

Late in training the weights circle around a good place; their mean sits closer to its centre.

References:
    Polyak & Juditsky (1992), Acceleration of Stochastic Approximation by Averaging
    Tarvainen & Valpola (2017), Mean Teachers, https://arxiv.org/abs/1703.01780 (the exponential form)
"""

import copy

import torch
from torch import nn


class WeightMean:
    """mean ← decay · mean + (1 − decay) · weights, after each step; counters are copied.

    Args:
        model: The model that is trained.
        decay: Share of the old mean that stays, in (0, 1); smaller in the first steps, which are worth little.
    """

    def __init__(self, model: nn.Module, decay: float):
        self.decay, self.steps = decay, 0
        self.model = copy.deepcopy(model).requires_grad_(False)
        pairs = list(zip(self.model.state_dict().values(), model.state_dict().values(), strict=True))
        self.means = [mean for mean, _ in pairs if mean.is_floating_point()]
        self.values = [value for mean, value in pairs if mean.is_floating_point()]
        self.counters = [(mean, value) for mean, value in pairs if not mean.is_floating_point()]

    @torch.no_grad()
    def update(self) -> None:
        """Take the current weights into the mean."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.means, self.values, 1 - decay)  # pyright: ignore[reportPrivateImportUsage]
        for mean, value in self.counters:
            mean.copy_(value)

    def state_dict(self) -> dict:
        """The mean and the number of steps in it."""
        return {"steps": self.steps, "model": self.model.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        """Take back what `state_dict` gave."""
        self.steps = state["steps"]
        self.model.load_state_dict(state["model"])
