"""The network of several processes: a replica in each (DDP), or a part of every weight in each (FSDP).

Both leave the mean of the processes' gradients where an optimiser looks for them; the loop notices nothing. DDP waits
for one backward pass through all weights: where several updates take turns, every process keeps the bare model, and
the gradients of an update are averaged once it has them all (`Team.average_gradients`).
"""

import inspect
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from deepglass.core.errors import OptionError
from deepglass.training.config import TrainConfig
from deepglass.training.parallel import fsdp, sync_batch_norm
from deepglass.training.parallel.processes import Team
from deepglass.training.transfer import Transfer

# what PyTorch 2.13 calls forward_sync_buffers was broadcast_buffers before
SYNC_BUFFERS = next(
    name
    for name in ("forward_sync_buffers", "broadcast_buffers")
    if name in inspect.signature(DistributedDataParallel.__init__).parameters
)


def share_network(
    model: nn.Module,
    team: Team,
    config: TrainConfig,
    device: torch.device,
    transfer: Transfer | None,
    has_several: bool = False,
) -> nn.Module:
    """What computes the loss: `model` itself where one process has it all, else what wraps it.

    Args:
        model: Of the same shape in every process; the first one's weights are taken.
        team: The processes.
        config: Its shard and sync_batch_norm are used.
        device: Where it computes.
        transfer: Which layers learn when; one that is frozen for a while has no gradient to wait for.
        has_several: Whether several updates take turns.

    Raises:
        OptionError: If the model is to be divided, and several updates take turns.
    """
    if team.size == 1:
        return model
    if config.sync_batch_norm:
        sync_batch_norm.synchronize(model, team)
    if has_several and config.shard:
        raise OptionError("--shard needs one loss of the whole network, here several updates take turns: leave it out")
    if has_several:
        team.same_weights(model)
        return model
    if config.shard:
        return fsdp.shard(model, team, device)
    has_own_statistics = not config.sync_batch_norm and any(isinstance(part, _BatchNorm) for part in model.modules())
    return Replica(
        model,
        process_group=team.group(device),
        find_unused_parameters=transfer is not None and transfer.unfreeze_every > 0,
        gradient_as_bucket_view=True,
        **{SYNC_BUFFERS: has_own_statistics},  # the first one's running statistics are everybody's
    )


class Replica(DistributedDataParallel):
    """DDP that answers for whatever else the model can be asked, such as a criterion of its own."""

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "module":
                raise
            return getattr(self.module, name)


def release(model: nn.Module, team: Team) -> None:
    """After the training: the same buffers everywhere, and batch norm that needs nobody else."""
    team.same_buffers(model)
    sync_batch_norm.release(model)
