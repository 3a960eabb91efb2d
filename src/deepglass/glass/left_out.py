"""What the engine does not have says so: NotImplementedError with its name, instead of a puzzling AttributeError."""


def left_out(module, names):
    """A module's `__getattr__`: names of PyTorch's that are left out are refused, others are unknown.

    Args:
        module: The module's `__name__`.
        names: PyTorch's names, separated by spaces.
    """
    short, refused = module.rpartition("glass.")[2], set(names.split())

    def __getattr__(name):
        if name in refused:
            raise NotImplementedError(f"{short}.{name} is left out of the glass engine: use engine='torch'")
        raise AttributeError(f"module '{module}' has no attribute '{name}'")

    return __getattr__
