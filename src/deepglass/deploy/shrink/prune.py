"""prune: the smallest weights become zero and stay zero while the others learn to do without them.

Zeros take as much room as other numbers until a file is compressed, so that the table shows the size under gzip too;
the speed stays, since runtimes multiply by zero like by anything. The weights of every layer are cut by the same
share, so that no layer is cut off.

Han, Pool, Tran & Dally (2015), Learning both Weights and Connections for Efficient Neural Networks,
https://arxiv.org/abs/1506.02626
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.core.errors import OptionError
from deepglass.data.examples import Batch, Examples
from deepglass.deploy.shrink._retrain import TaskAdapter, learn
from deepglass.deploy.shrinking.shrink_input import ShrinkInput
from deepglass.runs.run import Run

RESULT = "run"
ADVICE = "a lower --sparsity, or more --epochs to recover in"
RECOVERY = 0.25  # of the run's own epochs, where nothing is said
GENTLE = 0.3  # times the run's learning rate: the weights that stay are good already


@dataclass(frozen=True)
class Config:
    """Settings of the method."""

    sparsity: float = 0.7  # share of each layer's weights that become zero
    epochs: float | None = None  # of fine-tuning; a quarter of the run's own by default
    budget: str | None = None  # hard stop of the fine-tuning such as 90s; the run's own by default


def shrink(subject: ShrinkInput, config: Config, path: Path) -> list[str]:
    """Prune, fine-tune and write a run; returns what was done, in sentences.

    Raises:
        OptionError: If the sparsity is not a share.
    """
    if not 0 < config.sparsity < 1:
        raise OptionError(f"--sparsity: expected a share between 0 and 1, such as 0.7, got {config.sparsity:g}")
    job, network = subject.job, Run(subject.run.path, "cpu").network
    own = job.train_config
    learner = PrunedLearner(job.task, masks_of(network, config.sparsity))
    epochs = config.epochs or max(1.0, RECOVERY * float(own.epochs or 1))
    rate = GENTLE * float(own.learning_rate)  # type: ignore[arg-type]
    learn(job, learner, network, path, epochs=epochs, learning_rate=rate, budget=config.budget)
    zeros = sum(int((weights == 0).sum()) for weights in network.parameters())
    count = sum(weights.numel() for weights in network.parameters())
    return [f"{zeros:,} of {count:,} weights are zero ({zeros / count:.0%}); the file shrinks when it is compressed"]


class PrunedLearner(TaskAdapter):
    """The task, with the pruned weights set to zero before every loss and every judgement."""

    def __init__(self, task: Any, masks: dict[str, Tensor]):
        super().__init__(task)
        self.masks = masks

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        self.cut(model)
        return self.task.loss(model, batch)

    def outputs(self, model: nn.Module, examples: Examples) -> Any:
        self.cut(model)
        return self.task.outputs(model, examples)

    @torch.no_grad()
    def cut(self, model: nn.Module) -> None:
        """Set what is pruned to zero: the step before may have moved it."""
        for name, weights in model.named_parameters():
            if name in self.masks:
                self.masks[name] = self.masks[name].to(weights.device)
                weights.mul_(self.masks[name])


def masks_of(network: nn.Module, sparsity: float) -> dict[str, Tensor]:
    """For every matrix, kernel and table 1 where a weight stays, 0 where it is among the smallest.

    Example:
        >>> masks_of(nn.Linear(1000, 2), 0.7)["weight"].sum()
        tensor(600.)
    """
    masks = {}
    for name, weights in network.named_parameters():
        if weights.dim() >= 2 and (pruned := int(sparsity * weights.numel())):
            threshold = weights.detach().abs().flatten().kthvalue(pruned).values
            masks[name] = (weights.detach().abs() > threshold).to(weights.dtype)
    return masks
