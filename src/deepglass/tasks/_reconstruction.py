"""What tasks have in common that make an example again from a code of it: the network, its loss, what is missed.

    columns or image ── encoder ── code (K numbers) ── decoder ── the row or picture again

The loss is the mean squared error of what is made, in deviations of the inputs; noise on what goes in makes it a
denoising autoencoder. What the code or the error is good for is the task's own: `embedding.py` keeps the code,
`anomaly_detection.py` the error, `clustering.py` looks for groups of codes.

References:
    Hinton & Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks,
    https://doi.org/10.1126/science.1127647
    Vincent et al. (2008), Extracting and composing robust features with denoising autoencoders,
    https://doi.org/10.1145/1390156.1390294
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples
from deepglass.data.fields import columns, image
from deepglass.models.autoencoder import rows_of
from deepglass.rivals import principal
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask

STEPS = 4_000  # of rows, which take seconds
PICTURES_WANTED = 100_000  # looked at in a training: 77 epochs of the 1,300 digits
FEWEST_EPOCHS, MOST_EPOCHS = 5, 500
FEWEST_BATCH, MOST_BATCH = 8, 64
LEARNING_RATE, LINEAR_RATE = 1e-3, 1e-2
MOST_CODE = 32  # numbers of a code where nobody asks
MOST_KEPT = 16_000_000  # differences that are kept for the report


class ReconstructionTask(SupervisedTask):
    """Columns or pictures → a code, and themselves; its `Config` has a field `noise`.

    Attributes:
        spread: Mean squared deviation of a number of the training examples from its mean.
    """

    spread: float = 1.0

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As for any inputs.

        Raises:
            DataError: If an example has a single number, or all examples are alike.
            OptionError: If noise is below 0.
        """
        require_not_negative("noise", self.config.noise)
        prepared = super().prepare(data)
        if self.num_numbers < 2:
            raise DataError(f"{data.name} has a single number per example: expected two or more, to make a code of")
        self.spread = principal.spread(self.rows(prepared.train))
        if not self.spread > 0:
            raise DataError(f"{data.name}: all training examples are alike: there is nothing to make a code of")
        return prepared

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """New data; a column that only judges may be missing from a table.

        Raises:
            DataError: If they do not fit; names file, column and line.
        """
        may_lack_it = self.answer.may_be_absent and isinstance(self.inputs, columns.Field)
        return super().open(inputs, with_target=with_target and not may_lack_it)

    @property
    def dims(self) -> dict[str, Any]:
        """Those of the inputs."""
        return dict(self.inputs.dims)

    @property
    def num_numbers(self) -> int:
        """D: numeric inputs and one for each level of a category, or pixels times channels."""
        dims = self.inputs.dims
        return dims["num_features"] + sum(dims.get("cardinalities", ()))

    # -- learning -----------------------------------------------------------------------------------------------

    def rows_of(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """(B, D) what has to come out again."""
        return rows_of(inputs[0], inputs[1] if len(inputs) > 1 else None, self.inputs.dims.get("cardinalities", ()))

    def rows(self, examples: Examples) -> np.ndarray:
        """(n, D) the rows of some examples: of many so many as fit into memory, evenly chosen."""
        return np.concatenate([self.rows_of(inputs).cpu().numpy() for inputs in self._some(examples)])

    def _some(self, examples: Examples) -> Iterator[tuple[Tensor, ...]]:
        """Inputs of some examples, batch by batch: of many so many as fit into memory, evenly chosen."""
        count = min(len(examples), max(2, principal.MOST_NUMBERS // self.num_numbers))
        for part in torch.linspace(0, len(examples) - 1, count).long().split(512):
            yield examples.batch(part)[:-1]

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Long enough to pass PCA; no weight decay, which would shrink what is made."""
        batch_size = min(MOST_BATCH, max(FEWEST_BATCH, num_examples // 16))
        if isinstance(self.inputs, columns.Field):
            epochs = math.ceil(STEPS / math.ceil(num_examples / batch_size))
        else:
            epochs = round(PICTURES_WANTED / max(1, num_examples))
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": batch_size,
            "learning_rate": LINEAR_RATE if model_name == "linear-autoencoder" else LEARNING_RATE,
            "weight_decay": 0.0,
            "precision": "float32",  # what is made differs from what is given by less than bfloat16 can tell
        }

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """A code of an eighth of the numbers of an example: at least two where that is fewer than all of them."""
        D = self.num_numbers
        return {"code_dim": min(MOST_CODE, max(D // 8, min(2, D - 1)))}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """mean |D(E(x + noise)) − x|² per number."""
        return self.coded(model, batch)[1]

    def coded(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        """(B, K) codes of a batch, noise on its inputs while training, and the loss of what is made of them."""
        *inputs, _ = batch
        wanted = self.rows_of(tuple(inputs))
        if self.config.noise and model.training:
            inputs[0] = inputs[0] + self.config.noise * torch.randn_like(inputs[0])
        said = model(*inputs)
        return self.codes_of(said), (said[:, -self.num_numbers :] - wanted).square().mean()

    def codes_of(self, said: Tensor) -> Tensor:
        """(B, K) the codes, of what a network said (B, K + D)."""
        return said[:, : -self.num_numbers]

    @torch.no_grad()
    def code_length(self, model: nn.Module, prepared: Prepared) -> int:
        """K, of a trained network."""
        inputs = [part.to(device_of(model)) for part in prepared.val.batch(torch.tensor([0]))[:-1]]
        return model.eval()(*inputs).shape[1] - self.num_numbers

    @torch.no_grad()
    def missed(self, model: nn.Module, examples: Examples) -> tuple[np.ndarray, np.ndarray]:
        """Made minus given (n, D) and codes (n, K) of some examples, of many so many as fit into memory."""
        found = []
        for given in self._some(examples):
            inputs = tuple(part.to(device_of(model)) for part in given)
            said = model.eval()(*inputs).float()
            off = said[:, -self.num_numbers :] - self.rows_of(inputs)
            found.append((off.cpu().numpy(), self.codes_of(said).cpu().numpy()))
        off, codes = (np.concatenate(part) for part in zip(*found))
        return off, codes

    def has_one_loss(self, network: nn.Module) -> bool:
        """Not with noise, which validation does not have."""
        return not self.config.noise

    def importance(self, model: nn.Module, prepared: Prepared, seconds: float) -> list[dict[str, Any]]:
        """Nothing: every column is asked for again, so that shuffling one spoils first of all itself."""
        return []

    # -- judging ------------------------------------------------------------------------------------------------

    def where_most(self, off: np.ndarray) -> tuple[str, float]:
        """The column in which most of the squares of a row (D,) lies, and its share; "" of pictures."""
        if not isinstance(self.inputs, columns.Field):
            return "", 0.0
        dims = self.inputs.dims
        begins = np.cumsum([dims["num_features"], *dims["cardinalities"]])
        parts = {
            name: off[numbers].sum() + sum(off[begins[code] : begins[code + 1]].sum() for code in codes)
            for name, (numbers, codes) in self.preprocessor.inputs.items()
        }
        worst = max(parts, key=parts.__getitem__)
        return worst, parts[worst] / max(off.sum(), 1e-12)

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The examples of which most is lost; of pictures what goes in, and what comes out beside it."""
        records = super().mistakes(outputs, prepared, data, count)
        if "missed" not in outputs.extra or not isinstance(self.inputs, image.Field):
            return records
        source = self.source_of(data)
        for record, place in zip(records, self.worst(outputs, count)):
            record["image"] = self.inputs.made(source, record["id"], outputs.extra["missed"][place])
        return records


def require_not_negative(option: str, value: float) -> None:
    """Raises OptionError if an option is below 0."""
    if value < 0:
        raise OptionError(f"--{option}: expected 0 or more, got {value:g}")
