"""Mode collapse on the ring of eight: a weak discriminator causes it, and each of two cures alone removes it (K06).

The game is played turn by turn and looked at in its end. A training would keep its best epoch, and hide what happened.
"""

import pytest
import torch

from deepglass.data.config import DataConfig
from deepglass.data.datasets import gaussian_ring
from deepglass.models.gan import GAN
from deepglass.tasks.generation import Config, Task

TURNS, BATCH, RATE = 1000, 128, 2e-3
WEAK = {"gan_loss": "minimax", "gradient_penalty": 0.0, "discriminator_rate": 0.3}


def places_found(seed, **options):
    """At how many of the eight places, in their end, the generator of a game makes points."""
    torch.manual_seed(seed)
    task = Task(DataConfig(), Config(**options))
    prepared = task.prepare(gaussian_ring.load())
    (real,) = prepared.train.tensors
    model = GAN(2, 2)
    (hook,), updates = task.hooks(model).values(), task.updates(model)
    optimizers = [torch.optim.Adam(u.parameters, lr=RATE * u.rate, betas=u.betas) for u in updates]
    for _ in range(TURNS):
        batch = (real[torch.randint(len(real), (BATCH,))],)
        for update, optimizer in zip(updates, optimizers):
            for other in updates:
                for weight in other.parameters:
                    weight.requires_grad_(other is update)
            optimizer.zero_grad()
            update.loss(model, batch).backward()
            optimizer.step()
        hook.update()
    return round(8 * task.made.validate(task.outputs(model, prepared.test))["modes_covered"])


@pytest.mark.slow("plays a thousand turns of a game, four seconds")
def test_a_weak_discriminator_lets_the_generator_collapse():
    assert places_found(0, **WEAK) <= 3


@pytest.mark.slow("plays a thousand turns of a game, four seconds")
@pytest.mark.parametrize("cure", [{"gradient_penalty": 2.0}, {"discriminator_rate": 1.0}])
def test_each_cure_alone_brings_the_modes_back(cure):
    assert places_found(0, **WEAK | cure) >= 7
