"""One architecture per file, ordinary PyTorch, the same file on both engines; `deepglass.zoo` builds them by name."""
