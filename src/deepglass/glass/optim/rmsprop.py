"""RMSprop: the step is divided by the size that gradients had lately.

Hinton (2012), lecture 6e of Neural Networks for Machine Learning,
https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf; centred: Graves (2013),
https://arxiv.org/abs/1308.0850.
"""

import numpy as np

from .optimizer import Optimizer, require_positive


class RMSprop(Optimizer):
    """s ← αs + (1 - α)g²;  w ← w - lr·g / (√s + ε); centred, s loses the squared mean of the gradients.

    Args:
        params: What to train.
        lr: Length of a step.
        alpha: α, how slowly s forgets.
        eps: ε, against division by zero.
        weight_decay: λ, pulls weights towards zero.
        momentum: How much of the last step goes into this one.
        centered: Whether s is the variance instead of the mean square.
        options: As in Optimizer, `maximize` among them.
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False, **options):
        settings = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "weight_decay": weight_decay}
        require_positive(**settings)
        super().__init__(params, settings | {"centered": centered}, **options)

    def update(self, weight, grad, state, group):
        if not state:
            kept = ["square_avg"] + ["momentum_buffer"] * (group["momentum"] > 0) + ["grad_avg"] * group["centered"]
            state.update({"step": 0} | {name: np.zeros_like(weight) for name in kept})
        state["step"] += 1
        alpha, square = group["alpha"], state["square_avg"]
        square *= alpha
        square += (1 - alpha) * grad * grad
        if group["centered"]:
            mean = state["grad_avg"]
            mean += (1 - alpha) * (grad - mean)
            square = square - mean * mean
        step = grad / (np.sqrt(square) + group["eps"])
        if group["momentum"]:
            state["momentum_buffer"] *= group["momentum"]
            state["momentum_buffer"] += step
            step = state["momentum_buffer"]
        weight -= float(group["lr"]) * step
