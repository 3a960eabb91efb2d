"""Several processes train as one: who am I, which part of a batch is mine, what do we all do next.

    torchrun --nproc-per-node 2 -m deepglass train digits

Every process walks through the same batches in the same order and takes its part of each; DDP averages the gradients,
and a part counts for as much as it holds, so a step is the step that one process would take with the whole batch.
What depends on a clock or on one process alone (a budget, Ctrl-C, a loss that is not a number, the time of a
checkpoint) is agreed upon: nobody waits for somebody who has left. Those agreements travel over gloo, gradients over
NCCL on GPUs and over gloo on CPUs. Alone, there is nothing to agree on and nothing is sent.

References:
    Li et al. (2020), PyTorch Distributed: Experiences on Accelerating Data Parallel Training,
    https://arxiv.org/abs/2006.15704 (DDP)
"""

import atexit
import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from deepglass.core import seeds
from deepglass.core.console import console
from deepglass.core.device import choose_device
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.training.config import TrainConfig

T = TypeVar("T")
# How many steps there are, whether no further one is taken, whether it is time to save: the first process decides.
# Whether the user interrupts, whether the loss is not a number any more: one process is enough.
Wish = tuple[int, bool, bool, bool, bool]
FEWEST = 2  # examples in a part, where a batch has so many: batch norm cannot learn from one
TALK_EVERY = 0.2  # seconds between two agreements, about: so much later may a budget or Ctrl-C be obeyed
MOST_SILENT_STEPS = 100
FAREWELL = 0.2  # seconds that the threads of connections have to let go of what they sent
PATIENCE = timedelta(days=1)  # for others that judge or write; who has died is noticed by the closed connection


class Team:
    """The processes of one training, as one of them sees it.

    Args:
        rank: Which one this is; the first, 0, is the one that speaks and writes.
        size: How many there are.
        control: The group over which agreements travel.
    """

    def __init__(self, rank: int = 0, size: int = 1, control: Any = None):
        self.rank, self.size, self.control = rank, size, control
        self.is_spare = False  # whether there was nothing in the batch at hand for this process
        self.own_share: float | Tensor = 1.0  # of the loss of the batch at hand
        self.next_talk, self.last_talk = 0, (0, time.monotonic())

    def __deepcopy__(self, memo: dict) -> "Team":
        return self

    @property
    def is_first(self) -> bool:
        """Whether this process speaks and writes."""
        return self.rank == 0

    # -- batches ------------------------------------------------------------------------------------------------

    def part(self, indices: Tensor) -> Tensor:
        """This process's part of a batch (B,); where it is too small for all, some compute along without weight."""
        if self.size == 1:
            return indices
        parts = indices.tensor_split(self._takers(len(indices)))
        return parts[self.rank] if self.rank < len(parts) else indices[:FEWEST]

    def share(self, learner: Any, batch: tuple[Tensor, ...], count: int) -> float | Tensor:
        """How much of the loss of the batch at hand the mean over this process's part is; all shares sum to one.

        Args:
            learner: Its `loss_weight(batch)`, where that is not None, is what the mean in its loss divides by.
            batch: The part of this process.
            count: Examples in the whole batch.
        """
        if self.size == 1:
            return 1.0
        takers = self._takers(count)
        self.is_spare = self.rank >= takers
        self.own_share = self._share_of(learner, batch, count, takers)
        return self.own_share

    def gradient_scale(self, loss: Tensor) -> Tensor | None:
        """What `loss.backward` begins with, so that the mean over processes is the gradient of the whole batch."""
        return None if self.size == 1 else torch.ones_like(loss) * (self.own_share * self.size)

    def _share_of(self, learner: Any, batch: tuple[Tensor, ...], count: int, takers: int) -> float | Tensor:
        weight = learner.loss_weight(batch)
        if weight is None:
            return 0.0 if self.is_spare else (count // takers + (self.rank < count % takers)) / count
        weight = torch.zeros_like(weight) if self.is_spare else weight
        total = weight.clone()
        dist.all_reduce(total, group=self.group(weight.device))
        return weight / total.clamp(min=torch.finfo(total.dtype).tiny)

    def _takers(self, count: int) -> int:
        return max(1, min(self.size, count // FEWEST))

    # -- agreements ---------------------------------------------------------------------------------------------

    def broadcast_from_rank0(self, function: Callable[[], T], needs_all: bool = False) -> T:
        """What `function` gives in the first process; its errors are everybody's.

        The others wait, unless `needs_all`: then all call it, as a divided network asks for.

        Raises:
            DeepglassError: As `function` raised it in the first process.
        """
        if self.size == 1:
            return function()
        word: list[Any] = [_result_or_error(function) if self.is_first or needs_all else None]
        dist.broadcast_object_list(word, src=0, group=self.control)
        if isinstance(word[0], DeepglassError):
            raise word[0]
        return word[0]

    def should_sync(self, step: int) -> bool:
        """Whether all processes agree at this step on what to do; between two such steps nobody decides anything."""
        return self.size == 1 or step >= self.next_talk

    def all_reduce_decisions(self, step: int, wish: Wish) -> Wish:
        """Turn what each would do into what all do; every process calls it at the same steps."""
        total_steps, is_late, is_save_due, is_interrupted, is_lost = wish
        decided = (total_steps, is_late, is_save_due, self._silent_steps(step)) if self.is_first else (0,) * 4
        told = torch.tensor([*decided, is_interrupted, is_lost], dtype=torch.float64)
        dist.all_reduce(told, group=self.control)
        total, late, save, silent, interrupted, lost = told.tolist()
        self.next_talk = step + int(silent)
        return int(total), late > 0, save > 0, interrupted > 0, lost > 0

    def total(self, value: Tensor) -> float:
        """The sum of a number, or of several, over all processes."""
        return sum(self.totals(value))

    def totals(self, values: Tensor) -> list[float]:
        """The sums of each of several numbers (n,), or of a single one (), over all processes."""
        totals = values.detach().cpu().clone().reshape(-1)
        if self.size > 1:
            dist.all_reduce(totals, group=self.control)
        return totals.tolist()

    def gather(self, value: T) -> list[T]:
        """The values of all processes, in the first; an empty list in the others."""
        if self.size == 1:
            return [value]
        values: list[Any] | None = [None] * self.size if self.is_first else None
        dist.gather_object(value, values, dst=0, group=self.control)
        return values or []

    def require_same(self, facts: dict[str, int]) -> None:
        """Check that all processes were given the same.

        Raises:
            OptionError: If they were not, as when the data of two machines differ.
        """
        expected = self.broadcast_from_rank0(lambda: facts)
        for name, value in facts.items():
            if value != expected[name]:
                raise OptionError(
                    f"process {self.rank} has {value:,} {name}, the first one {expected[name]:,}: give all processes "
                    "the same files and options"
                )

    def _silent_steps(self, step: int) -> int:
        """Steps until the next agreement, at the speed since the last."""
        (before, then), now = self.last_talk, time.monotonic()
        self.last_talk = (step, now)
        pace = (step - before) / max(1e-9, now - then)  # steps per second
        return max(1, min(MOST_SILENT_STEPS, int(TALK_EVERY * pace)))

    # -- the network --------------------------------------------------------------------------------------------

    def same_weights(self, model: nn.Module) -> None:
        """Give everybody the first one's weights and buffers."""
        for tensor in (*model.parameters(), *model.buffers()) if self.size > 1 else ():
            dist.broadcast(tensor.detach(), src=0, group=self.group(tensor.device))

    def average_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Leave the mean of the processes' gradients with parameters, all of them in one message."""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if self.size == 1 or not gradients:
            return
        joined = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(joined, group=self.group(joined.device))
        sizes = [gradient.numel() for gradient in gradients]
        for gradient, part in zip(gradients, (joined / self.size).split(sizes), strict=True):
            gradient.copy_(part.view_as(gradient))

    def same_buffers(self, model: nn.Module) -> None:
        """Give everybody the first one's buffers: batch norm's running statistics differ after the last step."""
        for buffer in model.buffers() if self.size > 1 else ():
            dist.broadcast(buffer, src=0, group=self.group(buffer.device))

    def group(self, device: torch.device) -> Any:
        """The processes, connected as tensors on this device travel."""
        return self.control if device.type == "cpu" else None

    # -- what differs from process to process --------------------------------------------------------------------

    def draw_apart(self, seed: int, step: int = 0) -> None:
        """Let dropout, augmentation and mixup draw other numbers in every process, the same in every repetition."""
        if not self.is_first:
            seeds.seed_everything((seed * 1_000_003 + self.rank * 7_919 + step * 104_729) % 2**63)

    def own_states(self, loss_sum: Tensor) -> list[dict[str, Any]]:
        """The generators and the loss of each process, for a checkpoint; in the first process."""
        return self.gather({"loss_sum": loss_sum.cpu(), "random": seeds.rng_state()})

    def take_own_state(self, states: list[dict[str, Any]], loss_sum: Tensor, seed: int, step: int) -> None:
        """Take back what `own_states` gave; where the number of processes has changed, new ones draw apart."""
        is_same = len(states) == self.size
        if is_same or self.is_first:
            seeds.set_rng_state(states[self.rank]["random"])
        else:
            self.draw_apart(seed, step)
        sums = torch.stack([state["loss_sum"] for state in states])
        loss_sum.copy_(sums[self.rank] if is_same else sums.sum(0) / self.size)


def join() -> Team:
    """The processes that `torchrun` started, or this one alone; only the first one goes on speaking."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or not {"RANK", "MASTER_ADDR", "MASTER_PORT"} <= os.environ.keys():
        return Team()
    control = _connect()
    if dist.get_rank():
        console.mode = "silent"
    return Team(dist.get_rank(), dist.get_world_size(), control)


def check(team: Team, config: TrainConfig, count: int, engine: str = "torch", is_profiled: bool = False) -> None:
    """Refuse, before anything is written, what several processes cannot do.

    Args:
        team: The processes.
        config: With every field resolved.
        count: Training examples.
        engine: That computes the network.
        is_profiled: Whether somebody wants to know where the time goes.

    Raises:
        OptionError: If something cannot be done; says what to do instead.
    """
    if team.size == 1:
        if config.shard:
            raise OptionError("--shard divides a model among processes, here is one: torchrun --nproc-per-node N -m …")
        return
    if is_profiled:
        raise OptionError("--profile watches the steps of one process: leave it out, or train without torchrun")
    batch_size = min(config.batch_size or count, count)
    if batch_size < team.size:
        raise OptionError(
            f"--batch-size: {batch_size} examples are the whole batch of {team.size} processes: expected {team.size} "
            "or more; raise it, or start fewer processes"
        )
    device = choose_device(config.device)
    if device.type == "mps":
        raise OptionError("several processes compute on CPUs or on CUDA GPUs: add --device cpu")
    if device.type == "cuda" and _local_rank() >= torch.cuda.device_count():
        raise OptionError(
            f"process {_local_rank()} of this machine has no GPU of its own, there are {torch.cuda.device_count()}: "
            "lower --nproc-per-node, or add --device cpu"
        )
    refused = {
        "--ema": bool(config.shard and config.ema),
        "--learning-rate auto": config.shard and config.learning_rate == "auto",
        "--engine glass": engine == "glass" and (config.shard or config.sync_batch_norm),
    }
    for option in (name for name, is_refused in refused.items() if is_refused):
        beside = "--shard" if config.shard else "--sync-batch-norm"
        raise OptionError(f"{option} needs the whole network in one process, {beside} does not: leave one of them out")


def _result_or_error(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except DeepglassError as error:
        return error


def _local_rank() -> int:
    return int(os.environ.get("LOCAL_RANK", os.environ["RANK"]))


@cache
def _connect() -> Any:
    """Meet the others, once; returns the group for agreements."""
    has_gpu = torch.cuda.is_available()
    if has_gpu and _local_rank() < torch.cuda.device_count():
        torch.cuda.set_device(_local_rank())
    if not dist.is_initialized():
        store, rank, size = next(dist.rendezvous("env://"))  # pyright: ignore[reportPrivateImportUsage]
        backend = "nccl" if has_gpu else "gloo"
        dist.init_process_group(backend, store=_own_page(store, rank, size), rank=rank, world_size=size)
        atexit.register(_leave)
    return dist.new_group(backend="gloo", timeout=PATIENCE)


def _leave() -> None:
    """End all connections while Python is still whole.

    Their threads let go of tensors a moment after the last word, and need the interpreter for it; one that comes too
    late aborts the process, and torchrun would begin a finished training anew. A connection ends with the last that
    holds it, once all is delivered; after an error something may be on its way for ever, and nobody waits for it.
    """
    time.sleep(FAREWELL)  # PyTorch keeps what FSDP has used
    if not hasattr(sys, "last_value"):  # what Python keeps of an error that ended the program
        _connect.cache_clear()
        gc.collect()  # trainers, whose pieces hold each other
    dist.destroy_process_group()


def _own_page(store: Any, rank: int, size: int) -> Any:
    """The part of torchrun's notebook that belongs to this life of the processes.

    PyTorch 2.13 keeps the notebook over a restart, where gloo would read the addresses of those who died.
    """
    life = f"{os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)}/{size}"
    count = store.add(f"deepglass/{life}/{rank}", 1)
    return dist.PrefixStore(f"deepglass/{life}/{count}", store)  # pyright: ignore[reportPrivateImportUsage]
