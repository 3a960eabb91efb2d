"""Clipping gradients.

Clipping by norm: Pascanu et al. (2013), https://arxiv.org/abs/1211.5063.
"""

import math

import numpy as np

from ...tensor import Tensor, tensor


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Shorten all gradients together to length `max_norm` if they are longer; their direction stays.

    Args:
        parameters: Tensors with gradients, or one; those without are passed over.
        max_norm: The greatest length allowed.
        norm_type: Which norm measures the length; `math.inf` for the largest entry.
        error_if_nonfinite: Whether a length that is infinite or not a number is an error.

    Returns:
        The length before clipping, a tensor without dimensions.

    Raises:
        RuntimeError: If the length is not finite and `error_if_nonfinite`.
    """
    grads = _grads(parameters)
    norms = [np.linalg.norm(grad.ravel(), float(norm_type)) for grad in grads]
    total = np.linalg.norm(norms, float(norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"The total norm of order {norm_type} is non-finite ({total}), so it cannot be clipped")
    scale = float(min(1.0, max_norm / (total + 1e-6)))  # 1e-6 as in PyTorch, against division by zero
    for grad in grads:
        grad *= scale
    return tensor(np.asarray(total, dtype=grads[0].dtype if grads else np.float32))


def clip_grad_value_(parameters, clip_value, foreach=None):
    """Cut every entry of every gradient off at ±`clip_value`."""
    for grad in _grads(parameters):
        np.clip(grad, -float(clip_value), float(clip_value), out=grad)


def _grads(parameters):
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    return [param.grad.array for param in parameters if param.grad is not None]
