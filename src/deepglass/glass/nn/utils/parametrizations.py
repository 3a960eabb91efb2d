"""Spectral norm: a weight divided by its largest singular value σ, so that no input is stretched by more than 1.

σ = uᵀWv, where u and v are found by power iteration: v ← Wᵀu / |Wᵀu|, u ← Wv / |Wv|. One step per training forward is
enough, for the weight hardly changes between two of them.

Miyato et al. (2018), Spectral Normalization for Generative Adversarial Networks, https://arxiv.org/abs/1802.05957.
"""

import numpy as np

from ...left_out import left_out
from ...ops.random import randn
from ..functional import normalize
from ..module import Module
from .parametrize import register_parametrization

STEPS_AT_FIRST = 15  # of the power iteration, from random vectors


class _SpectralNorm(Module):
    """W / σ(W), the rule of one weight; it remembers u and v.

    Args:
        weight: The weight as it is now.
        n_power_iterations: Steps per forward while training, at least 1.
        dim: The dimension of the outputs; all others together are the inputs of the matrix.
        eps: Smallest length by which is divided.

    Raises:
        ValueError: If there is no power iteration.
    """

    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        if n_power_iterations <= 0:
            raise ValueError(f"Expected n_power_iterations to be positive, but got {n_power_iterations=}")
        self.n_power_iterations, self.dim, self.eps = n_power_iterations, dim, eps
        if weight.ndim > 1:
            matrix = self.as_matrix(weight)
            for name, length in zip(("_u", "_v"), matrix.shape):
                self.register_buffer(name, normalize(randn(length, dtype=weight.dtype), dim=0, eps=eps))
            self.iterate(matrix, STEPS_AT_FIRST)

    def as_matrix(self, weight):
        """(outputs, inputs)"""
        others = [d for d in range(weight.ndim) if d != self.dim % weight.ndim]
        return weight.permute(self.dim, *others).flatten(1)

    def iterate(self, matrix, steps):
        """Turn u and v towards the pair that the matrix stretches most, in place."""
        W, u, v = matrix.array, self._u.array, self._v.array
        for _ in range(steps):
            for vector, image in ((u, lambda: W @ v), (v, lambda: W.T @ u)):
                stretched = image()
                vector[...] = stretched / max(np.linalg.norm(stretched), self.eps)

    def forward(self, weight):
        if weight.ndim == 1:
            return normalize(weight, dim=0, eps=self.eps)
        matrix = self.as_matrix(weight)
        if self.training:
            self.iterate(matrix, self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()  # the next forward changes them, this backward still needs them
        return weight / (u @ (matrix @ v))


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divide a parameter by its largest singular value whenever it is used; the module is returned.

    Args:
        module: A layer with a parameter `name`.
        n_power_iterations: Steps towards the singular value per forward while training.
        eps: Smallest length by which is divided.
        dim: The dimension of the outputs; 1 for transposed convolutions, 0 for all others.

    Raises:
        ValueError: If there is no parameter of that name, or no power iteration.
    """
    weight = getattr(module, name, None)
    if weight is None:
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    dim = dim if dim is not None else int(type(module).__name__.startswith("ConvTranspose"))
    return register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))


__getattr__ = left_out("glass.nn.utils.parametrizations")
