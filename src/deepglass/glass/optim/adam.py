"""Adam: momentum, divided by the size that gradients had lately; both corrected for having begun at zero.

Kingma & Ba (2014), https://arxiv.org/abs/1412.6980; AMSGrad: Reddi et al. (2018), https://arxiv.org/abs/1904.09237;
AdamW: Loshchilov & Hutter (2017), https://arxiv.org/abs/1711.05101.
"""

import math

import numpy as np

from .optimizer import Optimizer, require, require_positive


class Adam(Optimizer):
    """m ← β₁m + (1 - β₁)g;  v ← β₂v + (1 - β₂)g²;  w ← w - lr·m̂ / (√v̂ + ε), m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ).

    Args:
        params: What to train.
        lr: Length of a step: no weight moves much further than this at once.
        betas: β₁ and β₂, how slowly m and v forget.
        eps: ε, against division by zero.
        weight_decay: λ, pulls weights towards zero.
        amsgrad: Whether v̂ is replaced by the largest so far.
        options: As in Optimizer, `maximize` among them.
        decoupled_weight_decay: Whether decay acts on the weights directly, as in AdamW.
    """

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *,
        decoupled_weight_decay=False, **options,
    ):  # fmt: skip
        require_positive(lr=lr, eps=eps, weight_decay=weight_decay)
        for i, beta in enumerate(betas):
            require(0 <= beta < 1, f"beta parameter at index {i}", beta)
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        super().__init__(params, settings | {"decoupled_weight_decay": decoupled_weight_decay}, **options)

    def gradient(self, param, group):
        if not group["decoupled_weight_decay"]:
            return super().gradient(param, group)
        return super().gradient(param, group | {"weight_decay": 0})

    def update(self, weight, grad, state, group):
        if not state:
            kept = ["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * group["amsgrad"]
            state.update({"step": 0} | {name: np.zeros_like(weight) for name in kept})
        state["step"] += 1
        lr, (beta1, beta2) = float(group["lr"]), group["betas"]
        if group["decoupled_weight_decay"]:
            weight *= 1 - lr * group["weight_decay"]
        m, v = state["exp_avg"], state["exp_avg_sq"]
        m += (1 - beta1) * (grad - m)
        v *= beta2
        v += (1 - beta2) * grad * grad
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        m_correction, v_correction = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
        weight -= lr / m_correction * m / (np.sqrt(v) / math.sqrt(v_correction) + group["eps"])


class AdamW(Adam):
    """w ← w - lr·λ·w, then a step of Adam. Arguments as there.

    Adam divides the gradient by its usual size, and with it λw, if that is part of the gradient: weights with large
    gradients would hardly decay. Here the decay acts on the weights themselves.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, **options):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay=True, **options)
