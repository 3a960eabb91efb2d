"""Zero-shot learning: name pictures of classes that training never saw, by descriptions of what they look like.

    picture ── network ── A numbers ──┐
                                      ├── a compatibility ── logits of every class that is described
    description ── A numbers ─────────┘

A table says what each class is like (`--descriptions`). Some classes are left out of the training wholly, and the test
asks for them: first among themselves, then among all, where networks lean towards what they know. How a picture is held
against a description is a file of `compatibilities/`. A class that comes later needs a line in a table and no picture:
`deepglass predict RUN PICTURES --descriptions TABLE`.

References:
    Lampert, Nickisch & Harmeling (2009), Learning to Detect Unseen Object Classes by Between-Class Attribute Transfer,
    https://doi.org/10.1109/CVPR.2009.5206594
    Chao et al. (2016), An Empirical Study and Analysis of Generalized Zero-Shot Learning for Object Recognition in the
    Wild, https://arxiv.org/abs/1605.04253 (calibrated stacking)
    Xian et al. (2018), Zero-Shot Learning: A Comprehensive Evaluation, https://arxiv.org/abs/1707.00600 (the protocol)
"""

from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.descriptions import AN_EXAMPLE, Described, read_descriptions, require_apart
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import described, image
from deepglass.data.fields.described import CHOOSING, LEARNT
from deepglass.data.splits import Splits
from deepglass.evaluate.metrics import classification, zero_shot
from deepglass.rivals import Rival, Time
from deepglass.tasks import Outputs, Prepared, _coarse_pixels
from deepglass.tasks._classification import ClassificationTask
from deepglass.tasks._comparing import classes_of
from deepglass.tasks._odds import log_odds
from deepglass.tasks._ridge import Ridge
from deepglass.tasks.compatibilities import compatibility_of, contrastive

BESIDE = "descriptions.csv"  # in the folder of the pictures, where no other table is named
TIE_BREAK = 1e-3  # weight of the loss beside the accuracy: it only decides between equals
SIDE = 10  # coarse pixels per side, of which the rival says descriptions
PENALTIES = (1.0, 10.0, 100.0, 1000.0)  # of its ridge regression


@dataclass(frozen=True)
class Config(image.Options):
    """Options of the task."""

    descriptions: str | None = None  # table: a row for each class, its name first; descriptions.csv beside the pictures
    unseen: str | None = None  # classes that training never sees, by commas, or how many; a fifth, drawn
    choosing: int | None = None  # further ones to choose epoch and calibration by; of 10 classes or more a seventh
    compatibility: Literal["attributes", "ranking", "contrastive"] = "contrastive"  # of pictures and descriptions
    calibration: float | None = None  # taken from the log-odds of learnt classes; chosen by --choosing, else 0


class Task(ClassificationTask):
    """Pictures → classes, also such as were only described."""

    name = "zero-shot"
    EXPORTS = ("image", "described_probabilities")
    default_model = "cnn"
    LEARNS_LIKE = ("image-classification",)
    monitor = "score"
    better = "higher"
    FIRST_INPUT = "images"
    CHECKS = ("balance", "repeated")
    HONOURS = ("classes", "val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "the class of a picture is the name of its folder; leave it out",
        "mixup": "no description says what half of one class and half of another looks like; leave it out",
        "cutmix": "no description says what is pieced together of two classes; leave it out",
        "label_smoothing": "a description is as it is; leave it out",
        "class_weights": "attributes are learnt, which several classes share; leave it out",
        "fair": "it is for classes that training has seen; leave it out",
    }
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    INPUTS = (image.Field,)
    ANSWER = described.Field
    answers_with_coverage = False  # what validation promises of learnt classes does not hold for others
    inputs: image.Field
    answer: described.Field
    config: Config
    calibration: float = 0.0  # taken from the log-odds of learnt classes

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self.way = compatibility_of(self.config.compatibility)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Descriptions first: they say which classes can be left out.

        Raises:
            DataError: If a class has no description, one that another has too, or one that nothing could have learnt.
            OptionError: If there are no descriptions, or an unseen class is not among the classes.
        """
        self.answer.described, guesses = self._descriptions(self.source_of(data))
        self.answer.asked, self.answer.choosing = self.config.unseen, self.config.choosing
        self.answer.seed = self.seed
        prepared = super().prepare(data)
        prepared.guesses[:0] = guesses
        if self.answer.coding.left_out:
            names = ", ".join(self.answer.coding.left_out)
            prepared.remarks.append(f"descriptions: {names} is the same for all classes that are learnt, and left out")
        return prepared

    def _descriptions(self, images: Any) -> tuple[Described | None, list[Guess]]:
        """As asked, or as they lie beside the pictures; None where a bundled set brings them."""
        if (asked := self.config.descriptions) is not None:
            try:
                return read_descriptions(asked), []
            except DataError as error:
                raise OptionError(f"--descriptions {asked}: {error}") from None
        if images.descriptions is not None:
            return None, []
        beside = Path(images.source or "") / BESIDE
        if images.source is None or not beside.is_file():
            raise OptionError(f"--descriptions is missing: expected {AN_EXAMPLE}; or {BESIDE} beside the pictures")
        return read_descriptions(beside), [Guess("descriptions", BESIDE, "it lies beside them", "--descriptions")]

    def learnt_from(self, splits: Splits, source: Any, guesses: list[Any]) -> Splits:
        """Pictures of unseen classes are in the test, those of the classes to choose by in validation."""
        return self.answer.parted(splits, source.labels)

    @property
    def dims(self) -> dict[str, Any]:
        """Those of the pictures; the last layer says as many numbers as a description has."""
        return self.inputs.dims | dict.fromkeys(self.inputs.sizes_of_answer, self.answer.codes.shape[1])

    def state(self) -> dict[str, Any]:
        """Also the calibration."""
        return super().state() | {"calibration": self.calibration}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.calibration = read(state, "calibration", float)
        require(np.isfinite(self.calibration), "a calibration", self.calibration)

    def with_described(self, given: Any) -> "Task":
        """The same task with other classes to choose from, of which it has seen no picture.

        Args:
            given: A table as `--descriptions` takes it, with the columns of the training.

        Raises:
            DataError: If one lacks a column, is described like another, or by what no learnt class has.
        """
        cells = read_descriptions(given)
        if len(cells) < 2:
            raise DataError(f"descriptions of {len(cells)} class: expected two or more to choose from")
        found, answer = copy(self), copy(self.answer)
        answer.described, answer.classes = cells, list(cells)
        answer.codes = answer.coding.encode(cells, answer.classes)
        require_apart(answer.codes, answer.classes)
        answer.roles, answer.class_counts = np.full(len(cells), described.UNSEEN), np.zeros(len(cells), np.int64)
        found.answer = answer
        return found

    # -- learning -----------------------------------------------------------------------------------------------

    @property
    def is_learnt(self) -> np.ndarray:
        """(K,) whether training sees a class."""
        return self.answer.roles == LEARNT

    def codes(self, device: torch.device) -> Tensor:
        """(K, A) the descriptions as the compatibility wants them."""
        codes = self.answer.codes - self.answer.centre if self.way.CENTRED else self.answer.codes
        return torch.from_numpy(codes).to(device)

    @property
    def taken(self) -> np.ndarray:
        """(K,) what is taken from the log-odds of each class."""
        return (self.calibration * self.is_learnt).astype(np.float32)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """How badly what is said fits the descriptions: of the learnt classes, or of all where it is no training."""
        *inputs, classes = batch
        codes = self.codes(classes.device)
        if model.training:
            learnt = torch.from_numpy(np.flatnonzero(self.is_learnt)).to(classes.device)
            place = torch.zeros(len(codes), dtype=torch.int64, device=classes.device)
            place[learnt] = torch.arange(len(learnt), device=classes.device)
            codes, classes = codes[learnt], place[classes]
        said = model(*inputs)
        with torch.autocast(said.device.type, enabled=False):
            return self.way.loss(said.float(), codes, classes)

    def has_one_loss(self, network: nn.Module) -> bool:
        """No: validation asks for classes that training has not seen."""
        return False

    @torch.no_grad()
    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """Choose how much is taken from the classes that are learnt, by those of validation that are not."""
        if self.config.calibration is not None:
            self.calibration = self.config.calibration
            return True
        if not (self.answer.roles == CHOOSING).any():
            return False
        self.calibration = 0.0
        found = self.outputs(model, prepared.val)
        self.calibration = zero_shot.calibration(found.predictions, found.targets, self.is_learnt)  # type: ignore[arg-type]
        return True

    # -- answers ------------------------------------------------------------------------------------------------

    def class_scores(self, said: Tensor) -> Tensor:
        """(B, K) logits of all described classes, less the calibration of those that were learnt.

        Args:
            said: (B, A) of the network; or (B, K, 1), the scores themselves, as an exported model gives them.
        """
        if said.dim() == 3:
            return said[:, :, 0].float()
        with torch.autocast(said.device.type, enabled=False):
            found = self.way.scores(said.float(), self.codes(said.device))
        return found - torch.from_numpy(self.taken).to(found)

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Probabilities (N, K) of all described classes."""
        model.eval()
        parts = [
            (self.class_scores(model(*inputs)).softmax(dim=1).cpu(), classes.cpu())
            for *inputs, classes in in_order(examples, batch_size, device_of(model))
        ]
        probabilities, classes = (torch.cat(part).numpy() for part in zip(*parts))
        if (classes < 0).any():  # read without a target
            return Outputs(probabilities, None)
        return Outputs(probabilities, classes, classification.log_losses(probabilities, classes))

    def scores(self, said: Tensor) -> Tensor:
        """(B, K) log-odds of each class."""
        return log_odds(self.class_scores(said))

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The accuracies of learnt classes and of others, each among their own; their mean chooses the epoch."""
        found = zero_shot.accuracies(outputs.predictions, outputs.targets, self.is_learnt)  # type: ignore[arg-type]
        loss = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        known = [value for value in (found["seen"], found["unseen"]) if value is not None]
        return {"loss": loss, "accuracy": float(np.mean(known)), "score": float(np.mean(known)) - TIE_BREAK * loss}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Classes that training never saw, among themselves and among all."""
        return zero_shot.evaluate(
            outputs.predictions, outputs.targets, self.is_learnt, self.classes, self.calibration, self.seed  # type: ignore[arg-type]
        )  # fmt: skip

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Always the same class."""
        truth = classes_of(prepared.test)
        alike = np.full((len(truth), len(self.classes)), 1 / len(self.classes), np.float32)
        return {"name": "always the same class", **self.evaluate(self.outputs_of(alike, truth))}

    def rivals(self, prepared: Prepared, data: Data, time: Time) -> list[Rival]:
        """None that is mixed in."""
        return []

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Descriptions by linear regression on coarse pixels; how smooth, validation says."""
        if time.is_up():
            return None
        codes = {part: _coarse_pixels.codes(getattr(prepared, part), SIDE) for part in ("train", "val", "test")}
        aims = torch.from_numpy(self.answer.codes - self.answer.centre).double()  # (K, A)
        ridge = Ridge(torch.from_numpy(codes["train"]).double(), aims[torch.from_numpy(classes_of(prepared.train))])

        def named(penalty: float, part: str) -> Outputs:
            weights, constant = ridge.solution(penalty)
            said = torch.from_numpy(codes[part]).double() @ weights + constant
            shares = contrastive.scores(said, aims).softmax(dim=1).float().numpy()
            return self.outputs_of(shares, classes_of(getattr(prepared, part)))

        penalty = max(PENALTIES, key=lambda one: self.validate(named(one, "val"))["score"])
        return f"linear attributes of {SIDE} x {SIDE} pixels", named(penalty, "test")

    def thresholds(self, val: Outputs, test: Outputs) -> dict[str, Any]:
        """None: the classes of validation and test differ."""
        return {}
