"""Module: the base of every layer and network. It finds its parameters, and can save, load, print and convert them.

A module notices what is assigned to it: `self.weight = Parameter(...)` becomes a parameter, `self.layer = Linear(...)`
a child. From these two lists follow all the rest: the names in `state_dict`, what an optimiser is given, what `.eval()`
switches, what `print` shows.

Left out: backward hooks, hooks with keyword arguments, extra state, anything that needs a device.
"""

from collections import OrderedDict, namedtuple
from itertools import chain

import numpy as np

from ..autograd import Handle
from ..dtype import float32, float64
from ..left_out import refuse
from ..tensor import Tensor

IncompatibleKeys = namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])


class Parameter(Tensor):
    """A tensor that a module owns and an optimiser changes. It shares its memory with `data`."""

    def __init__(self, data=None, requires_grad=True):
        super().__init__()
        if data is not None:
            self.data = data
        self.requires_grad = requires_grad

    def __repr__(self):
        return f"Parameter containing:\n{super().__repr__()}"


class Module:
    """A function with parameters: `forward` computes it, `__call__` runs the hooks around it."""

    def __init__(self):
        kinds = {kind: {} for kind in (*KINDS, "_forward_hooks", "_forward_pre_hooks")}
        vars(self).update(training=True, _non_persistent_buffers_set=set(), **kinds)

    def forward(self, *inputs):
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *inputs, **kwargs):
        for hook in tuple(self._forward_pre_hooks.values()):
            changed = hook(self, inputs)
            if changed is not None:
                inputs = changed if isinstance(changed, tuple) else (changed,)
        output = self.forward(*inputs, **kwargs)
        for hook in tuple(self._forward_hooks.values()):
            changed = hook(self, inputs, output)
            output = output if changed is None else changed
        return output

    def register_forward_hook(self, hook, **options):
        """Call `hook(module, inputs, output)` after each forward; what it returns, if not None, replaces the output."""
        refuse("register_forward_hook", **options)
        return Handle(self._forward_hooks, hook)

    def register_forward_pre_hook(self, hook, **options):
        """Call `hook(module, inputs)` before each forward; what it returns, if not None, replaces the inputs."""
        refuse("register_forward_pre_hook", **options)
        return Handle(self._forward_pre_hooks, hook)

    def register_full_backward_hook(self, hook, prepend=False):
        raise NotImplementedError("backward hooks on modules are left out: use Tensor.register_hook on an output")

    # ---- Attributes: a parameter, a buffer and a child live in a dictionary each -------------------------------

    def __setattr__(self, name, value):
        kind = "_parameters" if isinstance(value, Parameter) else "_modules" if isinstance(value, Module) else None
        kind = kind or next((kind for kind in KINDS if name in vars(self).get(kind, ())), None)
        if kind is None:
            object.__setattr__(self, name, value)
        else:
            self._put(kind, name, value)

    def __getattr__(self, name):
        for kind in KINDS:
            if name in vars(self).get(kind, ()):
                return vars(self)[kind][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name):
        for place in (self._parameters, self._buffers, self._modules, vars(self)):
            if name in place:
                del place[name]
                return
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _put(self, kind, name, value):
        """Keep a value under a name, and only there."""
        expected = KINDS[kind]
        if kind not in vars(self):
            raise AttributeError(f"cannot assign {kind[1:]} before Module.__init__() call")
        if value is not None and not isinstance(value, expected):
            came = type(value).__name__
            raise TypeError(f"cannot assign '{came}' to {kind[1:]} '{name}' (nn.{expected.__name__} or None expected)")
        for other in (vars(self), self._parameters, self._buffers, self._modules):
            if other is not vars(self)[kind]:
                other.pop(name, None)
        vars(self)[kind][name] = value

    def _register(self, kind, name, value):
        if "." in name or not name:
            raise KeyError(f"{kind[1:]}: a name can't contain \".\" and can't be empty, got: {name!r}")
        if hasattr(self, name) and not any(name in vars(self)[kind] for kind in KINDS):
            raise KeyError(f"attribute '{name}' already exists")
        self._put(kind, name, value)

    def register_parameter(self, name, param):
        """Give the module a parameter; None keeps the name without a value, and out of `state_dict`.

        Raises:
            KeyError: If the name holds a dot, is empty, or is taken.
            TypeError: If it is not a parameter.
            AttributeError: If `Module.__init__` was not called before.
        """
        self._register("_parameters", name, param)

    def register_buffer(self, name, tensor, persistent=True):
        """Give the module a tensor that is saved and moved with it but not trained, as batch norm's running mean.

        Raises:
            KeyError, TypeError, AttributeError: As `register_parameter`.
        """
        self._register("_buffers", name, tensor)
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name, module):
        """Give the module a part, under a name that need not be an identifier.

        Raises:
            KeyError, TypeError, AttributeError: As `register_parameter`.
        """
        self._register("_modules", name, module)

    # ---- Walking the tree --------------------------------------------------------------------------------------

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """This module and all below it, parents first, each with its dotted name."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def _named_members(self, kind, prefix, recurse, remove_duplicate):
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        seen = set()
        for path, module in modules:
            for name, value in vars(module)[kind].items():
                if value is None or id(value) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(value))
                yield f"{path}.{name}" if path else name, value

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        return self._named_members("_parameters", prefix, recurse, remove_duplicate)

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        return self._named_members("_buffers", prefix, recurse, remove_duplicate)

    def named_children(self):
        first_names = {child: name for name, child in reversed(self._modules.items()) if child is not None}
        return ((name, child) for name, child in self._modules.items() if first_names.get(child) == name)

    def parameters(self, recurse=True):
        return (param for _, param in self.named_parameters(recurse=recurse))

    def buffers(self, recurse=True):
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def modules(self):
        return (module for _, module in self.named_modules())

    def children(self):
        return (child for _, child in self.named_children())

    def get_submodule(self, target):
        """The module at a dotted path: `get_submodule("encoder.0")`; the empty path is this module.

        Raises:
            AttributeError: If there is no module at that path.
        """
        module = self
        for name in filter(None, target.split(".")):
            if not isinstance(getattr(module, name, None), Module):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`, or it is not an nn.Module")
            module = getattr(module, name)
        return module

    # ---- Saving and loading ------------------------------------------------------------------------------------

    def state_dict(self, *, destination=None, prefix="", keep_vars=False):
        """All parameters and persistent buffers by dotted name. The tensors share their memory with the module."""
        state = OrderedDict() if destination is None else destination
        for path, module in self.named_modules(prefix=prefix.removesuffix("."), remove_duplicate=False):
            for name, value in chain(module._parameters.items(), module._buffers.items()):
                if value is not None and name not in module._non_persistent_buffers_set:
                    state[f"{path}.{name}" if path else name] = value if keep_vars else value.detach()
        return state

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Copy values by name into this module.

        Args:
            state_dict: Dotted name → glass tensor, NumPy array, or anything that NumPy reads (a PyTorch tensor).
            strict: Whether a missing or an unexpected name is an error.
            assign: Left out; values are always copied.

        Raises:
            RuntimeError: If names (when strict) or shapes differ; the message lists all of them.
        """
        refuse("load_state_dict", assign=assign)
        own = self.state_dict(keep_vars=True)
        keys = {
            "Missing": [k for k in own if k not in state_dict],
            "Unexpected": [k for k in state_dict if k not in own],
        }
        quoted = {word: ", ".join(f'"{name}"' for name in names) for word, names in keys.items() if strict and names}
        errors = [f"{word} key(s) in state_dict: {names}. " for word, names in quoted.items()]
        for name in own.keys() & state_dict.keys():
            value = state_dict[name]
            value = np.asarray(value.detach() if hasattr(value, "detach") else value)
            if value.shape == own[name].array.shape:
                own[name].array[...] = value
                own[name].version[0] += 1
            else:
                errors.append(
                    f"size mismatch for {name}: copying a param with shape torch.Size({list(value.shape)}) from "
                    f"checkpoint, the shape in current model is {own[name].shape}."
                )
        if errors:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(errors))
        return IncompatibleKeys(*keys.values())

    # ---- Changing everything at once ---------------------------------------------------------------------------

    def apply(self, fn):
        """Call `fn` on every module below and then on this one: `model.apply(init_weights)`."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode=True):
        """Training mode: dropout drops, batch norm uses the batch.

        Raises:
            ValueError: If the mode is not a bool.
        """
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        for param in self.parameters():
            param.grad = None if set_to_none or param.grad is None else param.grad * 0

    def to(self, *args, **kwargs):
        """Convert floating-point parameters and buffers to a dtype; the only device is the CPU."""
        for tensor in chain(self.parameters(), self.buffers()):
            if tensor.is_floating_point():
                tensor.data = tensor.data.to(*args, **kwargs)
                tensor.grad = None if tensor.grad is None else tensor.grad.to(*args, **kwargs)
        return self

    def float(self):
        return self.to(float32)

    def double(self):
        return self.to(float64)

    def cpu(self):
        return self

    # ---- Printing ----------------------------------------------------------------------------------------------

    def extra_repr(self):
        return ""

    def __repr__(self):
        extra = self.extra_repr().split("\n") if self.extra_repr() else []
        children = [f"({name}): {indent(repr(child))}" for name, child in self._modules.items()]
        if len(extra) == 1 and not children:
            return f"{type(self).__name__}({extra[0]})"
        lines = "".join(f"\n  {line}" for line in extra + children)
        return f"{type(self).__name__}({lines}\n)" if lines else f"{type(self).__name__}()"


KINDS = {"_parameters": Parameter, "_buffers": Tensor, "_modules": Module}


def indent(text):
    return text.replace("\n", "\n  ")
