"""Containers: modules that hold modules, in order or by name."""

from collections import OrderedDict
from operator import index

from .module import Module, indent


class _Ordered(Module):
    """Children named "0", "1", …: what Sequential and ModuleList have in common."""

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(list(self._modules.values()))

    def _key(self, position):
        if not -len(self) <= index(position) < len(self):
            raise IndexError(f"index {position} is out of range: expected one of {len(self)} entries")
        return list(self._modules)[position]

    def __getitem__(self, position):
        if isinstance(position, slice):
            return type(self)(OrderedDict(list(self._modules.items())[position]))
        return self._modules[self._key(position)]

    def __setitem__(self, position, value):
        self._put("_modules", self._key(position), value)

    def append(self, value):
        self._put("_modules", str(len(self)), value)
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


class ModuleList(_Ordered):
    """A list of modules, called by your own `forward`."""

    def __init__(self, modules=None):
        super().__init__()
        self.extend(modules.values() if isinstance(modules, dict) else modules or ())

    def __repr__(self):
        """Equal neighbours are printed once: `(0-5): 6 x Block(...)`."""
        runs = []
        for position, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1][1] = position
            else:
                runs.append([position, position, text])
        names = [f"({a}): {t}" if a == b else f"({a}-{b}): {b - a + 1} x {t}" for a, b, t in runs]
        lines = "".join(f"\n  {indent(name)}" for name in names)
        return f"{type(self).__name__}({lines}\n)" if lines else f"{type(self).__name__}()"


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

    def update(self, modules):
        for key, module in dict(modules).items():
            self[key] = module
