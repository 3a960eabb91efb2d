"""FSDP: every process holds a part of each weight, of its gradient and of its optimiser state.

    the weights of a block are gathered when the block computes, and let go again; gradients are summed into the parts

For models that do not fit one device: memory for weights, gradients and optimiser falls with the number of processes,
at the price of sending the weights twice per step. Checkpoints hold whole tensors, so another number of processes, or
one alone without sharding, goes on from them.

References:
    Rajbhandari et al. (2020), ZeRO: Memory Optimizations Toward Training Trillion Parameter Models,
    https://arxiv.org/abs/1910.02054
    Zhao et al. (2023), PyTorch FSDP: Experiences on Scaling Fully Sharded Data Parallel,
    https://arxiv.org/abs/2304.11277
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.training.parallel.processes import Team
from deepglass.zoo.key_report import address


def shard(model: nn.Module, team: Team, device: torch.device) -> nn.Module:
    """Divide the parameters of `model` among the processes, each member of its lists of blocks for itself.

    The first one's weights are taken; parts move to `device`, so the whole never has to fit there.
    """
    import torch.distributed as dist
    from torch.distributed.device_mesh import DeviceMesh
    from torch.distributed.fsdp import fully_shard

    mesh = DeviceMesh.from_group(team.group(device) or dist.group.WORLD, device.type)
    for tensor in (*model.parameters(), *model.buffers()):
        dist.broadcast(tensor.detach(), src=0, group=team.group(tensor.device))
    for block in blocks(model):
        fully_shard(block, mesh=mesh)
    fully_shard(model, mesh=mesh)
    return model


def blocks(model: nn.Module) -> list[nn.Module]:
    """The members of the model's lists that hold parameters; a list inside a member stays with it."""
    found: list[nn.Module] = []
    for child in model.children():
        if isinstance(child, nn.ModuleList | nn.Sequential):
            found += [member for member in child if any(True for _ in member.parameters())]
        else:
            found += blocks(child)
    return found


def copied(state: Any, seen: dict[tuple, Tensor] | None = None) -> Any:
    """A copy of a state on the CPU, in which every divided tensor is whole and tied ones stay one.

    All processes have to ask for it together.
    """
    seen = {} if seen is None else seen
    if isinstance(state, Mapping):
        return {name: copied(value, seen) for name, value in state.items()}
    if isinstance(state, list):
        return [copied(value, seen) for value in state]
    if is_divided(state):
        return state.full_tensor().to("cpu", copy=True)
    if not isinstance(state, Tensor):
        return state
    if address(state) not in seen:
        seen[address(state)] = state.detach().to("cpu", copy=True)
    return seen[address(state)]


def divided_like(state: Mapping[str, Tensor], like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Whole tensors cut as those of the same name in `like` are."""
    return {name: cut(tensor, like[name]) if name in like else tensor for name, tensor in state.items()}


def divide_optimizer_state(state: dict[str, Any], optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """The state of an optimiser with its whole tensors cut as the parameters are that they belong to."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    own = {
        place: {name: cut(value, parameters[place]) for name, value in values.items()}
        for place, values in state["state"].items()
    }
    return {**state, "state": own}


def cut(value: Any, like: Tensor) -> Any:
    """This process's part of a whole tensor, where `like` is divided and of the same shape; else the value itself."""
    if not is_divided(like) or not isinstance(value, Tensor) or value.shape != like.shape:
        return value
    from torch.distributed.tensor import distribute_tensor

    mesh = like.device_mesh  # type: ignore[attr-defined]
    return distribute_tensor(value.to(like.device), mesh, like.placements)  # type: ignore[attr-defined]


def is_divided(tensor: Any) -> bool:
    """Whether a tensor is one of FSDP's, of which every process holds a part."""
    return hasattr(tensor, "full_tensor")
