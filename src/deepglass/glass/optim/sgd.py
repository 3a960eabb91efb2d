"""Stochastic gradient descent: a step against the gradient, with memory of earlier steps if wanted.

Robbins & Monro (1951), https://doi.org/10.1214/aoms/1177729586; momentum: Polyak (1964); Nesterov (1983) in the form of
Sutskever et al. (2013), https://proceedings.mlr.press/v28/sutskever13.html.
"""

import numpy as np

from .optimizer import Optimizer, require_positive


class SGD(Optimizer):
    """v ← μv + (1 - τ)g;  w ← w - lr·v, or with Nesterov w ← w - lr·(g + μv).

    Args:
        params: What to train.
        lr: Length of a step.
        momentum: μ, how much of the last step goes into this one.
        dampening: τ, how little of the gradient goes into it.
        weight_decay: λ, pulls weights towards zero.
        nesterov: Whether to look ahead; needs momentum and no dampening.
        options: As in Optimizer, `maximize` among them.

    Raises:
        ValueError: If a setting is negative, or Nesterov's rule comes without momentum or with dampening.
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, **options):
        require_positive(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        settings = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, settings | {"nesterov": nesterov}, **options)

    def update(self, weight, grad, state, group):
        momentum = group["momentum"]
        if momentum:
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = np.array(grad)
            else:
                state["momentum_buffer"] *= momentum
                state["momentum_buffer"] += (1 - group["dampening"]) * grad
            velocity = state["momentum_buffer"]
            grad = grad + momentum * velocity if group["nesterov"] else velocity
        weight -= float(group["lr"]) * grad
