"""Text to image: paint what a sentence says, after the example of pictures with captions.

    captions ── words ──┐
    noise ── x at t = 0 ── network: velocity ── x + v/steps ── … ── x at t = 1 ── picture

Learnt by flow matching (`training/flow_matching.py`): noise and picture are joined by a straight path, and the network
learns the velocity on it. In one of ten examples the caption is left out, so that the same network also knows what
pictures are like that nobody asked for; painting follows the difference (guidance).

Judged where no reader of its pictures is at hand: by the error of its velocities on unseen pictures under their own
caption, by how often another caption has a larger error (which says whether the words matter), and by how the painted
pictures are distributed beside real ones.

References:
    Lipman et al. (2023), Flow Matching for Generative Modeling, https://arxiv.org/abs/2210.02747
    Ho & Salimans (2022), Classifier-Free Diffusion Guidance, https://arxiv.org/abs/2207.12598
    Li et al. (2023), Your Diffusion Model is Secretly a Zero-Shot Classifier, https://arxiv.org/abs/2303.16203 (a
    caption is known by the error under it)
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import data_uri
from deepglass.core.device import constant, device_of
from deepglass.core.errors import OptionError
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import captioned_image, prompt
from deepglass.evaluate.metrics import pictures
from deepglass.evaluate.metrics import text_to_image as scores
from deepglass.rivals import Time
from deepglass.rivals.pixel_flows import IndependentPixels, NearestCaptions
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._made_picture import plain
from deepglass.tasks._painting import (
    AT_ONCE,
    GUIDANCE,
    STEPS,
    Says,
    other_captions,
    painted,
    require_painting,
    velocity_errors,
)  # fmt: skip
from deepglass.tasks._supervised import SupervisedTask
from deepglass.training.flow_matching import errors, random_times

WHITE = 255.0
JUDGED = 400  # pictures that are painted for the judge
EARLY = -1.2  # shift of the times to learn at: what lies where is decided early, and later the picture shows it anyway
STEPS_WANTED, FEWEST_EPOCHS, MOST_EPOCHS = 6_000, 10, 400  # of a training: chosen, not measured


@dataclass(frozen=True)
class Config(captioned_image.Options):
    """Options of the task."""

    image_size: int | None = None  # side to scale to; pictures of one size up to 32 stay, larger ones become 32
    caption_dropout: float = 0.1  # share of captions that are left out, from which painting without words is learnt


class Choosing:
    """The validation part: its losses choose the epoch, and nothing is painted for it."""

    def __init__(self, examples: Examples):
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["examples"], name)

    def batch(self, indices: Tensor) -> Batch:
        return self.examples.batch(indices)

    def to(self, device: torch.device) -> "Choosing":
        return Choosing(self.examples.to(device))


class Task(SupervisedTask):
    """Words → pictures."""

    name = "text-to-image"
    default_model = "flow"
    monitor = "loss"
    better = "lower"
    HONOURS = ("val_fraction", "test_fraction", "group_column", "text_column")
    FIRST_INPUT = "moving"
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "pictures are made from their captions; name their column with --text-column",
        "classes": "pictures are made from their captions, and there are no classes; leave it out",
        "label_smoothing": "nothing is labelled; leave it out",
        "class_weights": "nothing is labelled; leave it out",
        "mixup": "what lies between two pictures has no caption; leave it out",
        "cutmix": "a part of another picture would not be in the caption; leave it out",
        "private": "the velocity of one picture is learnt at one moment of many, which its bound does not know; "
        "leave it out",
    }
    AUGMENTING = ("augment",)
    READS = ("captions",)
    OPENS_WITH = ("max_rows", "group_column", "group_from_name")
    FOLLOWS_PATHS = ("picture", "caption")
    CHECKS = ("repeated",)
    PREDICTS = False
    ANSWERS_IN_ONE_CALL = False
    NOT_EXPORTED = (
        "a picture takes many calls of the network, and an export answers in one; paint with "
        '`deepglass generate RUN --prompt "…"`'
    )
    GENERATES = ("prompt", "count", "steps", "guidance", "seed")
    INPUTS = (captioned_image.Field,)
    ANSWER = prompt.Field
    config: Config
    inputs: captioned_image.Field
    answer: prompt.Field

    def __init__(self, data_config: Any, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self._learnt: np.ndarray | None = None  # (n, H·W·C) the training pictures, of a training that runs

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As every task; also keeps the training pictures, of which painted ones may be copies.

        Raises:
            DataError: If there are no pictures with captions, or too few.
            OptionError: If an option is out of its range.
        """
        if not 0 <= (share := self.config.caption_dropout) < 1:
            raise OptionError(f"--caption-dropout: expected a share from 0 to below 1, got {share:g}; 0.1 is usual")
        prepared = super().prepare(data)
        source = self.source_of(data)
        self._learnt = self.preprocessor.pixels(source, prepared.ids["train"]).reshape(len(prepared.ids["train"]), -1)
        prepared.val = Choosing(prepared.val)  # type: ignore[assignment]
        return prepared

    @property
    def dims(self) -> dict[str, Any]:
        """Sizes of a picture, the words, and the longest caption."""
        sizes = {"vocab_size": self.answer.size, "max_length": self.answer.vocabulary.max_length}
        return dict(self.inputs.dims) | sizes

    def extremes(self) -> tuple[Tensor, ...]:
        """Grey, at both ends of the way, without a caption and with the last word."""
        (grey,) = self.inputs.extremes()
        words = torch.tensor([[0], [self.answer.size - 1]])
        return grey.expand(2, -1, -1, -1).contiguous(), torch.tensor([0.0, 1.0]), words

    @property
    def explained_as(self) -> str | None:
        """It answers no inputs: nothing to explain."""
        return None

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """So many steps, whatever the number of pictures; what paints is the running mean of the weights."""
        batch_size = min(32, max(8, num_examples // 8))
        epochs = math.ceil(STEPS_WANTED / math.ceil(max(1, num_examples) / batch_size))
        chosen = {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": batch_size,
            "patience": 0,
            "precision": "float32",
        }
        return chosen | {"learning_rate": 1.5e-3, "weight_decay": 0.01, "ema": 0.998, "clip_gradient": 1.0}

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """As the model has them."""
        return {}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean squared error of velocities on straight paths from noise, now and then without the caption."""
        images, tokens = batch
        keeps = torch.rand(len(tokens), 1, device=tokens.device) >= self.config.caption_dropout
        words = tokens.long() * keeps
        noise, times = torch.randn_like(images), random_times(images, EARLY)
        return errors(lambda x, t: model(x, t, words), noise, images, times).mean()

    def has_one_loss(self, network: nn.Module) -> bool:
        """Training also leaves captions out, and learns at other times."""
        return False

    # -- judging ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = AT_ONCE) -> Outputs:
        """(N, 2) error of the velocities under a picture's own caption and under another; some are painted anew.

        `extra` has the painted pictures ("made", of those where "is_made"), with the distance to the nearest training
        picture ("to_nearest": of the painted and of the real one).
        """
        model.eval()
        return self._outputs(model, examples, device_of(model), 0 if isinstance(examples, Choosing) else JUDGED)

    @torch.no_grad()
    def _outputs(self, says: Says, examples: Examples, device: torch.device, most_made: int) -> Outputs:
        parts = [tuple(part.cpu() for part in batch) for batch in in_order(examples, AT_ONCE, device)]
        images, tokens = (torch.cat([part[place] for part in parts]) for place in (0, -1))
        tokens = tokens.long()
        own, other = velocity_errors(says, images, [tokens, other_captions(tokens)], device, self.seed)
        made = np.zeros((len(images), *self._sides), np.uint8)
        is_made = np.arange(len(images)) < most_made
        if most_made:
            made[is_made] = self.painted(says, tokens[:most_made], device)
        real = self._as_bytes(images)
        extra: dict[str, np.ndarray] = {"made": made, "is_made": is_made, "real": real}
        extra |= self._nearest(made, real, is_made) if most_made else {}
        return Outputs(np.stack([own, other], axis=1), np.zeros((len(own), 2)), own, extra)

    def painted(self, says: Says, tokens: Tensor, device: torch.device, **how: Any) -> np.ndarray:
        """(N, H, W, C) pictures of captions (N, T), as bytes; see `painted` of `tasks/_painting.py`."""
        height, width, channels = self._sides
        return self._as_bytes(painted(says, tokens, (channels, height, width), device, **{"seed": self.seed} | how))

    @property
    def _sides(self) -> tuple[int, int, int]:
        return self.preprocessor.height, self.preprocessor.width, self.preprocessor.channels

    def _as_bytes(self, images: Tensor) -> np.ndarray:
        """(N, H, W, C) bytes of pictures (N, C, H, W) in the scale of the network."""
        mean, std = (
            constant(tuple(of), images.device).view(-1, 1, 1) for of in (self.preprocessor.mean, self.preprocessor.std)
        )
        return (images * std + mean).clamp(0, WHITE).round().permute(0, 2, 3, 1).numpy().astype(np.uint8)

    def _nearest(self, made: np.ndarray, real: np.ndarray, is_made: np.ndarray) -> dict[str, np.ndarray]:
        """The nearest training picture of each painted one, and (N, 2) how far it and the real one are from theirs; 0
        where nothing was painted.
        """
        if self._learnt is None:
            return {}
        learnt = self._learnt.astype(np.float32)
        flat = [part[is_made].reshape(-1, learnt.shape[1]).astype(np.float32) for part in (made, real)]
        found = [pictures.nearest_of(part, learnt) for part in flat]
        if found[0] is None or found[1] is None:
            return {}
        nearest, distances = np.zeros_like(made), np.zeros((len(made), 2), np.float32)
        nearest[is_made] = learnt[found[0][0]].astype(np.uint8).reshape(-1, *made.shape[1:])
        distances[is_made] = np.stack([found[0][1], found[1][1]], axis=1)
        return {"nearest": nearest, "to_nearest": distances}

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The error, and how often the own caption is told from another."""
        own, other = outputs.predictions.T
        return {"loss": float(own.mean()), "caption_match": float(scores.matches(own, other).mean())}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score, with intervals."""
        return scores.evaluate(outputs.predictions, outputs.extra, seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Pixels that know neither each other nor the words."""
        assert self._learnt is not None
        rule = IndependentPixels(self._normalised(self._learnt))
        outputs = self._outputs(rule, prepared.test, torch.device("cpu"), JUDGED)
        return {"name": IndependentPixels.NAME, **self.evaluate(outputs)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """The training pictures whose captions are nearest, known by heart."""
        if time.is_up() or self._learnt is None:
            return None
        cpu = torch.device("cpu")
        tokens = torch.cat([batch[-1] for batch in in_order(prepared.train, AT_ONCE, cpu)]).long()
        unseen = torch.cat([batch[0] for batch in in_order(prepared.val, AT_ONCE, cpu)])
        rule = NearestCaptions(self._normalised(self._learnt), tokens, unseen, self.answer.size)
        return NearestCaptions.NAME, self._outputs(rule, prepared.test, cpu, JUDGED)

    def _normalised(self, flat: np.ndarray) -> Tensor:
        """(N, C, H, W) as the network takes them, of bytes (N, H·W·C)."""
        images = torch.from_numpy(flat.reshape(-1, *self._sides)).permute(0, 3, 1, 2).float()
        return self.preprocessor.normalize(images)

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """The error under its own caption and under another."""
        own, other = outputs.predictions[place]
        return {"target": f"{other:.4f} under another caption", "predicted": f"{own:.4f} under its own"}

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The pictures whose way was known worst, each with its caption and beside what was painted for it."""
        records, source = super().mistakes(outputs, prepared, data, count), self.source_of(data)
        captions = prompt.captions_of(source)
        for record, place in zip(records, self.worst(outputs, count)):
            record["text"] = f"“{captions[record['id']]}”: left the real picture, right what is painted for its caption"
            if outputs.extra["is_made"][place]:
                both = [outputs.extra["real"][place], outputs.extra["made"][place]]
                record["image"] = data_uri.of_image(plain(np.concatenate(both, axis=1)))
        return records

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """Pictures with captions as examples.

        Raises:
            OptionError: If they are to be answered.
            DataError: If they are no pictures with captions.
        """
        if not with_target:
            raise OptionError('it answers no pictures, it paints: `deepglass generate RUN --prompt "…"`')
        return super().read(inputs, with_target=True)

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The errors, a record each."""
        return [{"own": float(own), "other": float(other)} for own, other in outputs.predictions]

    # -- making -------------------------------------------------------------------------------------------------

    def generate(
        self,
        model: nn.Module,
        prompt: str | None = None,
        count: int = 1,
        steps: int | None = None,
        guidance: float | None = None,
        seed: int = 0,
    ) -> Iterator[dict[str, Any]]:
        """Pictures of a caption, a record each: a PNG inside its own address, and what was asked for.

        Args:
            model: Of this task.
            prompt: What to paint, in words that the training captions had.
            count: How many.
            steps: From noise to picture; 20 by default.
            guidance: How narrowly the words are followed; 1 is as it was learnt.
            seed: The same seed paints the same.

        Raises:
            OptionError: If a word is unknown, or a number out of its range.
        """
        if prompt is None:
            raise OptionError(f'--prompt is missing: say what to paint, such as --prompt "{self.answer.example}"')
        steps = STEPS if steps is None else steps
        guidance = GUIDANCE if guidance is None else guidance
        require_painting(count, steps, guidance, seed)
        words = torch.from_numpy(self.answer.asked(prompt)).long().expand(count, -1)
        return self._records(model, prompt, words, steps, guidance, seed)

    def _records(self, model: nn.Module, asked: str, words: Tensor, steps: int, guidance: float, seed: int) -> Any:
        model.eval()
        for picture in self.painted(model, words, device_of(model), steps=steps, guidance=guidance, seed=seed):
            yield {"picture": data_uri.of_image(plain(picture)), "prompt": asked, "seed": seed}
