"""Object detection: which things are in a picture, and where?

    pictures with boxes ── kept whole, one size ── augment both ── network ── places ── suppress ── boxes with scores

Boxes are shares of their picture everywhere but in what people read, where they are pixels of the picture as it came.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.console import console
from deepglass.core.detections import detect, padded
from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.core.state import read, require_between
from deepglass.core.wording import counted
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import boxes, whole_image
from deepglass.evaluate import box_pictures
from deepglass.evaluate.metrics import detection as scores
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask
from deepglass.training import detection

USUAL_SCORE = 0.3  # shown from here on, until validation tells better
TIE_BREAK = 1e-3  # weight of the loss beside the precision: it only decides between equals


@dataclass(frozen=True)
class Config(whole_image.Options):
    """Options of the task."""

    min_score: float | None = None  # shown are boxes with this score and more; chosen on validation for the best F1


class Task(SupervisedTask):
    """Pictures → boxes."""

    name = "object-detection"
    default_model = "grid-detector"
    monitor = "score"
    better = "higher"
    HONOURS = ("val_fraction", "test_fraction")
    OPENS_WITH = ("background", "max_rows")
    FIRST_INPUT = "images"
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "what is in a picture is told by its annotation; leave it out",
        "private": "the loss counts boxes and not pictures, so no picture has a bounded part in it; leave it out",
    }
    AUGMENTING = ("augment",)
    READS = ("boxes",)
    FOLLOWS_PATHS = ("picture",)
    CHECKS = ("boxes",)
    EXPORTS = ("whole_image", "boxes")
    INPUTS = (whole_image.Field,)
    ANSWER = boxes.Field
    inputs: whole_image.Field
    answer: boxes.Field
    min_score: float = USUAL_SCORE

    @property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return self.answer.classes

    @property
    def explained_as(self) -> str | None:
        """Not at all yet: an answer is a set of boxes, and no single score."""
        return None

    def prepare(self, data: Data) -> Prepared:
        """As every task; also says which boxes cannot be learnt.

        Raises:
            DataError: If there are no boxes to learn from.
            OptionError: If --min-score is none.
        """
        if self.config and self.config.min_score is not None:
            if not 0 < self.config.min_score <= 1:
                raise OptionError(f"--min-score: expected a share above 0, up to 1, got {self.config.min_score:g}")
            self.min_score = self.config.min_score
        prepared = super().prepare(data)
        prepared.remarks += self.answer.remarks()
        return prepared

    def state(self) -> dict[str, Any]:
        """Of both fields, and from which score on boxes are shown."""
        return super().state() | {"min_score": self.min_score}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.min_score = read(state, "min_score", float)
        require_between(self.min_score, 0, 1, "a score")

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean over pictures: a heat map for every class, and the boxes under its hills."""
        images, targets = batch
        return detection.losses(model(images).float(), targets).mean()

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 32) -> Outputs:
        """Detections (N, 100, 6): box, score, class; a score of 0 is none."""
        model.eval()
        found, truth, losses = [], [], []
        for images, targets in in_order(examples, batch_size, device_of(model)):
            grid = model(images).float()
            found += [detect(places) for places in detection.decode(grid).cpu().numpy()]
            losses.append(detection.losses(grid, targets).cpu().numpy())
            truth.append(targets.cpu().numpy())
        targets = np.concatenate(truth)
        if (targets[..., 5] == boxes.UNKNOWN).all():
            return Outputs(padded(found), None)
        return Outputs(padded(found), targets, np.concatenate(losses))

    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """Choose from which score on boxes are shown: the best F1 on the validation pictures."""
        if self.config and self.config.min_score is not None:
            return False
        val = self.outputs(model, prepared.val)
        self.min_score = scores.best_score(scores.match(val.predictions, val.targets, self.answer.size))  # type: ignore[arg-type]
        return True

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, two mean average precisions, and the score that chooses the epoch: their mean."""
        matched = scores.match(outputs.predictions, outputs.targets, self.answer.size)  # type: ignore[arg-type]
        map_50, _, mean = np.nan_to_num(scores.mean_average_precisions(matched))
        loss = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        score = (map_50 + mean) / 2 - TIE_BREAK * loss
        return {"loss": loss, "map_50": float(map_50), "map": float(mean), "score": float(score)}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of a detector."""
        return scores.evaluate(outputs.predictions, outputs.targets, self.classes, self.min_score, self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """In every picture the mean box of the most frequent class."""
        train, test = (part.tensors[-1].cpu().numpy() for part in (prepared.train, prepared.test))  # type: ignore[attr-defined]
        usual = int(self.answer.class_counts.argmax())
        asked = (train[..., 5] == 0) & (train[..., 4] == usual)
        always = np.array([[*train[asked][:, :4].mean(axis=0), 1.0, usual]])
        found = padded([always] * len(test))
        result = scores.evaluate(found, test, self.classes, seed=self.seed)
        return {"name": f"the mean box of {self.classes[usual]} in every picture", **result}

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the pictures with the most missed and invented boxes."""
        wrong = box_pictures.COLOURS["missed"], box_pictures.COLOURS["invented"]
        all_sides = (self._sides(outputs, place) for place in range(len(outputs.predictions)))
        errors = np.array([sum(len(sides[colour]) for colour in wrong) for sides in all_sides])
        order = np.lexsort((-outputs.losses, -errors))  # type: ignore[operator]
        return order[errors[order] > 0][:count]

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """What is in the picture, and what went wrong."""
        sides, truth = self._sides(outputs, place), outputs.targets[place]  # type: ignore[index]
        names = Counter(self.classes[int(label)] for label, state in truth[:, 4:] if state == 0)
        counts = {word: len(sides[colour]) for word, colour in box_pictures.COLOURS.items()}
        wrong = [f"{counts[word]} {word}" for word in ("missed", "invented") if counts[word]]
        return {
            "target": ", ".join(f"{name} × {count}" for name, count in names.most_common()) or "nothing",
            "predicted": ", ".join(wrong),
            "text": ", ".join(f"{box_pictures.WORDS[word]}: {count} {word}" for word, count in counts.items()),
        }

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The worst pictures, with their boxes drawn."""
        records, source = super().mistakes(outputs, prepared, data, count), self.source_of(data)
        for record, place in zip(records, self.worst(outputs, count)):
            pixels = self.inputs.picture(source, record["id"])
            record["image"] = box_pictures.data_uri(pixels, self._sides(outputs, place))
        return records

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """One record per box: what names its picture, the class, the score, and the box in pixels."""
        names = dict(names)
        sizes = np.array([names.pop("width"), names.pop("height")]).T  # (N, 2)
        records, empty = [], []
        for i, found in enumerate(outputs.predictions):
            about = {name: column[i] for name, column in names.items()}
            shown = found[found[:, 4] >= self.min_score]
            empty += [] if len(shown) else [str(next(iter(about.values()), i))]
            for box, (score, label) in zip(shown[:, :4] * np.tile(sizes[i], 2), shown[:, 4:]):
                corners = zip(("x0", "y0", "x1", "y1"), (round(float(edge), 2) for edge in box))
                records.append({**about, "label": self.classes[int(label)], "score": float(score), **dict(corners)})
        if empty:
            console.say(f"  nothing found in {counted(len(empty), 'picture')}: {', '.join(empty[:5])}")
        return records

    def _sides(self, outputs: Outputs, place: int) -> dict[tuple[int, int, int], np.ndarray]:
        """By colour the boxes of a picture that are found, missed and invented."""
        found, truth = outputs.predictions[place], outputs.targets[place]  # type: ignore[index]
        parts = scores.sides(found, truth, self.answer.size, self.min_score)
        return dict(zip(box_pictures.COLOURS.values(), parts))
