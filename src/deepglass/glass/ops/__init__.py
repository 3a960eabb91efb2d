"""The operations on tensors, by family."""
