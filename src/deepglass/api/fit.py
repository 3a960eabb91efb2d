"""`dg.fit`: your own `nn.Module`, trained by the same loop.

    data as they were given ── inputs and target ── module and loss tried on a few examples ── the loop ── answers

What people have is read in `fitting/`: arrays, Datasets, DataLoaders, generators; losses by name, object or function.
"""

import time
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from deepglass.api.fitting.learner import ModuleLearner, as_examples
from deepglass.api.fitting.preparation import Prepared, prepare
from deepglass.api.fitting.result import FittedModule
from deepglass.api.fitting.stream import Stream
from deepglass.api.fitting.wishes import Wishes
from deepglass.core import seeds
from deepglass.core.console import console
from deepglass.core.device import denormals_flushed
from deepglass.core.errors import DataError, TrainingError
from deepglass.core.run_folder import RunFolder
from deepglass.training import checkpoint, loop
from deepglass.training.config import TrainConfig
from deepglass.training.parallel import processes, restart
from deepglass.training.parallel.processes import Team
from deepglass.training.plan import seconds_of
from deepglass.training.profiling import page
from deepglass.training.profiling.profiler import Profiler
from deepglass.training.progress import Watcher
from deepglass.training.rate_finder import find_rate
from deepglass.training.transfer import Transfer, plan_transfer
from deepglass.training.watchers import watcher_for

__all__ = ["ModuleLearner", "as_examples", "fit"]


@denormals_flushed()
def fit(
    module: nn.Module,
    train: Any,
    y: Any = None,
    val: Any = None,
    *,
    loss: str | nn.Module | Callable[..., Tensor] | dict[Any, Any] | tuple[Any, ...] | None = None,
    sample_weight: Any = None,
    metrics: Any = None,
    monitor: str = "loss",
    better: str | None = None,
    steps_per_epoch: int | None = None,
    run: str | None = None,
    resume: bool = False,
    profile: bool = False,
    quiet: bool = False,
    **options: Any,
) -> FittedModule:
    """Train any module on whatever holds the data; afterwards it holds its best weights and is in evaluation mode.

    Args:
        module: Takes the inputs by order, or by name where they are in a dict; returns a tensor, or several in a tuple
            or dict. One that computes its loss itself, from a parameter called labels or targets, is asked for it.
        train: `(X, y)`, `(a, b, y)`, `([a, b], y)`, `({"left": a, "right": b}, y)`, or inputs alone and `y` beside
            them: arrays, tensors, frames of numbers, lists, sparse matrices; also a Dataset, a DataLoader, an
            IterableDataset, a generator, or a function that makes one. A loader keeps its own order and batch size.
        y: The target, or several in a tuple or dict; words become codes. Of a frame also the name of its column.
        val: The same for validation, or the share of `train` to keep for it; a tenth, drawn by the seed, when it is
            left out. Of batches whose order is not ours every tenth is kept.
        loss: A name (cross-entropy, bce, mse, mae, huber, smooth-l1, nll, hinge, poisson), an object of torch.nn, or a
            function of (outputs, target) that gives one number; a dict or tuple of these for several outputs. Guessed
            from outputs and target when it is left out: cross-entropy for whole numbers, mean squared error for others.
        sample_weight: (N,) what each example counts in the loss; 0 leaves it out.
        metrics: Names (accuracy, f1, mae, mse, rmse, r2), functions of (outputs, target) over all validation examples,
            or a dict of these; shown after every epoch and kept in the history.
        monitor: The score that chooses the best epoch: "loss", or one of the metrics.
        better: "higher" or "lower"; known of the names, guessed from the name of a function.
        steps_per_epoch: Batches that make an epoch, of a generator or loader without an end.
        run: A folder for checkpoints, weights and history; nothing is written without it.
        resume: Go on from the checkpoint in `run`.
        profile: Also find out where the time goes: shown, kept in `run` as profile.json, and in what is returned.
        quiet: Say nothing.
        options: Any field of `TrainConfig`: epochs, learning_rate, batch_size, optimizer, seed, ... `class_weights`
            may also be a dict of label → weight.

    Returns:
        History, best epoch and why training ended; `predict(X)`, `predict_proba(X)` and `outputs(X)` for new data.

    Raises:
        DataError: If the data do not fit the module or the loss, or hold numbers that are none; names input and row.
        OptionError: If an option is unknown, does not fit, or could change nothing.

    Several processes (torchrun) divide arrays and Datasets among them; batches of a loader or generator cannot be
    divided and are refused there.

    Example:
        >>> X, y = torch.randn(64, 3), torch.randint(2, (64,))
        >>> fitted = fit(nn.Linear(3, 2), (X, y), epochs=2, quiet=True)
        >>> len(fitted.history), fitted.predict(X).shape
        (2, (64,))
    """
    wishes = Wishes(options, loss, sample_weight, metrics, monitor, better, steps_per_epoch, run, resume)
    profiler, team = Profiler() if profile else None, processes.join()
    seeds.seed_everything(wishes.config.seed)
    ready = prepare(module, train, y, val, wishes, team.size)
    if not quiet:
        console.guesses(ready.guesses)
    processes.check(team, ready.config, len(ready.train), is_profiled=profile)
    folder, resume = team.broadcast_from_rank0(lambda: _open_folder(run, resume)) if run else (None, resume)
    if isinstance(ready.train, Stream):
        ready.train.go_on(folder, _epoch_of(folder) if resume else 0)
    transfer = plan_transfer(module, last_layer(module), ready.config)
    config = _with_rate(module, ready, transfer, team, quiet)
    watcher = Watcher() if quiet else watcher_for(console)
    fitted = _learn(module, ready, config, folder, resume, watcher, transfer, profiler)
    if fitted.profile and folder is not None:
        folder.write("profile.json", fitted.profile)
    if fitted.profile and not quiet:
        page.show(fitted.profile, console)
    if folder is not None and team.is_first and not fitted.interrupted:
        restart.release(folder)
    return FittedModule(**vars(fitted), classes=ready.classes, batcher=ready.batcher)


def last_layer(module: nn.Module) -> str | None:
    """Name of the last layer that has a matrix: the one that answers; None if the module is a single layer."""
    names = [name for name, part in module.named_modules() if any(p.dim() >= 2 for p in part.parameters(recurse=False))]
    return names[-1] if names and names[-1] else None


def _learn(
    module: nn.Module,
    ready: Prepared,
    config: TrainConfig,
    folder: RunFolder | None,
    resume: bool,
    watcher: Watcher,
    transfer: Transfer | None,
    profiler: Profiler | None,
) -> loop.TrainResult:
    """Fit; a loss that is lost to a number in the data that is none is called by its cause."""
    try:
        return loop.fit(
            module,
            ready.learner,
            ready.train,
            ready.val,
            config,
            folder=folder,
            resume=resume,
            deadline=time.monotonic() + seconds_of(config.budget) if config.budget else None,
            sample_weights=ready.draws,
            watcher=watcher,
            transfer=transfer,
            profiler=profiler,
        )
    except TrainingError as error:
        if not ready.batcher.bad:
            raise
        raise DataError(
            f"{ready.batcher.bad} holds numbers that are NaN or infinite: nothing can be learnt from them; fill or "
            "leave out these examples"
        ) from error


def _with_rate(module: nn.Module, ready: Prepared, transfer: Transfer | None, team: Team, quiet: bool) -> TrainConfig:
    """The configuration, with the learning rate that a range test finds where that is asked for."""
    if ready.config.learning_rate != "auto":
        return ready.config
    config = team.broadcast_from_rank0(lambda: find_rate(module, ready.learner, ready.train, ready.config, transfer))
    seeds.seed_everything(config.seed)
    if not quiet:
        console.say(f"  learning rate {config.learning_rate:.2g} (range test; change with learning_rate=)")
    return config


def _open_folder(run: str, resume: bool) -> tuple[RunFolder, bool]:
    """The run folder, and whether to go on from its checkpoint: when asked to, or restarted by torchrun."""
    folder = RunFolder(run).create()
    is_restart = restart.is_ours(folder) and folder.has(checkpoint.NAME)
    restart.mark(folder)
    return folder, resume or is_restart


def _epoch_of(folder: RunFolder | None) -> int:
    """The epoch in which the checkpoint of a folder was written."""
    if folder is None:
        return 0
    with folder.understanding(checkpoint.NAME):
        return int(checkpoint.load(folder)["progress"]["epoch"])
