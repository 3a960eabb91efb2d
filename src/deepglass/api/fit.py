"""`dg.fit`: your own `nn.Module`, trained by the same loop.

    data as they were given ── inputs and target ── module and loss tried on a few examples ── the loop ── answers

What people have is read in `fitting/`: arrays, Datasets, DataLoaders, generators; losses by name, object or function.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.api.fitting import effects
from deepglass.api.fitting.batching import Batcher
from deepglass.api.fitting.given import Given, GivenArrays, GivenBatches, given
from deepglass.api.fitting.learner import JUDGED_AT_ONCE, FitLearner, ModuleLearner, as_examples, mean_loss
from deepglass.api.fitting.metrics import direction, metrics_of
from deepglass.api.fitting.result import FittedModule
from deepglass.api.fitting.setup import Settled, settle
from deepglass.api.fitting.signature import signature_of
from deepglass.api.fitting.stream import Stream
from deepglass.api.fitting.weights import balance, sample_weights
from deepglass.api.options import train_config
from deepglass.core import seeds
from deepglass.core.console import console
from deepglass.core.device import choose_device, denormals_flushed
from deepglass.core.errors import DataError, OptionError, TrainingError
from deepglass.core.run_folder import RunFolder
from deepglass.training import checkpoint, distributed, elastic, loop, profile_page
from deepglass.training.mixing import Mixture
from deepglass.training.plan import seconds_of
from deepglass.training.profile import Profiler
from deepglass.training.progress import Watcher
from deepglass.training.rate_finder import find_rate
from deepglass.training.transfer import plan_transfer
from deepglass.training.watchers import watcher_for

__all__ = ["FitLearner", "ModuleLearner", "as_examples", "fit", "mean_loss"]
VAL_FRACTION = 0.1


@denormals_flushed()
def fit(
    module: nn.Module,
    train: Any,
    y: Any = None,
    val: Any = None,
    *,
    loss: str | nn.Module | Callable[..., Tensor] | dict | tuple | None = None,
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
    if val is None and _is_validation(module, train, y):
        y, val = None, y
    wish = effects.Wish(options, sample_weight, steps_per_epoch, run, resume, loss)
    profiler, config = Profiler() if profile else None, train_config(wish.options, {})
    team = distributed.join()
    seeds.seed_everything(config.seed)
    batcher = Batcher(signature_of(module))
    data = given(train, y, batcher, batch_size=wish.options.get("batch_size"), steps=steps_per_epoch, seed=config.seed)
    settled = settle(module, data, batcher, loss, wish.has_weights)
    wish.refuse_unused(config, data, settled, team.size)
    parts = _parts(data, val, wish, settled, config.seed)
    if not quiet:
        console.guesses(settled.guesses)
    examples, val_examples, draws = _examples(parts, wish, settled, config.seed)
    config = wish.fitted_to(examples, config)
    chosen = metrics_of(metrics, settled.objective)
    learner = FitLearner(
        settled.objective,
        batcher.layout or settled.layout,
        chosen,
        Mixture(config.mixup, config.cutmix) if config.mixup or config.cutmix else None,
        min(JUDGED_AT_ONCE, 2 * (config.batch_size or JUDGED_AT_ONCE)),  # what can be learnt from can be judged
        monitor,
        direction(monitor, better, chosen),
    )
    learner.objective.smoothing = config.label_smoothing
    distributed.check(team, config, len(examples), is_profiled=profile)
    folder, resume = team.first_says(lambda: _open_folder(run, resume)) if run else (None, resume)
    if isinstance(examples, Stream):
        examples.folder = folder
        examples.epoch = _epoch_of(folder) if resume else 0
    transfer = plan_transfer(module, last_layer(module), config)
    if config.learning_rate == "auto":
        config = team.first_says(lambda: find_rate(module, learner, examples, config, transfer))
        seeds.seed_everything(config.seed)
        if not quiet:
            console.say(f"  learning rate {config.learning_rate:.2g} (range test; change with learning_rate=)")
    begin = partial(
        loop.fit,
        module,
        learner,
        examples,
        val_examples,
        config,
        folder=folder,
        resume=resume,
        deadline=time.monotonic() + seconds_of(config.budget) if config.budget else None,
        sample_weights=draws,
        watcher=Watcher() if quiet else watcher_for(console),
        transfer=transfer,
        profiler=profiler,
    )
    fitted = _explained(begin, batcher)
    if fitted.profile and folder is not None:
        folder.write("profile.json", fitted.profile)
    if fitted.profile and not quiet:
        profile_page.show(fitted.profile, console)
    if folder is not None and team.is_first and not fitted.interrupted:
        elastic.release(folder)
    return FittedModule(**vars(fitted), classes=settled.classes, batcher=batcher, objective=settled.objective)


def last_layer(module: nn.Module) -> str | None:
    """Name of the last layer that has a matrix: the one that answers; None if the module is a single layer."""
    names = [name for name, part in module.named_modules() if any(p.dim() >= 2 for p in part.parameters(recurse=False))]
    return names[-1] if names and names[-1] else None


# -- data -----------------------------------------------------------------------------------------------------------


def _is_validation(module: nn.Module, train: Any, y: Any) -> bool:
    """Whether what stands in the third place is validation data, as in `fit(module, (X, y), (X2, y2))`.

    A tuple of as many inputs as the module needs is a tuple of inputs, and what follows is their target.
    """
    if y is None or isinstance(y, str):
        return False
    if isinstance(train, tuple) and isinstance(y, tuple):
        required = signature_of(module).required
        return not (len(train) == required > 1)
    return not isinstance(train, tuple) and type(train) is type(y) and not _is_plain_array(y)


def _is_plain_array(value: Any) -> bool:
    from deepglass.api.fitting.arrays import is_array

    return is_array(value) or isinstance(value, list | tuple | dict)


def _parts(data: Given, val: Any, wish: "effects.Wish", settled: Settled, seed: int) -> tuple[Any, Any]:
    """What is learnt from, and what chooses the epoch."""
    if val is None or isinstance(val, float | int):
        fraction = VAL_FRACTION if val is None else float(val)
        if not 0 < fraction < 1 or isinstance(val, bool):
            raise OptionError(f"val: expected a share between 0 and 1, or data as for train, got {val!r}")
        return data.divide(fraction, seed)
    layout = settled.layout
    batcher = Batcher(data.batcher.signature, "val", layout, data.batcher.casts, data.batcher.objective)
    classes = data.classes if isinstance(data, GivenArrays) else {}
    others = given(val, None, batcher, batch_size=wish.options.get("batch_size"), seed=seed, classes=classes)
    layout.require_same(others.first()[0], "val")
    return data, others


def _examples(parts: tuple[Any, Any], wish: "effects.Wish", settled: Settled, seed: int) -> tuple[Any, Any, Tensor | None]:
    """Examples for the loop, their weights among them, and how often each is drawn."""
    train, val = parts
    weights, draws = wish.weights, None
    if weights is not None:
        weights = weights[train.rows]
    if wish.class_weights is not None:
        plan = settled.objective.only
        assert plan is not None
        codes = plan.apply(train.tensors[settled.layout.num_inputs]).long().flatten()
        num_classes = plan.num_classes or 2
        each = balance(codes, num_classes, wish.class_weights, settled.classes)[codes]
        if wish.class_weights == "sampler":
            draws = each
        else:
            weights = each.float() if weights is None else weights * each.float()
    own = None if weights is None else torch.ones(len(val)) if wish.weights is None else _of_val(train, val, wish.weights)
    if weights is not None:
        train.batcher.layout = settled.layout.with_weights()
    return train.examples(weights, seed), val.examples(own, seed), draws


def _of_val(train: Any, val: Any, weights: Tensor) -> Tensor:
    """Weights of validation examples that were drawn from the training data; others count alike."""
    return weights[val.rows] if val.batcher is train.batcher else torch.ones(len(val))


# -- learning -------------------------------------------------------------------------------------------------------


def _explained(begin: Callable[[], loop.Fitted], batcher: Batcher) -> loop.Fitted:
    """Fit; a loss that is lost to a number in the data that is none is called by its cause."""
    try:
        return begin()
    except TrainingError as error:
        if not batcher.bad:
            raise
        raise DataError(
            f"{batcher.bad} holds numbers that are NaN or infinite: nothing can be learnt from them; fill or leave out these "
            "examples"
        ) from error


def _open_folder(run: str, resume: bool) -> tuple[RunFolder, bool]:
    """The run folder, and whether to go on from its checkpoint: when asked to, or restarted by torchrun."""
    folder = RunFolder(run).create()
    is_restart = elastic.is_ours(folder) and (folder / "checkpoint.pt").is_file()
    elastic.mark(folder)
    return folder, resume or is_restart


def _epoch_of(folder: RunFolder | None) -> int:
    """The epoch in which the checkpoint of a folder was written."""
    return checkpoint.load(folder / "checkpoint.pt")["progress"]["epoch"] if folder is not None else 0
