"""The update of a fused Adam without asking for its state again in every step.

PyTorch's `step` goes through all parameters and gathers their states before one fused kernel does the work; for a small
network that is as long as the kernel itself. Here the gathering is done once.

References:
    Kingma & Ba (2015), Adam: A Method for Stochastic Optimization, https://arxiv.org/abs/1412.6980
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam, AdamW


class FusedAdam:
    """Takes the same step as `usual`, from the same state; call it where `optimizer.step()` stood.

    Args:
        optimizer: With `fused=True`, without `amsgrad`.
        usual: Its own step; taken where some gradient is missing, and until every parameter has a state.
    """

    def __init__(self, optimizer: Adam, usual: Callable[[], None]):
        self.optimizer, self.usual = optimizer, usual
        # of each group: its parameters and their states, and its step counts as one tensor that those are views of
        self.gathered: list[tuple[dict[str, Any], list[list[Tensor]], Tensor]] = []
        self.fused = getattr(torch, "_fused_adamw_" if isinstance(optimizer, AdamW) else "_fused_adam_")

    @torch.no_grad()
    def __call__(self) -> None:
        """Adapt all parameters to their gradients."""
        gradients = [[p.grad for p in group["params"]] for group in self.optimizer.param_groups]
        if not self._is_gathered() or any(gradient is None for part in gradients for gradient in part):
            return self.usual()
        for (group, (params, means, squares, steps), counts), grads in zip(self.gathered, gradients):
            counts.add_(1)
            beta1, beta2 = group["betas"]
            self.fused(
                params, grads, means, squares, [], steps, lr=group["lr"], beta1=beta1, beta2=beta2,
                weight_decay=group["weight_decay"], eps=group["eps"], amsgrad=False, maximize=False,
            )  # fmt: skip
        return None

    def _is_gathered(self) -> bool:
        """Gather the states where that is not done yet, or where a checkpoint has put others in their place."""
        groups, state = self.optimizer.param_groups, self.optimizer.state
        if self.gathered and self.gathered[0][0] is groups[0]:
            _, (params, means, *_), _ = self.gathered[0]
            if state[params[0]].get("exp_avg") is means[0]:
                return True
        if any(not state.get(p) for group in groups for p in group["params"]):
            return False
        self.gathered = []
        for group in groups:
            states = [state[p] for p in group["params"]]
            counts = torch.stack([each["step"] for each in states])
            for each, own in zip(states, counts):
                each["step"] = own
            parts = [[each[name] for each in states] for name in ("exp_avg", "exp_avg_sq", "step")]
            self.gathered.append((group, [group["params"], *parts], counts))
        return True
