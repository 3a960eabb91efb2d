"""The learning-rate range test behind `--learning-rate auto`: raise the rate until the loss no longer falls.

References:
    Smith (2017), Cyclical Learning Rates for Training Neural Networks, https://arxiv.org/abs/1506.01186
"""

import copy
import math
from dataclasses import replace
from itertools import pairwise

import torch
from torch import nn

from deepglass.core import seeds
from deepglass.core.device import autocast, choose_device, choose_precision
from deepglass.core.errors import OptionError
from deepglass.data.examples import Examples
from deepglass.training.config import TrainConfig
from deepglass.training.learner import Learner
from deepglass.training.optimizers import build_optimizer
from deepglass.training.transfer import Transfer, rates_of

LOWEST, HIGHEST = 1e-6, 1.0
STEPS = 80
SMOOTHING = 0.9  # of the running mean of the loss
DIVERGED = 3.0  # times the best loss: further up there is nothing to learn
SAFETY = 0.5  # the steepest point lies close to the edge; a full training wants some room


def find_rate(
    model: nn.Module, learner: Learner, train: Examples, config: TrainConfig, transfer: Transfer | None = None
) -> TrainConfig:
    """`config` with the learning rate at which the smoothed loss falls most steeply, halved.

    Args:
        model: Left as it was; a copy is trained for `STEPS` steps.
        learner: Gives the loss of a batch.
        train: Training examples.
        config: Its optimiser, batch size and seed are used.
        transfer: Which layers learn, and how fast beside the others; all alike when left out.

    Raises:
        OptionError: If several updates take turns: no single loss falls by their rate.
    """
    if len(learner.updates(model)) > 1:
        raise OptionError(
            "--learning-rate auto looks where one loss falls fastest, here several take turns: give a number"
        )
    rates, losses = sweep(copy.deepcopy(model), learner, train, config, transfer)
    slopes = [later - earlier for earlier, later in pairwise(losses[5:])]
    steepest = min(range(len(slopes)), key=slopes.__getitem__) + 5 if slopes else 0
    return replace(config, learning_rate=float(f"{SAFETY * rates[steepest]:.2g}"))


def sweep(
    model: nn.Module, learner: Learner, train: Examples, config: TrainConfig, transfer: Transfer | None = None
) -> tuple[list[float], list[float]]:
    """Learning rates, rising by a constant factor, and the smoothed loss at each."""
    device = choose_device(config.device)
    precision = choose_precision(config.precision, device)
    model, train = model.to(device).train(), train.to(device)
    if transfer is not None:
        transfer.begin_epoch(model, 0)
    rates_asked = rates_of(transfer, learner.rates(model))
    optimizer = build_optimizer(model, replace(config, learning_rate=1.0), rates_asked)
    factors = [group["lr"] for group in optimizer.param_groups]
    batch_size = min(config.batch_size or len(train), len(train))
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    for i, indices in enumerate(_batches(len(train), batch_size, config.seed)):
        rate = LOWEST * (HIGHEST / LOWEST) ** (i / (STEPS - 1))
        for group, factor in zip(optimizer.param_groups, factors, strict=True):
            group["lr"] = rate * factor
        optimizer.zero_grad()
        with autocast(precision, device):
            loss = learner.loss(model, train.batch(indices.to(device)))
        loss.backward()
        optimizer.step()
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss.item()
        smoothed = mean / (1 - SMOOTHING ** (i + 1))
        if not math.isfinite(smoothed) or (losses and smoothed > DIVERGED * min(losses)):
            break
        rates.append(rate)
        losses.append(smoothed)
    return rates, losses


def _batches(count: int, batch_size: int, seed: int) -> list[torch.Tensor]:
    """`STEPS` batches, starting over with a new order when the examples run out."""
    batches: list[torch.Tensor] = []
    epoch = 0
    while len(batches) < STEPS:
        batches += seeds.epoch_order(count, seed, epoch).split(batch_size)
        epoch += 1
    return batches[:STEPS]
