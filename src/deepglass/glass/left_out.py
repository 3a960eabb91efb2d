"""What the engine does not have says so: NotImplementedError with its name, instead of a wrong number or a puzzle."""


class LeftOut(NotImplementedError, AttributeError):
    """A name of PyTorch's that the engine does not have; `hasattr` sees that it is not there."""


def left_out(place):
    """The `__getattr__` of a module or class: every name that is not there is refused by name."""

    def __getattr__(*names):
        raise LeftOut(f"{place}.{names[-1]} is left out of the glass engine, or misspelt; use engine='torch' if not")

    return __getattr__


def refuse(name, **options):
    """Refuse options of PyTorch's that are set but left out here.

    Raises:
        NotImplementedError: Names the option.
    """
    for option, value in options.items():
        if value is not None and value is not False:
            raise NotImplementedError(
                f"{name}: {option}={value!r} is left out of the glass engine: expected the default; "
                "leave it away, or use engine='torch'"
            )
