"""The rival of a meta-learner: a net of the same kind, pre-trained on all rows of all groups, that adapts as it does.

Its rate of adapting is the best of several on the groups of validation, which the meta-learner's is not.
"""

from collections.abc import Callable

import torch
from torch import nn

from deepglass.rivals import Time
from deepglass.tasks.learners import pretraining
from deepglass.training.adapting import Episodes

STEPS, GROUPS, RATE = 500, 25, 5e-3  # after so many its error no longer falls: it is the mean of the sines
FACTORS = (0.01, 0.03, 0.1, 0.3, 1.0)  # of the rate with which the meta-learner adapts
LOOK = 50  # steps between two looks at the clock


def pretrained(
    build: Callable[[], nn.Module], batch: Callable[[torch.Tensor], Episodes], count: int, time: Time, seed: int
) -> nn.Module | None:
    """The net; None where the time was up before it had learnt.

    Args:
        build: Makes it.
        batch: The training groups at some positions.
        count: How many there are.
        time: That it may take.
        seed: Of its weights and of the order of the groups.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = build()
        optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
        for step in range(STEPS):
            if step % LOOK == 0 and time.is_up():
                return None
            loss = pretraining.loss(net, batch(torch.randint(count, (min(GROUPS, count),))), 0, 0.0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()
