"""Adagrad: every weight has its own step, the shorter the more its gradients have summed up to.

Duchi et al. (2011), https://jmlr.org/papers/v12/duchi11a.html
"""

import numpy as np

from .optimizer import Optimizer, require_positive


class Adagrad(Optimizer):
    """s ← s + g²;  w ← w - lr / (1 + (t-1)·lr_decay) · g / (√s + ε).

    Args:
        params: What to train.
        lr: Length of the first step.
        lr_decay: How fast the steps shrink besides.
        weight_decay: λ, pulls weights towards zero.
        initial_accumulator_value: s at the start.
        eps: ε, against division by zero.
        options: As in Optimizer, `maximize` among them.
    """

    def __init__(self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, **options):
        settings = {"lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay, "eps": eps}
        settings["initial_accumulator_value"] = initial_accumulator_value
        require_positive(**settings)
        super().__init__(params, settings, **options)

    def update(self, weight, grad, state, group):
        if not state:
            state.update(step=0, sum=np.full_like(weight, group["initial_accumulator_value"]))
        state["step"] += 1
        state["sum"] += grad * grad
        lr = float(group["lr"]) / (1 + (state["step"] - 1) * group["lr_decay"])
        weight -= lr * grad / (np.sqrt(state["sum"]) + group["eps"])
