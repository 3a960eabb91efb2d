"""`dg.diagnose`: why does my module not learn from my data?

module, data ── some steps under observation ── questions ── findings, the true cause first
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.api.fitting.preparation import Prepared, prepare
from deepglass.api.fitting.wishes import Wishes
from deepglass.core import seeds
from deepglass.core.errors import OptionError
from deepglass.diagnosis import Diagnosis
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.diagnosing import BUDGET
from deepglass.diagnosis.diagnosing import diagnose as ask
from deepglass.diagnosis.observing.observer import observing
from deepglass.training.optimizers import build_optimizer

USUAL_RATE, SHARE = 1e-3, 0.3  # of AdamW; of the time is for steps


def diagnose(
    module: Any,
    data: Any = None,
    y: Any = None,
    val: Any = None,
    *,
    loss: str | nn.Module | Callable[..., Tensor] | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    steps: int = 300,
    seconds: float = BUDGET,
    **options: Any,
) -> Diagnosis:
    """Ask what an experienced practitioner would ask when a network does not learn, and answer by measurement.

    The module and the optimiser are afterwards as they were.

    Args:
        module: Takes the inputs by order or by name; or the path of a script or a run folder.
        data: As for `dg.fit`: `(X, y)`, arrays, a Dataset or a loader; y: the target, where it is apart; val: held-out.
        loss: As for `dg.fit`; guessed when it is left out.
        optimizer: Yours, over the weights of the module; AdamW when it is left out.
        steps: Of training that are observed, at most.
        seconds: Of all together, at most.
        options: Any field of `TrainConfig`: batch_size, learning_rate, clip_gradient, seed, …

    Returns:
        `findings`, the true cause first, each with cause, sentence, mend, evidence, strength and lesson.

    Raises:
        DataError: If the data do not fit the module or the loss.
        OptionError: If an option is unknown.

    Example:
        >>> X, y = torch.randn(200, 3), torch.randint(2, (200,))
        >>> model = nn.Sequential(nn.Linear(3, 2), nn.Softmax(dim=1))
        >>> diagnose(model, (X, y), loss="cross-entropy", steps=20).findings[0].cause
        'double-softmax'
    """
    if isinstance(module, str | Path):
        return _of_path(module, seconds)
    if not isinstance(module, nn.Module):
        raise OptionError(f"expected a torch.nn.Module, a script or a run folder, got {type(module).__name__}")
    if data is None:
        raise OptionError("data: expected what the module learns from, such as (X, y)")
    began, wishes = time.monotonic(), Wishes({"epochs": 1} | options, loss)
    seeds.seed_everything(wishes.config.seed)
    mode, state = module.training, {name: value.clone() for name, value in module.state_dict().items()}
    kept = optimizer.state_dict() if optimizer is not None else None
    ready = prepare(module, data, y, val, wishes, 1)
    with observing() as observer:
        _train_briefly(module, ready, optimizer, steps, began + SHARE * seconds)
    observer.is_busy = True
    case = Case(type(module).__name__, observer.observed, began + seconds)
    try:
        return ask(case)
    finally:
        module.load_state_dict(state)
        module.train(mode)
        if optimizer is not None and kept is not None:
            optimizer.load_state_dict(kept)


def _train_briefly(module: nn.Module, ready: Prepared, optimizer: Any, steps: int, deadline: float) -> None:
    """The plainest loop there is, on the examples and with the loss that `dg.fit` would take."""
    config = ready.config
    if optimizer is None:
        from dataclasses import replace

        rate = config.learning_rate if isinstance(config.learning_rate, float | int) else USUAL_RATE
        optimizer = build_optimizer(module, replace(config, learning_rate=rate, optimizer=config.optimizer or "adamw"))
    size, taken, epoch = config.batch_size or 32, 0, 0
    while taken < steps:
        module.train()
        for indices in seeds.epoch_order(len(ready.train), config.seed, epoch, None).split(size):
            loss = ready.learner.loss(module, ready.train.batch(indices))
            optimizer.zero_grad()
            loss.backward()
            if config.clip_gradient:
                nn.utils.clip_grad_norm_(module.parameters(), config.clip_gradient)
            optimizer.step()
            taken += 1
            if taken >= steps or time.monotonic() > deadline:
                return
        module.eval()
        with torch.no_grad():
            ready.learner.loss(module, ready.val.batch(torch.arange(min(256, len(ready.val)))))
        epoch += 1


def _of_path(path: str | Path, seconds: float) -> Diagnosis:
    """Of a script or a run folder."""
    if Path(path).suffix == ".py":
        from deepglass.diagnosis.script import diagnose_script

        return diagnose_script(path, seconds=seconds)
    from deepglass.api.run import load

    return load(path, "cpu").diagnose(seconds=seconds)
