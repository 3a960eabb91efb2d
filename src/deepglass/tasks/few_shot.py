"""Few-shot learning: name pictures of classes that training never saw, from one known picture of each, or a few.

    known pictures of new classes ── network ── embeddings ─┐
                                                            ├── a rule ── which of the classes
    a picture to be named ────────── network ── embedding ──┘

Training is a rehearsal of the test: an *episode* takes some classes, of each a few pictures that are known (the shots)
and a few that are to be named. By which rule the known ones name the others is a file of `rules/` (`--learner`). The
classes of validation and test are others than those of the training.

References:
    Snell, Swersky & Zemel (2017), Prototypical Networks for Few-shot Learning, https://arxiv.org/abs/1703.05175
    Vinyals et al. (2016), Matching Networks for One Shot Learning, https://arxiv.org/abs/1606.04080
    Chen et al. (2019), A Closer Look at Few-shot Classification, https://arxiv.org/abs/1904.04232 (fine-tuning)
    Lake, Salakhutdinov & Tenenbaum (2015), Human-level concept learning, https://doi.org/10.1126/science.aab3050
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.data.class_episodes import OBLONG, SQUARE, UPRIGHT, InEpisodes, Shape, members_of, mirrored_too
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples
from deepglass.data.fields import image, kind
from deepglass.evaluate.metrics import few_shot
from deepglass.rivals import Time
from deepglass.tasks import Outputs, Prepared, _coarse_pixels
from deepglass.tasks._comparing import ComparingTask, classes_of
from deepglass.tasks.rules import rule_of
from deepglass.training.metric_learning import Centres, prototypes
from deepglass.training.update import StepHook

WAYS, TRAINING_WAYS = 5, 20
FEWEST_WAYS = 2
EPOCHS = 15
WIDTH = 32  # channels of the first block of the usual network; 16 named new characters worse


@dataclass(frozen=True)
class Config(image.Options):
    """Options of the task."""

    learner: Literal["prototypes", "matching", "fine-tuning"] = "prototypes"  # how the known pictures name others
    ways: int | None = None  # classes of an episode that is judged; 5, or as many as validation and test have
    shots: int = 1  # known pictures of each class, in training and when it is judged; more are easier
    queries: int = 5  # pictures of each class to be named; more make an episode surer and a step dearer
    training_ways: int | None = None  # classes of an episode of the training; 20: harder episodes teach more
    episodes: int = 100  # of an epoch, after which validation is asked
    turned: bool = False  # learn each class also turned by quarters, as four classes: for signs, not for what stands
    mirrored: bool = False  # learn each class also mirrored, as another class: for signs of which most have two sides
    embed_dim: int = 64  # D, numbers of an embedding; characters of Omniglot have as many in Snell et al.


class Task(ComparingTask):
    """A few known pictures of each class → the classes of others."""

    name = "few-shot"
    default_model = "layout-cnn"
    LEARNS_LIKE = ("image-classification",)
    FIRST_INPUT = "images"
    EXPORTS = ("image", "unit_embedding")
    CHECKS = ("repeated",)
    HONOURS = ("val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "the class of a picture is the name of its folder; leave it out",
        "mixup": "half of one class and half of another is neither; leave it out",
        "cutmix": "what is pieced together of two classes is neither; leave it out",
        "label_smoothing": "classes of an episode have no labels that last; leave it out",
        "class_weights": "every class is in an episode as often as any other; leave it out",
    }
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    INPUTS = (image.Field,)
    ANSWER = kind.Field
    monitor = "accuracy"
    better = "higher"
    answer: kind.Field
    config: Config
    ways: int = WAYS  # of an episode that is judged; known after `prepare`
    rehearsed: Shape  # of an episode of the training
    centres: Centres | None = None  # of a training as a classifier

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self.rule = rule_of(self.config.learner)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Whole classes in each part, enough for an episode.

        Raises:
            DataError: If there are too few classes or pictures of them, or the data divide one.
            OptionError: If an option is out of its range.
        """
        least = {"shots": 1, "queries": 1, "episodes": 1, "ways": FEWEST_WAYS, "training_ways": FEWEST_WAYS}
        for name, lowest in least.items():
            value = getattr(self.config, name)
            if value is not None and value < lowest:
                raise OptionError(f"--{name.replace('_', '-')}: expected {lowest} or more, got {value}")
        prepared = super().prepare(data)
        able = [_able(classes_of(part), self.config.shots) for part in (prepared.val, prepared.test)]
        self.ways = self.config.ways or min(WAYS, *able)
        if self.config.ways is None and self.ways < WAYS:
            why = "validation or test has no more classes"
            prepared.guesses.append(Guess("ways", str(self.ways), why, "--ways"))
        return prepared

    def fewest(self, num_classes: int) -> int:
        """As many as an episode that is judged has, if that leaves as many for training."""
        return self.config.ways or max(FEWEST_WAYS, min(WAYS, num_classes // 3))

    def require_enough(self, name: str, part: str, classes: np.ndarray) -> None:
        """As many classes as an episode has, each with more pictures than shots."""
        is_train = part == "train"
        wanted = (self.config.training_ways if is_train else self.config.ways) or FEWEST_WAYS
        if (found := _able(classes, self.config.shots)) >= wanted:
            return
        option = "--training-ways" if is_train else "--ways"
        raise DataError(
            f"{name}: {found} of the classes for {part} have {self.config.shots + 1} pictures or more, so many known "
            f"ones and one to be named: expected {wanted}; add folders or pictures, or lower {option} or --shots"
        )

    def state(self) -> dict[str, Any]:
        """Also the ways."""
        return super().state() | {"ways": self.ways}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.ways = read(state, "ways", int)
        require(self.ways >= FEWEST_WAYS, "ways of an episode", self.ways)

    # -- learning -----------------------------------------------------------------------------------------------

    def training_examples(self, examples: Examples) -> Examples:
        """Episodes instead of pictures."""
        ways = self.config.training_ways or TRAINING_WAYS
        self.rehearsed = Shape(ways, self.config.shots, self.config.queries).fitted(self._learnt.bincount())
        return InEpisodes(examples, self._learnt, self.rehearsed, self.config.episodes, self._views)

    @property
    def _views(self) -> tuple[int, ...]:
        """How every class is looked at."""
        fitted, views = self.inputs.preprocessor, UPRIGHT
        if self.config.turned:
            views = SQUARE if fitted.height == fitted.width else OBLONG
        return mirrored_too(views) if self.config.mirrored else views

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """Of a training as a classifier: a direction for each class, learnt beside the network."""
        if self.rule.BY_EPISODES:
            return {}
        count = self.answer.num_trained * len(self._views)
        self.centres = Centres(count, self.config.embed_dim, device_of(model), self.seed, angle=0.0)
        return {"centres": self.centres}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """How wrongly the queries of each episode are named; of a classifier how wrongly every picture is.

        In a batch of pictures at random, which has no episode, each is named by the others.
        """
        *inputs, classes = batch
        embeddings = self.embedded(model(*inputs))  # (E·ways·each, D)
        if classes.ndim == 1:
            return prototypes(embeddings, classes)
        if not self.rule.BY_EPISODES:
            if self.centres is None:  # asked outside of a training
                self.hooks(model)
            assert self.centres is not None
            return self.centres.loss(embeddings, classes[:, 0])
        shape = self.rehearsed
        of_classes = embeddings.view(-1, shape.ways, shape.each, embeddings.shape[1])
        support, queries = (part.flatten(1, 2) for part in of_classes.split((shape.shots, shape.queries), dim=2))
        members = members_of(shape).to(support).expand(len(support), -1, -1)
        truth = torch.arange(shape.ways, device=support.device).repeat_interleave(shape.queries)
        logits = self.rule.scores(support, members, queries)  # (E, ways·queries, ways)
        return F.cross_entropy(logits.flatten(0, 1), truth.repeat(len(support)))

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """So many episodes, whatever the number of pictures; a step is one of them."""
        return super().train_defaults(model_name, num_examples) | {"epochs": EPOCHS, "batch_size": 1}

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """A wider first block of the usual network."""
        usual = super().model_defaults(model_name, num_examples)
        return usual | {"width": WIDTH} if model_name == self.default_model else usual

    # -- answers ------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> Shape:
        """Of the episodes that are judged."""
        return Shape(self.ways, self.config.shots, self.config.queries)

    def compared(self, embeddings: np.ndarray, classes: np.ndarray) -> Outputs:
        """Of each picture how often it was named wrongly where it was asked, and what it was taken for."""
        episodes = few_shot.drawn(classes, self.shape, seed=self.seed)
        losses, taken_for = few_shot.errors(embeddings, episodes, self.rule.scores)
        return Outputs(embeddings, classes, losses, {"taken_for": classes[taken_for]})

    def distances(self, people: list[np.ndarray], embedding: np.ndarray) -> np.ndarray:
        """(P,) to the mean of the known pictures of each."""
        return np.array([np.linalg.norm(one.mean(axis=0) - embedding) for one in people])

    def shares(self, people: list[np.ndarray], embedding: np.ndarray) -> np.ndarray | None:
        """(P,) by the rule, if it must be one of them."""
        support = torch.from_numpy(np.concatenate(people)).float()[None]
        whose = torch.arange(len(people)).repeat_interleave(torch.tensor([len(one) for one in people]))
        members = F.one_hot(whose, len(people)).float()[None]
        logits = self.rule.scores(support, members, torch.from_numpy(embedding).float()[None, None])
        return logits[0, 0].softmax(dim=0).detach().double().numpy()

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The accuracy over fewer episodes than the test has, always the same."""
        episodes = few_shot.drawn(outputs.targets, self.shape, few_shot.FEWER, self.seed)  # type: ignore[arg-type]
        return {"accuracy": few_shot.accuracy(outputs.predictions, episodes, self.rule.scores)["value"] or 0.0}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """The accuracy over 600 episodes, with its interval."""
        return few_shot.evaluate(outputs.predictions, outputs.targets, self.rule.scores, self.shape, seed=self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The same rule on the pixels themselves."""
        pixels = _coarse_pixels.codes(prepared.test, None)
        return {"name": "nearest pixels", **self.evaluate(Outputs(pixels, classes_of(prepared.test)))}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """The same rule on a few coarse pixels; how coarse, validation says."""
        if time.is_up():
            return None

        def score(side: int) -> float:
            codes, classes = _coarse_pixels.codes(prepared.val, side), classes_of(prepared.val)
            return self.validate(Outputs(codes, classes))["accuracy"]

        side = max(_coarse_pixels.SIDES, key=score)
        found = self.compared(_coarse_pixels.codes(prepared.test, side), classes_of(prepared.test))
        return f"nearest of {side} x {side} pixels", found

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """Its class, how often it was named wrongly, and what it was last taken for."""
        names, taken_for = self.answer.identities, int(outputs.extra["taken_for"][place])
        said = f"wrong in {outputs.losses[place]:.1%} of the episodes that ask it; taken for {names[taken_for]}"  # type: ignore[index]
        return {"target": names[int(outputs.targets[place])], "predicted": said}  # type: ignore[index]


def _able(classes: np.ndarray, shots: int) -> int:
    """How many of the classes (n,) have more pictures than shots."""
    return int((np.unique(classes, return_counts=True)[1] > shots).sum())
