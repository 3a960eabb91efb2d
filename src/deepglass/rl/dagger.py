"""DAgger: the learner drives, the expert says what it would have done, and all that was ever said is learnt from.

    round 1     the expert drives, as in behaviour cloning
    from then   π drives; the memory grows by its states s ~ π, with the expert's answers a*(s)

A clone is asked where the expert goes, and tested where it goes itself. Here both are the same: its own mistakes are
shown to the expert, who says how to come back, and over T steps the mistakes add up to the order of T and not T².

References:
    Ross, Gordon and Bagnell (2011), A reduction of imitation learning and structured prediction to no-regret online
    learning, https://arxiv.org/abs/1011.0686 (their β is 1 in the first round and 0 in all others, which they advise)
"""

from dataclasses import dataclass

import numpy as np
import torch

from deepglass.rl import cloning
from deepglass.rl.parts.networks import bounded

ACTIONS = ("continuous",)
STEPS = 20_000  # of the world, when nothing else is asked for
NEEDS_EXPERT = True


@dataclass(frozen=True)
class Config:
    num_envs: int = 10  # copies of the world in which it is driven
    num_steps: int = 100  # in each copy between two rounds of learning
    num_updates: int = 200  # in a round, on all that has been seen so far
    batch_size: int = 256  # steps in one update
    hidden_dim: int = 64  # width of both layers
    learning_rate: float = 3e-3  # falls to 0 in a straight line
    normalize: bool = True  # observations by their running deviation


class Learner(cloning.Learner):
    """Behaviour cloning, except that from the second round on it goes where the learner leads."""

    def acts(self, told: np.ndarray) -> np.ndarray:
        """What is done where the expert says `told`: that in the first round, then what the policy says."""
        if not len(self.seen):
            return told
        with torch.no_grad():
            return bounded(self.policy(torch.from_numpy(self.observation)), self.env.actions)
