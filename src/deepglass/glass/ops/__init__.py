"""The operations on tensors, by family."""

from .shape import cat, stack

__all__ = ["cat", "stack"]
