"""Captioning: a sentence that says what a short moving picture shows.

    frames ── filters over picture and time ── a vector per frame ── decoder, which attends to them ── words, one by one

Reads a table with a column of animated pictures and one of captions. The network is taught with the true words before
each word; on its own it writes greedily. Exact match is what counts: a caption with one wrong word says what is not so.

References:
    Venugopalan et al. (2015), Sequence to Sequence - Video to Text, https://arxiv.org/abs/1505.00487
    Vinyals et al. (2015), Show and Tell, https://arxiv.org/abs/1411.4555
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from deepglass.data.examples import in_order
from deepglass.data.fields import caption, sentence, video
from deepglass.data.preprocess.sentences import Kind
from deepglass.rivals import Time
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._sentence import SentenceTask

CLIPS_WANTED = 31_200  # looked at in a training: 40 epochs of the 780 of moving-shapes, as bench/video.py measures
FEWEST_EPOCHS, MOST_EPOCHS = 10, 200
SIDE = 8  # pixels per side of a frame where clips are compared


@dataclass(frozen=True)
class Config(video.Options, sentence.Options):
    """Options of the task."""

    tokens: Kind = "words"  # captions repeat a few words; byte-pairs spell names that training has not seen


class Task(SentenceTask):
    """Clips → sentences."""

    name = "captioning"
    default_model = "captioner"
    monitor = "score"
    better = "higher"
    EXPORTS = ("video", "sentence")
    FIRST_INPUT = "captioned clips"
    HONOURS = ("target", "val_fraction", "test_fraction", "label_smoothing")
    INSTEAD: ClassVar[dict[str, str]] = {
        "classes": "sentences have no classes; leave it out",
        "class_weights": "sentences have no classes; leave it out",
        "mixup": "no sentence tells of two clips at once; leave it out, or try --label-smoothing 0.1",
        "cutmix": "no sentence tells of two clips at once; leave it out, or try --label-smoothing 0.1",
    }
    OPENS_WITH = ("background", "max_rows")
    AUGMENTING = ("augment",)
    READS = ("captioned videos",)
    FOLLOWS_PATHS = ("picture",)
    CHECKS = ()
    INPUTS = (video.Field,)
    ANSWER = caption.Field
    inputs: video.Field
    answer: caption.Field

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the number of clips."""
        epochs = min(MOST_EPOCHS, max(FEWEST_EPOCHS, round(CLIPS_WANTED / max(1, num_examples))))
        return {
            "epochs": epochs,
            "patience": epochs // 2,  # whole sentences become right late: a quarter ended trainings at nine of ten
            "batch_size": 16,
            "learning_rate": 1e-2,
            "weight_decay": 0.05,
            "clip_gradient": 1.0,
            "schedule": "cosine",
            "warmup": 0.1,
            "precision": "float32",  # as of video-classification: see tasks/inputs/video.py
        }

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """With the statistics of these clips, in the part that sees them."""
        train: Any = prepared.train
        self.learning.measure(model.frames, train.examples)

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, chrF, exact match, and the score that chooses the epoch.

        It is exact match; among equals chrF, and when all are right the surer one, by the loss.
        """
        found = super().validate(outputs)
        pairs = zip(self.spelled(outputs.predictions), self.spelled(outputs.targets), strict=True)
        exact = float(np.mean([one == other for one, other in pairs]))
        return found | {"exact": exact, "score": exact + found["chrf"] / 1e3 + math.exp(-found["loss"]) / 1e4}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """The caption of the training clip that looks most alike, pixel by pixel, with all frames seen small."""
        if time.is_up():
            return None
        plain = self.inputs.preprocessor.transform()
        train, written = self._small(prepared.train, plain), self.true_of(prepared.train)
        test = self._small(prepared.test, plain)
        nearest = [int(((train - one) ** 2).sum(axis=1).argmin()) for one in test]
        return "the caption of the nearest training clip", self.outputs_of_texts(
            [written[place] for place in nearest], self.true_of(prepared.test)
        )

    def _small(self, examples: Any, plain: Any) -> np.ndarray:
        """(N, T·C·8·8) the frames of clips, none of them augmented."""
        inner, was = examples.examples, examples.examples.transform
        inner.transform = plain
        try:
            batches = [batch[0] for batch in in_order(inner, 128, torch.device("cpu"))]
        finally:
            inner.transform = was
        pool = nn.AdaptiveAvgPool2d(SIDE)
        return torch.cat([pool(clips.flatten(1, 2).float()).flatten(1) for clips in batches]).numpy()
