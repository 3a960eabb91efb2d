"""What the training loop asks of a task, or of a module and a loss that a user brings."""

from typing import Any, Protocol

from torch import Tensor, nn

from deepglass.data.examples import Batch, Examples


class Learner(Protocol):
    """What the loop asks of a task.

    One whose loss is not a mean over examples also has `loss_weight` (see `Team.share`).
    """

    monitor: str
    better: str

    def loss(self, model: nn.Module, batch: Batch) -> Tensor: ...

    def outputs(self, model: nn.Module, examples: Examples) -> Any: ...

    def validate(self, outputs: Any) -> dict[str, float]: ...
