"""Verification: do two pictures show the same person, or the same thing? Also of people that training never saw.

    picture ── network ── D numbers ── scaled to length 1 ── distance of two pictures ── at most a threshold: the same

The network is one for classes of pictures; its last layer gives the embedding in the place of logits. A folder is one
identity. Those of validation and test are others than those of the training, and the threshold is chosen on those of
validation, so that a stated share of strangers is accepted: what the test then says holds for new people.

References:
    Schroff, Kalenichenko & Philbin (2015), FaceNet, https://arxiv.org/abs/1503.03832 (an embedding of length 1)
    Belhumeur, Hespanha & Kriegman (1997), Eigenfaces vs. Fisherfaces, https://doi.org/10.1109/34.598228 (the rivals;
    the second is also a part of the usual network's embedding)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.core.state import read, require
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples
from deepglass.data.fields import identity, image
from deepglass.data.mates import WithMates
from deepglass.evaluate.metrics import verification
from deepglass.models.layout_cnn import LayoutCNN
from deepglass.rivals import Time
from deepglass.tasks import Outputs, Prepared, _linear_faces
from deepglass.tasks._comparing import ComparingTask, classes_of, require_two
from deepglass.training.metric_learning import Centres, prototypes, triplet
from deepglass.training.update import StepHook

PICTURES_WANTED, FEWEST_EPOCHS, MOST_EPOCHS = 4_000, 15, 100
FEWEST_LINEAR = 10  # identities of the training, from which on directions that tell them apart are worth something
TIE_BREAK = 1e-3  # weight of how near the same lies beside the ranking: it only decides between equals


@dataclass(frozen=True)
class Config(image.Options):
    """Options of the task."""

    loss: Literal["prototypes", "triplet", "arcface"] = "prototypes"  # what pulls the same together and others apart
    embed_dim: int = 64  # D, numbers of an embedding; faces of millions of people are told apart by 128
    false_accepts: float = 0.01  # share of strangers that the threshold may call the same, on the validation part


class Task(ComparingTask):
    """Pictures → embeddings of length 1."""

    name = "verification"
    default_model = "layout-cnn"
    LEARNS_LIKE = ("image-classification",)
    FIRST_INPUT = "images"
    EXPORTS = ("image", "unit_embedding")
    CHECKS = ("repeated",)
    HONOURS = ("val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "the identity of a picture is the name of its folder; leave it out",
        "mixup": "half of one person and half of another is nobody; leave it out",
        "cutmix": "what is pieced together of two people is nobody; leave it out",
        "label_smoothing": "distances are learnt, and no labels; leave it out",
        "class_weights": "every picture is learnt beside another of its identity; leave it out",
    }
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    INPUTS = (image.Field,)
    ANSWER = identity.Field
    monitor = "score"
    config: Config
    threshold: float = 0.0  # known once a network was trained
    centres: Centres | None = None  # of a training with a margin

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Whole identities in each part, at least two in each.

        Raises:
            DataError: If there are too few identities, or the data divide one.
            OptionError: If an option is out of its range.
        """
        if not 0 < self.config.false_accepts < 1:
            raise OptionError(f"--false-accepts: expected a share between 0 and 1, got {self.config.false_accepts:g}")
        return super().prepare(data)

    def fewest(self, num_classes: int) -> int:
        """Two: with a single one nobody is a stranger."""
        return identity.FEWEST_IN_PART

    def require_enough(self, name: str, part: str, classes: np.ndarray) -> None:
        """Two identities, one with two pictures."""
        require_two(name, part, classes)

    def state(self) -> dict[str, Any]:
        """Also the threshold."""
        return super().state() | {"threshold": self.threshold}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.threshold = read(state, "threshold", float)
        require(0 <= self.threshold <= 2, "a distance of vectors of length 1", self.threshold)

    # -- learning -----------------------------------------------------------------------------------------------

    def training_examples(self, examples: Examples) -> Examples:
        """A batch brings another picture of the same along for each."""
        return WithMates(examples, self._learnt)

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """Of a margin: the centres that are learnt beside the network."""
        if self.config.loss != "arcface":
            return {}
        self.centres = Centres(self.answer.num_trained, self.config.embed_dim, device_of(model), self.seed)
        return {"centres": self.centres}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """How far the same lies apart, beside how near others lie."""
        *inputs, identities = batch
        embeddings = self.embedded(model(*inputs))
        if self.config.loss == "triplet":
            return triplet(embeddings, identities)
        if self.config.loss == "prototypes":
            return prototypes(embeddings, identities)
        if self.centres is None:  # asked outside of a training
            self.hooks(model)
        assert self.centres is not None
        return self.centres.loss(embeddings, identities)

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """As pictures are learnt for classes, fewer of them: each step looks at every picture beside a mate."""
        epochs = min(MOST_EPOCHS, max(FEWEST_EPOCHS, round(PICTURES_WANTED / max(1, num_examples))))
        return super().train_defaults(model_name, num_examples) | {"epochs": epochs}

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Of the usual network half of the embedding is linear: the two err on different people. Where pictures may be
        mirrored in training, both sides of a picture are asked.
        """
        usual = super().model_defaults(model_name, num_examples)
        if model_name != self.default_model:
            return usual
        return usual | {"linear_dim": self.config.embed_dim // 2, "both_sides": "flip" in self.inputs.augmentations}

    @torch.no_grad()
    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """Fill the linear part of a network that has one, then choose the threshold, on the people of validation.

        Those people do not decide whether it is filled: the network's best epoch was chosen on them, which flatters it.
        """
        if isinstance(model, LayoutCNN) and model.linear is not None and self.answer.num_trained >= FEWEST_LINEAR:
            _linear_faces.fill(model, prepared, self.seed)
        self.threshold = min(2.0, self._threshold_of(self.outputs(model, prepared.val)))
        return True

    def _threshold_of(self, outputs: Outputs) -> float:
        pairs = verification.pairs_of(outputs.predictions, outputs.targets)  # type: ignore[arg-type]
        return verification.threshold_for(pairs, self.config.false_accepts)

    # -- answers ------------------------------------------------------------------------------------------------

    def compared(self, embeddings: np.ndarray, classes: np.ndarray) -> Outputs:
        """Of each picture how often a stranger is nearer than its own, and who is nearest."""
        errors, nearest = verification.ranking_errors(embeddings, classes)
        return Outputs(embeddings, classes, errors, {"nearest": classes[nearest]})

    def distances(self, people: list[np.ndarray], embedding: np.ndarray) -> np.ndarray:
        """(P,) to each of them the mean over that person's pictures."""
        return np.array([np.linalg.norm(one - embedding, axis=1).mean() for one in people])

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The ranking error; the score that chooses the epoch is it, and among equals how near the same lies."""
        error = verification.ranking_errors(outputs.predictions, outputs.targets)[0].mean()  # type: ignore[arg-type]
        pairs = verification.pairs_of(outputs.predictions, outputs.targets)  # type: ignore[arg-type]
        nearness = float(pairs.distances[pairs.same].mean() / max(1e-9, pairs.distances[~pairs.same].mean()))
        return {"ranking_error": float(error), "score": float(error) + TIE_BREAK * nearness}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score, at the threshold that was chosen on other people."""
        return verification.evaluate(
            outputs.predictions,
            outputs.targets,  # type: ignore[arg-type]
            self.threshold,
            self.config.false_accepts,
            seed=self.seed,
        )

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Every picture in one place: all are the same."""
        identities = classes_of(prepared.test)
        return {"name": "always the same", **self.evaluate(Outputs(np.zeros((len(identities), 1)), identities))}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Eigenfaces or Fisherfaces, whichever ranks the people of validation better.

        The unit of their distances is chosen so that their own threshold, from the same part, is that of the network.
        """
        if time.is_up():
            return None
        known = classes_of(prepared.val)
        found = [
            (name, codes, self.compared(codes["val"], known))
            for name, codes in _linear_faces.candidates(prepared, self.seed)
        ]
        name, codes, val = min(found, key=lambda one: self.validate(one[2])["ranking_error"])
        test = self.compared(codes["test"], classes_of(prepared.test))
        own = self._threshold_of(val)
        factor = self.threshold / own if own > 0 else 1.0
        return name, replace(test, predictions=test.predictions * factor)

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """Who it is, who is nearest, and how often strangers are nearer than its own."""
        names, identities = self.answer.identities, outputs.targets
        nearest = names[int(outputs.extra["nearest"][place])]
        said = f"nearest is {nearest}; strangers nearer in {outputs.losses[place]:.1%} of comparisons"  # type: ignore[index]
        return {"target": names[int(identities[place])], "predicted": said}  # type: ignore[index]
