"""Optimizer: what all optimisers share. A new one has a constructor and `update`, which changes one array in place."""

from collections import defaultdict

import numpy as np

from ..autograd import enable_grad
from ..left_out import refuse
from ..tensor import Tensor, wrap


class Optimizer:
    """Groups of parameters, each with its own settings, and what is remembered about each parameter.

    Args:
        params: Tensors, or groups `{"params": [...], "lr": ...}`.
        defaults: Settings for groups that do not bring their own.
        maximize: Whether to go up instead of down.
        foreach, fused: Change only PyTorch's speed.
        capturable, differentiable: Left out.

    Attributes:
        param_groups: List of dictionaries, `params` and the settings.
        state: For each parameter the arrays that `update` keeps from step to step.

    Raises:
        TypeError: If `params` is one tensor, or holds something else than tensors.
        ValueError: If there are none, one comes twice, or one is not a leaf.
    """

    def __init__(
        self, params, defaults, *, maximize=False, foreach=None, fused=None, capturable=False, differentiable=False
    ):
        refuse(type(self).__name__, capturable=capturable, differentiable=differentiable)
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{type(params).__name__}: put it into a list"
            )
        options = {"capturable": capturable, "differentiable": differentiable, "foreach": foreach, "fused": fused}
        self.defaults = defaults | {"maximize": maximize} | options
        self.state, self.param_groups = defaultdict(dict), []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def step(self, closure=None):
        """Change every parameter that has a gradient; return what `closure` returns, if given."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    self.update(param.array, self.gradient(param, group), self.state[param], group)
                    param.version[0] += 1
        return loss

    def update(self, weight, grad, state, group):
        """One step for one parameter.

        Args:
            weight: The parameter's array, to be changed in place.
            grad: Its gradient, of the same shape; not to be changed.
            state: What to remember, empty at the first step.
            group: The settings.
        """
        raise NotImplementedError

    def gradient(self, param, group):
        """∂L/∂w, its sign changed to maximise, and plus λw: the gradient of λ‖w‖²/2."""
        grad = -param.grad.array if group["maximize"] else param.grad.array
        return grad + group["weight_decay"] * param.array if group["weight_decay"] else grad

    def zero_grad(self, set_to_none=True):
        for param in self._all_params():
            param.grad = None if set_to_none or param.grad is None else param.grad * 0

    def add_param_group(self, param_group):
        """Train more parameters, with settings of their own.

        Raises:
            TypeError: If something is not a tensor.
            ValueError: If a tensor is not a leaf, or comes twice.
        """
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        for param in params:
            if not isinstance(param, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}")
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        everything = self._all_params() + params
        if len(set(everything)) < len(everything):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(self.defaults | param_group | {"params": params})

    def state_dict(self):
        """State and settings, parameters replaced by their numbers; arrays become tensors, sharing their memory."""
        number = {param: i for i, param in enumerate(self._all_params())}
        groups = [group | {"params": [number[param] for param in group["params"]]} for group in self.param_groups]
        state = {number[param]: {k: _saved(v) for k, v in kept.items()} for param, kept in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Go on where another optimiser stopped.

        Raises:
            ValueError: If the groups differ in number or length.
        """
        groups = state_dict["param_groups"]
        if [len(group["params"]) for group in groups] != [len(group["params"]) for group in self.param_groups]:
            raise ValueError("loaded state dict contains parameter groups that don't match the optimizer's groups")
        for own, group in zip(self.param_groups, groups):
            own.update({name: value for name, value in group.items() if name != "params"})
        param_of = dict(zip((number for group in groups for number in group["params"]), self._all_params()))
        self.state.clear()
        for number, kept in state_dict["state"].items():
            param = param_of[number]
            self.state[param] = {name: _loaded(name, value, param.array.dtype) for name, value in kept.items()}

    def _all_params(self):
        return [param for group in self.param_groups for param in group["params"]]

    def __repr__(self):
        lines = []
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}"]
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([f"{type(self).__name__} (", *lines, ")"])


def require(is_valid, name, value):
    """Complain about a setting in PyTorch's words.

    Raises:
        ValueError: If the setting is not valid.
    """
    if not is_valid:
        raise ValueError(f"Invalid {name}: {value}")


def require_positive(**settings):
    """Complain about the first setting that is below zero; `lr` and `eps` have longer names in PyTorch's messages."""
    for name, value in settings.items():
        require(value >= 0, {"lr": "learning rate", "eps": "epsilon value"}.get(name, f"{name} value"), value)


def _saved(value):
    return wrap(np.array(value, dtype=np.float32) if isinstance(value, int) else value)


def _loaded(name, value, dtype):
    value = np.asarray(value.detach() if hasattr(value, "detach") else value)
    return int(value) if name == "step" else value.astype(dtype)
