"""AdamW: Adam whose weight decay acts on the weights themselves and not through the gradient.

Loshchilov & Hutter (2017), https://arxiv.org/abs/1711.05101. Adam divides the gradient by its usual size, and with it
λw, if that is part of the gradient: weights with large gradients would hardly decay.
"""

from .adam import Adam


class AdamW(Adam):
    """w ← w - lr·λ·w, then a step of Adam. Arguments as there."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, **options):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay=True, **options)
