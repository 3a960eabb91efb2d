"""Containers: modules that hold modules or parameters, in order or by name."""

from collections import OrderedDict
from operator import index

from .module import Module, Parameter, _indent


class _Ordered(Module):
    """Children named "0", "1", …: what Sequential, ModuleList and ParameterList have in common."""

    def _items(self):
        return self._modules

    def __len__(self):
        return len(self._items())

    def __iter__(self):
        return iter(list(self._items().values()))

    def _key(self, position):
        size, position = len(self), index(position)
        if not -size <= position < size:
            raise IndexError(f"index {position} is out of range")
        return list(self._items())[position]

    def __getitem__(self, position):
        if isinstance(position, slice):
            return self._slice(position)
        return self._items()[self._key(position)]

    def _slice(self, position):
        return type(self)(list(self)[position])

    def __setitem__(self, position, value):
        setattr(self, self._key(position), value)

    def __delitem__(self, position):
        keep = list(self._items().values())
        del keep[position]
        self._replace(keep)

    def insert(self, position, value):
        everything = list(self._items().values())
        everything.insert(position, value)
        self._replace(everything)
        return self

    def _replace(self, values):
        self._items().clear()
        self.extend(values)

    def append(self, value):
        setattr(self, str(len(self)), value)
        return self

    def extend(self, values):
        for value in list(values):
            self.append(value)
        return self


class Sequential(_Ordered):
    """One module after the other: the output of each is the input of the next.

    Args:
        args: The modules in order, or one `OrderedDict` of names and modules.
    """

    def __init__(self, *args):
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], OrderedDict) else enumerate(args)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, input):
        for module in self._modules.values():
            input = module(input)
        return input

    def _slice(self, position):
        return type(self)(OrderedDict(list(self._modules.items())[position]))


class ModuleList(_Ordered):
    """A list of modules, called by your own `forward`."""

    def __init__(self, modules=None):
        super().__init__()
        self.extend(modules or ())

    def __repr__(self):
        """Equal neighbours are printed once: `(0-5): 6 x Block(...)`."""
        runs = []
        for position, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1][1] = position
            else:
                runs.append([position, position, text])
        names = [f"({a}): {t}" if a == b else f"({a}-{b}): {b - a + 1} x {t}" for a, b, t in runs]
        lines = "".join(f"\n  {_indent(name)}" for name in names)
        return f"{self._get_name()}({lines}\n)" if lines else f"{self._get_name()}()"


class ParameterList(_Ordered):
    """A list of parameters; plain tensors in it become parameters."""

    def __init__(self, values=None):
        super().__init__()
        self.extend(values or ())

    def _items(self):
        return self._parameters

    def __setitem__(self, position, value):
        setattr(self, self._key(position), value if isinstance(value, Parameter) else Parameter(value))

    def append(self, value):
        setattr(self, str(len(self)), value if isinstance(value, Parameter) else Parameter(value))
        return self

    def extra_repr(self):
        kinds = [f"[{p.dtype} of size {'x'.join(map(str, p.shape))}]" for p in self]
        return "\n".join(f"({i}): Parameter containing: {kind}" for i, kind in enumerate(kinds))


class ModuleDict(Module):
    """Modules by name, in the order in which they came."""

    def __init__(self, modules=None):
        super().__init__()
        self.update(modules or {})

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module):
        self.add_module(key, module)

    def __delitem__(self, key):
        del self._modules[key]

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key):
        return key in self._modules

    def keys(self):
        return self._modules.keys()

    def values(self):
        return self._modules.values()

    def items(self):
        return self._modules.items()

    def pop(self, key):
        return self._modules.pop(key)

    def update(self, modules):
        for key, module in dict(modules).items():
            self[key] = module
