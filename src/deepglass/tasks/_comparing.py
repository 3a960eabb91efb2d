"""What tasks that compare pictures share: an embedding of length 1 for each, and whole classes in every part.

    picture ── network ── D numbers ── scaled to length 1

The network is one for classes of pictures; its last layer gives the embedding in the place of logits. A folder is one
class (a person, a thing, a character). Those of validation and test are others than those of the training: what the
test says holds for new ones. Afterwards anything can be enrolled by its pictures (`runs/identities.py`).
"""

from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Examples, in_order
from deepglass.data.fields import identity, image
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask


class ComparingTask(SupervisedTask):
    """Pictures → embeddings of length 1, by which new classes are known again.

    Its `Config` has `embed_dim`, D.
    """

    USUAL_SHARES: ClassVar[dict[str, float]] = {
        "test": 0.2,
        "val": 0.2,
    }  # of the classes; a threshold from six people let six times too many in
    threshold: float | None = None  # distance up to which two pictures are the same, of a task that chooses one
    inputs: image.Field
    answer: identity.Field

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Whole classes in each part, at least `fewest` in each.

        Raises:
            DataError: If there are too few classes, or the data divide one.
            OptionError: If an option is out of its range.
        """
        if self.config.embed_dim < 2:
            raise OptionError(f"--embed-dim: expected 2 or more, got {self.config.embed_dim}")
        self.data_config = self._with_enough_in_each(data)
        prepared = super().prepare(data)
        targets = {name: self.answer.encode(self.source_of(data))[rows] for name, rows in prepared.ids.items()}
        self._learnt = torch.from_numpy(targets["train"])
        for part, classes in targets.items():
            self.require_enough(data.name, part, classes)
        return prepared

    @abstractmethod
    def fewest(self, num_classes: int) -> int:
        """Of so many classes, how many validation and test have at least, where nobody asks for a share."""

    @abstractmethod
    def require_enough(self, name: str, part: str, classes: np.ndarray) -> None:
        """Raises DataError where the classes (n,) of the pictures of a part cannot be learnt from, or judged by."""

    def _with_enough_in_each(self, data: Data) -> DataConfig:
        """Shares that leave validation and test enough classes, where nobody asked for others."""
        source = self.source_of(data)
        left = len(source.classes)
        fewest = self.fewest(left)
        shares: dict[str, float] = {}
        for part, usual in self.USUAL_SHARES.items():
            asked = getattr(self.data_config, f"{part}_fraction")
            if part in source.splits:
                left -= len(np.unique(source.labels[source.splits[part]]))
                continue
            if asked is None and left > fewest:
                asked = shares[f"{part}_fraction"] = max(usual, fewest / left)
            left -= round(left * (asked or 0.0))
        return replace(self.data_config, **shares)

    @property
    def dims(self) -> dict[str, Any]:
        """Those of the pictures; the last layer gives D numbers."""
        return super().dims | dict.fromkeys(self.inputs.sizes_of_answer, self.config.embed_dim)

    # -- learning -----------------------------------------------------------------------------------------------

    def has_one_loss(self, network: nn.Module) -> bool:
        """No: validation counts what is named or compared wrongly."""
        return False

    # -- answers ------------------------------------------------------------------------------------------------

    def embedded(self, said: Tensor) -> Tensor:
        """(B, D) of length 1."""
        return F.normalize(said.float(), dim=1)

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Embeddings (N, D), and how each picture fared among the others."""
        model.eval()
        parts = [
            (self.embedded(model(*inputs)).cpu(), classes.cpu())
            for *inputs, classes in in_order(examples, batch_size, device_of(model))
        ]
        embeddings, classes = (torch.cat(part).numpy() for part in zip(*parts))
        if (classes < 0).any():  # read without a target
            return Outputs(embeddings, None)
        return self.compared(embeddings, classes)

    @abstractmethod
    def compared(self, embeddings: np.ndarray, classes: np.ndarray) -> Outputs:
        """Embeddings (N, D) of pictures of known classes (N,) as outputs, with a loss for each picture."""

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The numbers of the embedding."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        named = [f"vector_{place + 1}" for place in range(outputs.predictions.shape[1])]
        return [row | dict(zip(named, map(float, numbers))) for row, numbers in zip(rows, outputs.predictions)]

    @abstractmethod
    def distances(self, people: list[np.ndarray], embedding: np.ndarray) -> np.ndarray:
        """(P,) how far an embedding (D,) is from everybody who is enrolled, each by embeddings (m, D)."""

    def shares(self, people: list[np.ndarray], embedding: np.ndarray) -> np.ndarray | None:
        """(P,) how likely it is each of them, if it must be one; None where it may be nobody."""
        return None

    # -- judging ------------------------------------------------------------------------------------------------

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the `count` pictures that fared worst, without those that fared well."""
        assert outputs.losses is not None
        wrong = np.flatnonzero(outputs.losses > 0)
        return wrong[np.argsort(-outputs.losses[wrong], kind="stable")][:count]

    @property
    def explained_as(self) -> None:
        """An embedding has no parts that mean something by themselves: two pictures are compared instead."""
        return None


def classes_of(examples: Any) -> np.ndarray:
    """(n,) of a part of the data."""
    return examples.tensors[-1].cpu().numpy()


def require_two(name: str, part: str, classes: np.ndarray) -> None:
    """Raises DataError where a part has nothing that is the same, or nothing that is not."""
    _, counts = np.unique(classes, return_counts=True)
    if len(counts) < identity.FEWEST_IN_PART or counts.max() < 2:
        found = "one identity" if len(counts) < 2 else "no identity with two pictures"
        change = "" if part == "train" else f", or a larger --{part}-fraction"
        raise DataError(f"{name}: {found} for {part}: expected two or more, one with two pictures; add folders{change}")
