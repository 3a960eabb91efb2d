"""What the training loop asks of a task, or of a module and a loss that a user brings."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor, nn

from deepglass.data.examples import Batch, Examples
from deepglass.training.update import StepHook, Update


class Learner(Protocol):
    """What the loop asks of a task; whoever inherits from it writes the first three and the two attributes.

    monitor: The validation metric that chooses the best epoch; better: "lower" or "higher".
    steps_repeat: Whether `loss` decides nothing in Python that differs from step to step.
    augments: Whether a training example may look different every time.
    """

    monitor: str
    better: str
    steps_repeat: bool = False
    augments: bool = False

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The number that a step makes smaller, as a rule the mean over the batch."""
        ...

    def outputs(self, model: nn.Module, examples: Examples) -> Any:
        """What the model says of all validation examples."""
        ...

    def validate(self, outputs: Any) -> dict[str, float]:
        """The validation metrics of these outputs."""
        ...

    def updates(self, model: nn.Module) -> Sequence[Update]:
        """What a step changes, in this order; none stands for one update of all weights towards `loss`."""
        return ()

    def rates(self, model: nn.Module) -> Mapping[str, float]:
        """Factors of the learning rate by the name of a parameter; 1 where nothing is said.

        For what begins with something known, which the usual rate would undo.
        """
        return {}

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """By name what follows every step without a gradient, such as a teacher."""
        return {}

    def loss_weight(self, batch: Batch) -> Tensor | None:
        """What the mean in `loss` divides by; None stands for the number of examples."""
        return None

    def why_over(self, history: Sequence[Mapping[str, Any]]) -> str:
        """Why no further epoch is begun, by the records of those before, in words; empty where one may be."""
        return ""

    def on_epochs_known(self, epochs: float) -> None:
        """How many epochs the training will have; called before each, since a time budget shows it after a while."""

    def on_progress(self, share: float) -> None:
        """How much of the training is done, 0 to 1; called before each step, and the same again after a resume."""
