"""A game of two networks on the bundled ring, turn by turn. A training would keep its best epoch, and hide its way."""

from collections.abc import Iterator
from functools import cache

import torch

from deepglass.data.config import DataConfig
from deepglass.data.datasets import gaussian_ring
from deepglass.models import gan
from deepglass.tasks import Prepared
from deepglass.tasks.generation import Config, Task

BATCH, RATE, LOOK = 128, 2e-3, 100  # rows and learning rate of the generator; turns between two looks
WEAK = {"gan_loss": "minimax", "gradient_penalty": 0.0, "discriminator_rate": 0.3}  # out of balance


def played(seed: int, turns: int, spectral_norm: bool = False, **options) -> Iterator[tuple[int, float]]:
    """At how many of the eight places points are made, and which share of them lies near one, every so many turns."""
    torch.manual_seed(seed)
    judge, prepared = ring()
    (real,), task = prepared.train.tensors, Task(DataConfig(), Config(**options))
    model = gan.GAN(2, 2, config=gan.Config(spectral_norm=spectral_norm))
    (hook,), updates = task.hooks(model).values(), task.updates(model)
    optimizers = [torch.optim.Adam(u.parameters, lr=RATE * u.rate, betas=u.betas) for u in updates]
    for turn in range(1, turns + 1):
        batch = (real[torch.randint(len(real), (BATCH,))],)
        for update, optimizer in zip(updates, optimizers):
            for other in updates:
                for weight in other.parameters:
                    weight.requires_grad_(other is update)
            if turn % update.every == 0:
                optimizer.zero_grad()
                update.loss(model, batch).backward()
                optimizer.step()
        hook.update()
        if turn % LOOK == 0 or turn == turns:
            seen = judge.made.validate(judge.outputs(model, prepared.test))
            model.train()
            yield round(8 * seen["modes_covered"]), seen["near_modes"]


@cache
def ring() -> tuple[Task, Prepared]:
    """A task that knows the ring and its clumps."""
    task = Task(DataConfig(), Config())
    return task, task.prepare(gaussian_ring.load())
