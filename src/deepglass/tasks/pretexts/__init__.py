"""How a network learns from examples without labels. A file here is one way, chosen with `--method`.

Each makes up a question whose answer the examples themselves know (a pretext), and says what stands behind the
features to answer it (`zoo/pretext_head.py`). The task knows data and judging; the folder is the list.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.core.wording import listing
from deepglass.data.augment.views import Pictures
from deepglass.training.update import StepHook
from deepglass.zoo.pretext import Stages

FOLDER = "tasks/pretexts"
Inputs = tuple[Tensor, ...]


class Method(ABC):
    """One way to learn.

    Args:
        config: Of the task.
        num_numbers: D, of an example.
        cardinalities: Codes of each column of categories.
        pictures: How pictures are changed; None of tables.
    """

    INPUTS: ClassVar[tuple[str, ...]]  # from which it learns; a literal
    OPTIONS: ClassVar[tuple[str, ...]] = ()  # of the task, upon which this way acts and not every other; a literal
    VALIDATES: ClassVar[bool] = True  # whether validation measures what training makes small
    needs_views: ClassVar[bool] = False  # whether two views of a picture have to differ

    def __init__(
        self, config: Any, num_numbers: int = 0, cardinalities: tuple[int, ...] = (), pictures: Pictures | None = None
    ):
        self.config, self.num_numbers, self.cardinalities, self.pictures = config, num_numbers, cardinalities, pictures

    @property
    def name(self) -> str:
        """As `--method` has it."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @property
    @abstractmethod
    def stages(self) -> Stages:
        """What stands behind the features."""

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """What follows the steps of a training."""
        return {}

    @abstractmethod
    def losses(self, model: nn.Module, inputs: Inputs) -> Tensor:
        """(B,) what each example costs in training."""

    def judged(self, model: nn.Module, inputs: Inputs) -> Tensor:
        """(B,) what it costs in validation, of a network in evaluation mode."""
        return self.losses(model, inputs)

    def parts(self, said: Tensor) -> list[Tensor]:
        """The features (B, C), then what comes out of each stage."""
        widths = [out for _, out, _ in self.stages]
        return list(said.split([said.shape[1] - sum(widths), *widths], dim=1))

    def compared(self, said: Tensor) -> Tensor:
        """(B, P) what the training compares and a collapse would make alike: the features, if nothing else."""
        return self.parts(said)[0]

    @abstractmethod
    def require_options(self) -> None:
        """Check what was asked for.

        Raises:
            OptionError: If a number is out of its range.
        """


def method_of(asked: str | None, inputs: str) -> type[Method]:
    """The way that was asked for, or the usual one of these inputs.

    Raises:
        OptionError: If there is none, or it does not learn from such inputs.
    """
    known = {name: catalogue.class_constant(FOLDER, name, "Way", "INPUTS") for name in catalogue.entries(FOLDER)}
    fitting = [name.replace("_", "-") for name, kinds in known.items() if inputs in kinds]
    name = asked or {"image": "simclr", "columns": "masked-columns"}.get(inputs, "simclr")
    if name.replace("-", "_") not in known:
        raise OptionError(f"--method: {catalogue.unknown('method', name, fitting)}")
    if name not in fitting:
        raise OptionError(
            f"--method {name} does not learn from {inputs}: choose {listing(fitting, 9)}, or leave it out"
        )
    return catalogue.load(FOLDER, name.replace("-", "_")).Way


@torch.no_grad()
def judged_fairly(method: Method, model: nn.Module, inputs: Inputs, seed: int) -> Tensor:
    """(B,) the validation losses, with the same draws every time and none taken from the training."""
    devices = [inputs[0].device] if inputs[0].device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        return method.judged(model, inputs)
