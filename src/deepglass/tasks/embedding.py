"""Embedding: a short code of a row or a picture, from which it can be made again. No labels are needed.

    columns or image ── encoder ── code (K numbers) ── decoder ── the row or picture again

What is learnt is to come back through a bottleneck: the loss is the mean squared error of what is made, in deviations
of the inputs. The rival is PCA with as many numbers, the best that a linear map can do. Noise on what goes in makes it
a denoising autoencoder; `--sparsity` asks for codes in which few numbers are large.

References:
    Hinton & Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks,
    https://doi.org/10.1126/science.1127647
    Hoyer (2004), Non-negative matrix factorization with sparseness constraints,
    https://www.jmlr.org/papers/v5/hoyer04a.html (the measure of sparsity, which no scale of the code escapes)
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.state import read, require
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import columns, image, itself
from deepglass.evaluate.metrics import reconstruction
from deepglass.rivals import Time, principal
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._reconstruction import MOST_KEPT, ReconstructionTask, require_not_negative


@dataclass(frozen=True)
class Config(columns.Options, image.Options):
    """Options of the task."""

    augment: str = "none"  # flip, crop, turn, … by commas; none, for what is changed has to be kept in the code too
    noise: float = 0.0  # deviations of noise on what goes in, while training; the clean example has to come out
    sparsity: float = 0.0  # weight of how evenly a code is spread over its numbers; 0.1 makes few of them large


class Task(ReconstructionTask):
    """Columns or pictures → a code, and themselves."""

    name = "embedding"
    default_model = "autoencoder"
    DEFAULT_MODELS: ClassVar[dict[str, str]] = {"columns": "autoencoder", "image": "conv-autoencoder"}
    EXPORTS = (None, "embedding")
    CHECKS = ("repeated",)
    HONOURS = (
        "target", "group_column", "score_by", "time_column", "series_column", "val_fraction", "test_fraction",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "what lies between two examples would be learnt as one; try --noise 0.3",
        "cutmix": "what is pieced together would be learnt as one; try --noise 0.3",
        "label_smoothing": "nothing is labelled; leave it out",
        "class_weights": "nothing is labelled; leave it out",
        "classes": "nothing is labelled; leave it out",
        "text_column": "rows of numbers and categories, or pictures, are embedded; leave it out",
    }
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    INPUTS = (image.Field, columns.Field)
    ANSWER = itself.Field
    config: Config
    answer: itself.Field
    code_dim: int = 0  # K; known once a network was trained

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As for any inputs.

        Raises:
            DataError: If an example has a single number, or all examples are alike.
            OptionError: If noise or sparsity is below 0.
        """
        require_not_negative("sparsity", self.config.sparsity)
        return super().prepare(data)

    def state(self) -> dict[str, Any]:
        """Also how far training examples are spread, and how long their codes are."""
        return super().state() | {"spread": self.spread, "code_dim": self.code_dim}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.spread, self.code_dim = read(state, "spread", float), read(state, "code_dim", int)
        require(self.spread > 0, "a spread above 0", self.spread)
        require(self.code_dim >= 0, "a length of the codes", self.code_dim)

    # -- learning -----------------------------------------------------------------------------------------------

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """mean |D(E(x + noise)) − x|² per number, and what the code costs where it is to be sparse."""
        code, loss = self.coded(model, batch)
        return loss + self.config.sparsity * evenness(code) if self.config.sparsity else loss

    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """How long its codes are."""
        self.code_dim = self.code_length(model, prepared)
        return True

    def has_one_loss(self, network: nn.Module) -> bool:
        """Not with noise or a price of the code, which validation does not have."""
        return super().has_one_loss(network) and not self.config.sparsity

    # -- answers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Codes (N, K); what is lost of each example; and, of not too many, by how much each number is missed."""
        model.eval()
        keeps = len(examples) * self.num_numbers <= MOST_KEPT
        parts: list[list[np.ndarray]] = []
        for *inputs, group in in_order(examples, batch_size, device_of(model)):
            code, loss, off = self._answer(model(*inputs).float(), tuple(inputs))
            kept = [off.cpu().numpy().astype(np.float16)] if keeps and off is not None else []
            parts.append([*(part.cpu().numpy() for part in (code, group, loss)), *kept])
        codes, groups, losses, *missed = (np.concatenate(part) for part in zip(*parts))
        return Outputs(codes, groups, losses, {"missed": missed[0]} if missed else {})

    def _answer(self, said: Tensor, inputs: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor | None]:
        """Codes (B, K), losses (B,), and differences (B, D); an exported model has added them up already."""
        if said.shape[1] <= self.num_numbers:
            return said[:, :-1], said[:, -1], None
        off = said[:, -self.num_numbers :] - self.rows_of(inputs)
        return self.codes_of(said), off.square().mean(dim=1), off

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The code, a number each, and the reconstruction error."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        named = [f"code_{place + 1}" for place in range(outputs.predictions.shape[1])]
        codes, errors = outputs.predictions.astype(float).tolist(), outputs.losses.astype(float).tolist()  # type: ignore[union-attr]
        return [row | dict(zip(named, code)) | {"error": error} for row, code, error in zip(rows, codes, errors)]

    # -- explaining ---------------------------------------------------------------------------------------------

    @property
    def score_names(self) -> list[str]:
        """The numbers of the code."""
        return [f"code {place + 1}" for place in range(self.code_dim)]

    @property
    def score_unit(self) -> str:
        """Of `scores`."""
        return "number of the code"

    def scores(self, said: Tensor) -> Tensor:
        """(B, K) the code."""
        return self.codes_of(said)

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The error, and how much of the spread is kept."""
        error = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        return {"loss": error, "kept": 1 - error / self.spread}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Error and share of the spread that is kept, with intervals; the groups that colour the map."""
        found = reconstruction.evaluate(outputs.losses, self.spread, seed=self.seed)  # type: ignore[arg-type]
        found["details"] |= {"code_dim": self.code_dim, "num_numbers": self.num_numbers, "groups": self.answer.groups}
        return found

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """A code of no numbers: always the mean of the training rows."""
        return {"name": "always the mean", **self.evaluate(self._by_planes(prepared, 0))}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """PCA with as many numbers, which no linear code can beat on the training rows."""
        most = min(len(prepared.train), self.num_numbers)
        if time.is_up() or not 1 <= self.code_dim <= most:
            return None
        said = "1 number" if self.code_dim == 1 else f"{self.code_dim} numbers"
        return f"PCA of {said}", self._by_planes(prepared, self.code_dim)

    def _by_planes(self, prepared: Prepared, count: int) -> Outputs:
        """The test by its first principal components."""
        plane = principal.fit(self.rows(prepared.train), count, self.seed)
        found, groups = [], []
        for *inputs, group in in_order(prepared.test, 512, torch.device("cpu")):
            found.append(plane.answer(self.rows_of(tuple(inputs)).numpy()))
            groups.append(group.numpy())
        codes, errors = (np.concatenate(part) for part in zip(*found))
        return Outputs(codes, np.concatenate(groups), errors)

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """How far off, and of a row where most."""
        said = f"error {outputs.losses[place]:.3g}"  # type: ignore[index]
        if "missed" in outputs.extra:
            column, share = self.where_most(outputs.extra["missed"][place].astype(np.float64) ** 2)
            said += f", {share:.0%} of it in {column}" if column else ""
        return {"target": self._group(outputs, place) or "the example", "predicted": said}

    def _group(self, outputs: Outputs, place: int) -> str:
        position = int(outputs.targets[place])  # type: ignore[index]
        return self.answer.groups[position] if 0 <= position < len(self.answer.groups) else ""


def evenness(code: Tensor) -> Tensor:
    """mean ‖c‖₁ / (√K·‖c‖₂) of codes (B, K): 1 where all numbers are alike, 1/√K where a single one is not 0.

    Hoyer's measure without its rescaling. Twice the code costs the same: it cannot be escaped by a smaller code that
    the decoder enlarges.
    """
    lengths = code.square().sum(dim=1).add(1e-12).sqrt()
    return (code.abs().sum(dim=1) / (code.shape[1] ** 0.5 * lengths)).mean()
