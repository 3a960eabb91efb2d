"""What is done to the parameters of a network: gradients clipped, weights computed from others."""

from ...left_out import left_out
from . import parametrizations, parametrize
from .clip_grad import clip_grad_norm_, clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_", "parametrizations", "parametrize"]

__getattr__ = left_out("glass.nn.utils")
