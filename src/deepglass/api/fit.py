"""`dg.fit`: your own `nn.Module`, trained by the same loop."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.api.options import train_config
from deepglass.core import seeds
from deepglass.core.console import console
from deepglass.core.device import denormals_flushed, device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.data.examples import Batch, Examples, InMemory, in_order
from deepglass.training import distributed, elastic, loop, profile_page
from deepglass.training.plan import seconds_of
from deepglass.training.profile import Profiler
from deepglass.training.progress import Watcher
from deepglass.training.transfer import plan_transfer
from deepglass.training.watchers import watcher_for

JUDGED_AT_ONCE = 1024  # examples
LossFunction = Callable[[Tensor, Tensor], Tensor]


@denormals_flushed()
def fit(
    module: nn.Module,
    train: tuple[Any, ...],
    val: tuple[Any, ...] | None = None,
    *,
    loss: LossFunction | None = None,
    run: str | None = None,
    resume: bool = False,
    profile: bool = False,
    quiet: bool = False,
    **options: Any,
) -> loop.Fitted:
    """Train any module on arrays; afterwards it holds its best weights and is in evaluation mode.

    Args:
        module: Takes the inputs in the order given and returns a tensor.
        train: Inputs and, last, the target: arrays or tensors with one row an example.
        val: The same for validation; a tenth of `train`, drawn by the seed, when it is left out.
        loss: Of (outputs, target), averaged over the batch. Cross-entropy for integer targets and mean squared
            error for others when it is left out.
        run: A folder for checkpoints, weights and history; nothing is written without it.
        resume: Go on from the checkpoint in `run`.
        profile: Also find out where the time goes: shown, kept in `run` as profile.json, and in what is returned.
        quiet: Say nothing.
        options: Any field of `TrainConfig`: epochs, learning_rate, batch_size, optimizer, seed, ...

    Returns:
        History, best epoch and why training ended.

    Raises:
        DataError: If the arrays have different lengths.
        OptionError: If an option is unknown or does not fit.

    Example:
        >>> X, y = torch.randn(64, 3), torch.randint(2, (64,))
        >>> fitted = fit(nn.Linear(3, 2), (X, y), epochs=2, quiet=True)
        >>> len(fitted.history)
        2
    """
    profiler, config = Profiler() if profile else None, train_config(options, {})
    if config.pretrained:
        raise OptionError("pretrained: the module is your own, so load its weights into it before you call fit")
    seeds.seed_everything(config.seed)
    examples = as_examples(train)
    if val is None:
        order = seeds.epoch_order(len(examples), config.seed, -1)
        held = max(1, len(order) // 10)
        examples, val_examples = examples.subset(order[held:]), examples.subset(order[:held])
    else:
        val_examples = as_examples(val)
    at_once = min(JUDGED_AT_ONCE, 2 * (config.batch_size or JUDGED_AT_ONCE))  # what can be learnt from can be judged
    learner = ModuleLearner(loss or default_loss(examples.tensors[-1]), at_once)
    team = distributed.join()
    distributed.check(team, config, len(examples), is_profiled=profile)
    folder, resume = team.first_says(lambda: _open_folder(run, resume)) if run else (None, resume)
    fitted = loop.fit(
        module,
        learner,
        examples,
        val_examples,
        config,
        folder=folder,
        resume=resume,
        deadline=time.monotonic() + seconds_of(config.budget) if config.budget else None,
        watcher=Watcher() if quiet else watcher_for(console),
        transfer=plan_transfer(module, last_layer(module), config),
        profiler=profiler,
    )
    if fitted.profile and folder is not None:
        folder.write("profile.json", fitted.profile)
    if fitted.profile and not quiet:
        profile_page.show(fitted.profile, console)
    if folder is not None and team.is_first and not fitted.interrupted:
        elastic.release(folder)
    return fitted


def _open_folder(run: str, resume: bool) -> tuple[RunFolder, bool]:
    """The run folder, and whether to go on from its checkpoint: when asked to, or restarted by torchrun."""
    folder = RunFolder(run).create()
    is_restart = elastic.is_ours(folder) and (folder / "checkpoint.pt").is_file()
    elastic.mark(folder)
    return folder, resume or is_restart


def last_layer(module: nn.Module) -> str | None:
    """Name of the last layer that has a matrix: the one that answers; None if the module is a single layer."""
    names = [name for name, part in module.named_modules() if any(p.dim() >= 2 for p in part.parameters(recurse=False))]
    return names[-1] if names and names[-1] else None


@dataclass
class ModuleLearner:
    """The little that the loop asks of a task, for a bare module and a loss function."""

    loss_function: LossFunction
    at_once: int = JUDGED_AT_ONCE  # examples that are judged together
    monitor: str = "loss"
    better: str = "lower"

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        return self.loss_function(model(*batch[:-1]), batch[-1])

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples) -> float:
        """The mean loss over all examples."""
        return mean_loss(self, model, examples, self.at_once)

    def validate(self, outputs: float) -> dict[str, float]:
        return {"loss": outputs}


def mean_loss(learner: Any, model: nn.Module, examples: Examples, batch_size: int = JUDGED_AT_ONCE) -> float:
    """The loss of a model in evaluation mode over all examples."""
    model.eval()
    batches = in_order(examples, batch_size, device_of(model))
    return sum(float(learner.loss(model, batch)) * len(batch[-1]) for batch in batches) / len(examples)


def as_examples(arrays: tuple[Any, ...]) -> InMemory:
    """Arrays as tensors: floats become float32, integer targets int64.

    Raises:
        DataError: If their lengths differ.
    """
    tensors = [torch.as_tensor(np.asarray(array) if not isinstance(array, Tensor) else array) for array in arrays]
    lengths = {len(tensor) for tensor in tensors}
    if len(lengths) != 1:
        raise DataError(f"expected arrays of one length, got {', '.join(str(len(t)) for t in tensors)} rows")
    tensors = [t.float() if t.dtype == torch.float64 else t for t in tensors]
    if not tensors[-1].is_floating_point():
        tensors[-1] = tensors[-1].long()
    return InMemory(*tensors)


def default_loss(target: Tensor) -> LossFunction:
    """Cross-entropy for classes, mean squared error for values."""
    return F.mse_loss if target.is_floating_point() else F.cross_entropy
