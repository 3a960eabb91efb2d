"""A weight that is computed from the one that learns, each time it is asked for.

    register_parametrization(layer, "weight", rule)      layer.weight == rule(layer.parametrizations.weight.original)

The layer does not notice: it asks for `self.weight` as before. What is saved and trained is `original`; gradients
reach it through the rule.
"""

from ...left_out import left_out
from ..container import ModuleDict, ModuleList


class ParametrizationList(ModuleList):
    """The rules of one weight in their order, and the weight that they begin with."""

    def __init__(self, rules, original):
        super().__init__()
        self.original = original
        self.extend(rules)

    def forward(self):
        value = self.original
        for rule in self:
            value = rule(value)
        return value


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """Let `parametrization`, a module, compute a parameter from the one that is there now; later ones come after it.

    Args:
        module: The layer that owns the parameter; it is changed, and returned.
        tensor_name: Such as "weight".
        parametrization: Its forward takes the parameter and returns what the layer sees.
        unsafe: Nothing here is checked, so this changes nothing.

    Raises:
        ValueError: If the layer has no parameter of that name.
    """
    if is_parametrized(module, tensor_name):
        module.parametrizations[tensor_name].append(parametrization)
    elif module._parameters.get(tensor_name) is None:
        raise ValueError(f"expected the name of a parameter of {type(module).__name__}, got {tensor_name!r}")
    else:
        rules = ParametrizationList([parametrization], module._parameters.pop(tensor_name))
        if not is_parametrized(module):
            module.__class__ = type(f"Parametrized{type(module).__name__}", (type(module),), {})
            module.parametrizations = ModuleDict()
        module.parametrizations[tensor_name] = rules
        setattr(type(module), tensor_name, property(lambda module: module.parametrizations[tensor_name]()))
    return module


def is_parametrized(module, tensor_name=None):
    """Whether a parameter of the module is computed, or the one of that name."""
    computed = module._modules.get("parametrizations", ())
    return len(computed) > 0 if tensor_name is None else tensor_name in computed


__getattr__ = left_out("glass.nn.utils.parametrize")
