"""From what was handed to `dg.fit` to what the loop takes: examples, a learner, a configuration."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.api.fitting.batching import Batcher
from deepglass.api.fitting.datasets import is_numbered
from deepglass.api.fitting.given import Given, GivenArrays, given
from deepglass.api.fitting.layout import Layout
from deepglass.api.fitting.learner import JUDGED_AT_ONCE, FitLearner
from deepglass.api.fitting.metrics import direction, metrics_of
from deepglass.api.fitting.objective import Objective
from deepglass.api.fitting.settling import settle
from deepglass.api.fitting.signature import Signature, signature_of
from deepglass.api.fitting.source import is_stream
from deepglass.api.fitting.stream import Stream
from deepglass.api.fitting.weights import balance
from deepglass.api.fitting.wishes import Wishes
from deepglass.core.device import choose_device
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.data.examples import Examples
from deepglass.training.config import TrainConfig
from deepglass.training.mixing import Mixture

VAL_FRACTION = 0.1


@dataclass
class Prepared:
    """Ready for the loop.

    draws: (N,) how often each training example is drawn; None draws each once.
    classes: What the codes of the target mean.
    batcher: Makes batches of new data as of the training's.
    """

    train: Examples
    val: Examples
    learner: FitLearner
    config: TrainConfig
    draws: Tensor | None
    classes: np.ndarray | None
    batcher: Batcher
    guesses: list[Guess]


def prepare(module: nn.Module, train: Any, y: Any, val: Any, wishes: Wishes, processes: int) -> Prepared:
    """Sort the data, try the module, settle the loss, keep a part for validation.

    Raises:
        DataError: If the data do not fit the module or the loss.
        OptionError: If an option could change nothing.
    """
    signature = signature_of(module)
    if val is None and _is_validation(signature, train, y):
        y, val = None, y
    batcher, size, seed = Batcher(signature), wishes.given.get("batch_size"), wishes.config.seed
    data = given(train, y, batcher, batch_size=size, steps=wishes.steps_per_epoch, seed=seed)
    settled = settle(module, data, batcher, wishes.loss, wishes.has_weights)
    wishes.refuse_unused(data, settled.objective, processes)
    weights = wishes.weights_of(data)
    parts = _parts(data, val, size, seed)
    counts, draws = _counts(parts, wishes, weights, settled.objective, settled.classes)
    examples = [part.examples(count, seed) for part, count in zip(parts, counts, strict=True)]
    config = wishes.config
    if isinstance(examples[0], Stream):
        config = replace(config, batch_size=examples[0].batch_size)
    layout = settled.layout if counts[0] is None else settled.layout.with_weights()
    at_once = min(JUDGED_AT_ONCE, 2 * settled.batch_size if isinstance(examples[0], Stream) else _twice(config))
    learner = _learner(settled.objective, layout, wishes, config, at_once)
    train, val = examples
    return Prepared(train, val, learner, config, draws, settled.classes, batcher, settled.guesses)


def _is_validation(signature: Signature, train: Any, y: Any) -> bool:
    """Whether the third argument is validation data, as in `fit(module, (X, y), (X2, y2))`.

    A tuple of as many inputs as the module needs holds inputs alone, and what follows is their target.
    """
    if isinstance(train, tuple) and isinstance(y, tuple):
        return not len(train) == signature.required > 1
    return y is not None and (is_stream(y) or is_numbered(y))


def _parts(data: Given, val: Any, batch_size: int | None, seed: int) -> tuple[Any, Any]:
    """What is learnt from, and what chooses the epoch."""
    if val is None or isinstance(val, float | int):
        fraction = VAL_FRACTION if val is None else float(val)
        if not 0 < fraction < 1 or isinstance(val, bool):
            raise OptionError(f"val: expected a share between 0 and 1, or data as for train, got {val!r}")
        return data.divide(fraction, seed)
    own = data.batcher
    batcher = replace(own, where="val", bad="")
    classes = data.classes if isinstance(data, GivenArrays) else {}
    others = given(val, None, batcher, batch_size=batch_size, seed=seed, classes=classes, is_judged=True)
    assert own.layout is not None
    own.layout.require_same(others.first()[0], "val")
    return data, others


def _counts(
    parts: tuple[Any, Any], wishes: Wishes, weights: Tensor | None, objective: Objective, classes: np.ndarray | None
) -> tuple[tuple[Tensor | None, Tensor | None], Tensor | None]:
    """What each training and validation example counts, and how often each is drawn; None where all are alike.

    Classes are balanced in training alone: validation is judged as it is.
    """
    train, val = parts
    if wishes.class_weights is None and weights is None:
        return (None, None), None
    of_train = torch.ones(len(train)) if weights is None else weights[train.rows]
    is_drawn = weights is not None and val.batcher is train.batcher
    of_val = weights[val.rows] if is_drawn and weights is not None else torch.ones(len(val))
    if wishes.class_weights is None:
        return (of_train, of_val), None
    codes = _codes(train, objective)
    each = balance(codes, int(codes.max()) + 1 if classes is None else len(classes), wishes.class_weights, classes)[
        codes
    ]
    if wishes.class_weights == "sampler":
        return ((None, None) if weights is None else (of_train, of_val)), each
    return (of_train * each.float(), of_val), None


def _codes(data: GivenArrays, objective: Objective) -> Tensor:
    """(N,) the class of every example."""
    plan = objective.only
    assert plan is not None
    target = plan.apply(data.tensors[data.layout.num_inputs])
    target = target.argmax(dim=1) if target.dim() == 2 and target.shape[1] > 1 else target
    if target.numel() != len(target):
        raise OptionError(
            "class_weights: an example has several labels here: give sample_weight=, or a loss of your own"
        )
    return target.long().flatten()


def _twice(config: TrainConfig) -> int:
    """What can be learnt from can be judged, and some more."""
    return 2 * (config.batch_size or JUDGED_AT_ONCE)


def _learner(objective: Objective, layout: Layout, wishes: Wishes, config: TrainConfig, at_once: int) -> FitLearner:
    objective.move(choose_device(config.device))
    objective.smoothing = config.label_smoothing
    metrics = metrics_of(wishes.metrics, objective)
    return FitLearner(
        objective,
        layout,
        metrics,
        Mixture(config.mixup, config.cutmix) if config.mixup or config.cutmix else None,
        at_once,
        wishes.monitor,
        direction(wishes.monitor, wishes.better, metrics),
    )
