"""A policy as exports take networks: named numbers in, an action out."""

from typing import Any

import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.core.state import read
from deepglass.rl.envs import Discrete
from deepglass.rl.running.policy import Stage
from deepglass.rl.running.settings import FOLDER, TASK

SHARPNESS = 1e4  # of the choice between values: the largest gets a probability of 1


class PolicyTask:
    """What `deploy/graphs/` asks of a task.

    Args:
        folder: Of the run.
        stage: What the run knows of its world.

    Raises:
        OptionError: If observations or actions have no form in a bundle.
    """

    name = TASK
    reading = None
    own_coverage = None  # no intervals
    mean, deviation = 0.0, 1.0  # of an action, which is in the unit of the world

    def __init__(self, folder: RunFolder, stage: Stage):
        shape, space = stage.observation_shape, stage.actions
        if len(shape) != 1:
            raise OptionError(f"a policy that sees {shape} cannot be exported yet: expected a row of numbers")
        if not isinstance(space, Discrete) and len(space.low) != 1:
            raise OptionError(f"an answer is one label or one number: {len(space.low)} numbers cannot be exported yet")
        with folder.understanding("task.json"):
            state = folder.require_record("task.json", "state")["state"]
            seen, done = (read(state, part, list[str], default=[]) for part in ("observations", "actions"))
        self.observations = seen if len(seen) == shape[0] else [f"observation {i}" for i in range(shape[0])]
        count = space.n if isinstance(space, Discrete) else 0
        self.classes = done if len(done) == count else [str(i) for i in range(count)]
        self.EXPORTS = ("observation", "probabilities" if count else "value")


class Exported(nn.Module):
    """A policy whose outputs become probabilities: logits stay, values are told apart sharply.

    Shape:
        - input: (N, features)
        - output: (N, actions)
    """

    def __init__(self, policy: nn.Module, says_values: bool):
        super().__init__()
        self.policy, self.says_values = policy, says_values

    def forward(self, observation: Tensor) -> Tensor:
        output = self.policy(observation)
        if self.says_values:
            output = (output - output.amax(dim=1, keepdim=True)) * SHARPNESS
        return output


class Bounded(nn.Module):
    """A policy whose mean action is cut at the bounds of the world.

    Shape:
        - input: (N, features)
        - output: (N, 1)
    """

    def __init__(self, policy: nn.Module, low: float, high: float):
        super().__init__()
        self.policy, self.low, self.high = policy, low, high

    def forward(self, observation: Tensor) -> Tensor:
        return torch.clamp(self.policy(observation), self.low, self.high)


def exported(policy: nn.Module, stage: Stage, model: str) -> nn.Module:
    """The network of an export."""
    if isinstance(stage.actions, Discrete):
        return Exported(policy, catalogue.constant(FOLDER, model, "OUTPUT") == "values").eval()
    return Bounded(policy, stage.actions.low[0], stage.actions.high[0]).eval()


def parts_of(folder: RunFolder, policy: nn.Module, stage: Stage, model: str) -> tuple[Any, nn.Module]:
    """The task and the network of an export."""
    return PolicyTask(folder, stage), exported(policy, stage, model)
