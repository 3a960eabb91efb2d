"""Layers without weights: one function of `nn.functional`, with its settings as attributes. Tables are made of them."""

from inspect import Parameter, Signature

from ..left_out import refuse
from .module import Module

NEEDED = Parameter.empty  # a setting without default


class FunctionModule(Module):
    """Calls its function with its settings, which `forward` reads anew each time, so they may be changed."""

    function, signature, shown = None, None, None

    def __init__(self, *args, **kwargs):
        super().__init__()
        settings = self.signature.bind(*args, **kwargs)
        settings.apply_defaults()
        self.settings = settings.arguments
        refuse(type(self).__name__, **{name: self.settings.pop(name, None) for name in ("size_average", "reduce")})
        for name, value in self.settings.items():
            if name in ("weight", "pos_weight"):  # of a loss: saved and moved with the module
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def forward(self, *inputs):
        return self.function(*inputs, **{name: getattr(self, name) for name in self.settings})  # pyright: ignore[reportOptionalCall]

    def extra_repr(self):
        shown = [name for name in self.settings if name != "inplace" or self.inplace]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in (shown if self.shown is None else self.shown))


def layer(name, function, *, base=FunctionModule, shown=None, **settings):
    """A class of modules.

    Args:
        name: Its name.
        function: What it computes.
        base: What it is built on.
        shown: The settings that it prints, all if None.
        settings: Its constructor's arguments with their defaults, in PyTorch's order.
    """
    arguments = [Parameter(key, Parameter.POSITIONAL_OR_KEYWORD, default=value) for key, value in settings.items()]
    members = {"function": staticmethod(function), "signature": Signature(arguments), "shown": shown}
    members["__doc__"] = f"`nn.functional.{function.__name__}` as a module: {function.__doc__}"
    return type(name, (base,), members)
