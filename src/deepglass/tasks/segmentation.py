"""Segmentation: what does each pixel of a picture show?

pictures with masks ── random windows, augmented together ── network ── a class for each pixel
a picture of any size ── tiles with overlap ── network ── joined without seams ── mask
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import label_pictures
from deepglass.core.device import device_of
from deepglass.core.tiles import in_tiles
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import mask, tiled_image
from deepglass.data.masked_pictures import OUTSIDE, UNKNOWN
from deepglass.evaluate import mask_pictures
from deepglass.evaluate.metrics import segmentation as scores
from deepglass.rivals import Time, pixel_colours
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask
from deepglass.training import segmentation

TIE_BREAK = 1e-3  # weight of the loss beside the overlap: it only decides between equals
LEAST_PROB = 1e-6  # of a class: one certain mistake must not outweigh all else


@dataclass(frozen=True)
class Config(tiled_image.Options):
    """Options of the task."""


class Task(SupervisedTask):
    """Pictures → masks."""

    name = "segmentation"
    default_model = "unet"
    monitor = "score"
    better = "higher"
    HONOURS = ("val_fraction", "test_fraction")
    OPENS_WITH = ("background", "max_rows")
    FIRST_INPUT = "images"
    INSTEAD: ClassVar[dict[str, str]] = {"target": "what the pixels show is told by the masks; leave it out"}
    AUGMENTING = ("augment",)
    READS = ("masks", "boxes")
    FOLLOWS_PATHS = ("picture",)
    CHECKS = ("masks",)
    EXPORTS = ("tiled_image", "pixel_probabilities")
    INPUTS = (tiled_image.Field,)
    ANSWER = mask.Field
    inputs: tiled_image.Field
    answer: mask.Field

    @property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return self.answer.classes

    def prepare(self, data: Data) -> Prepared:
        """As every task; also says which classes cannot be learnt.

        Raises:
            DataError: If there is nothing to learn from.
            OptionError: If an option does not fit the pictures or the masks.
        """
        prepared = super().prepare(data)
        prepared.remarks += self.answer.remarks()
        return prepared

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean over windows: surprise at their pixels, and how badly their regions overlap."""
        images, targets = batch
        return segmentation.losses(model(images).float().log_softmax(dim=1), targets).mean()

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 4) -> Outputs:
        """Masks (N, H, W) of uint8, `OUTSIDE` beyond the edges of smaller pictures."""
        model.eval()
        is_raw = getattr(examples, "channels_last", False)  # pictures as an exported model takes them

        def answer(pictures: Tensor, sizes: list[tuple[int, int]]) -> list[np.ndarray]:
            return [self._probabilities(model, image[:, :h, :w], is_raw) for image, (h, w) in zip(pictures, sizes)]

        return self._outputs(examples, answer, device_of(model), batch_size)

    def _outputs(self, examples: Examples, answer: Any, device: torch.device, batch_size: int) -> Outputs:
        """What is said of each picture, of which `answer` gives the probabilities (h, w, K) by its real size."""
        found, truth, losses = [], [], []
        for images, targets in in_order(examples, batch_size, device):
            images = images.permute(0, 3, 1, 2) if getattr(examples, "channels_last", False) else images
            known = targets.shape[1:] == images.shape[2:]
            sizes = [_size(target) for target in targets] if known else [images.shape[2:]] * len(images)
            for probs, target, (h, w) in zip(answer(images, sizes), targets.cpu(), sizes):
                label = np.full(images.shape[2:], OUTSIDE, np.uint8)
                label[:h, :w] = probs.argmax(axis=-1)
                found.append(label)
                truth.append(target.numpy())
                log_probs = torch.from_numpy(probs).clamp(min=LEAST_PROB).log().permute(2, 0, 1)[None]
                losses.append(float(segmentation.losses(log_probs, target[None, :h, :w])) if known else 0.0)
        masks = np.stack(truth) if truth else np.zeros((0, 1, 1), np.uint8)
        predictions = np.stack(found) if found else np.zeros((0, 1, 1), np.uint8)
        if not np.isin(masks, (UNKNOWN, OUTSIDE), invert=True).any():
            return Outputs(predictions, None)
        return Outputs(predictions, masks, np.array(losses))

    def _probabilities(self, model: nn.Module, image: Tensor, is_raw: bool) -> np.ndarray:
        """(H, W, K) of one picture (C, H, W) as the network takes it."""

        def answer(tiles: np.ndarray) -> np.ndarray:
            given = torch.from_numpy(tiles).to(image.device)
            given = given if is_raw else given.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
            return model(given).float().softmax(dim=1).permute(0, 2, 3, 1).cpu().numpy()

        fitted = self.inputs.preprocessor
        return in_tiles(answer, image.permute(1, 2, 0).cpu().numpy(), fitted.height, fitted.width)

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, overlap, and the score that chooses the epoch: the overlap."""
        counts = scores.count(outputs.predictions, outputs.targets, len(self.classes), with_edges=False)  # type: ignore[arg-type]
        found, loss = scores.scored(counts), float(np.mean(outputs.losses))  # type: ignore[arg-type]
        mean_iou = float(np.nan_to_num(found.mean_iou[0]))
        return {
            "loss": loss,
            "mean_iou": mean_iou,
            "pixel_accuracy": float(np.nan_to_num(found.pixel_accuracy[0])),
            "score": mean_iou - TIE_BREAK * loss,
        }

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of masks."""
        return scores.evaluate(outputs.predictions, outputs.targets, self.classes, self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The largest class everywhere."""
        targets = prepared.test.tensors[-1].cpu().numpy()  # type: ignore[attr-defined]
        usual = int(self.answer.class_counts.argmax())
        result = scores.evaluate(np.full_like(targets, usual), targets, self.classes, self.seed)
        return {"name": f"{self.classes[usual]} everywhere", **result}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """The usual class of a pixel's colour, with or without that of the colour around it, as validation prefers."""
        if time.is_up():
            return None
        pictures, masks = self._still(prepared)
        tables = [pixel_colours.fit(pictures, masks, len(self.classes), around) for around in (False, True)]
        val = [self._by_colour(table, prepared.val) for table in tables]
        best = int(np.argmax([self.validate(outputs)["mean_iou"] for outputs in val]))
        return tables[best].name, self._by_colour(tables[best], prepared.test)

    def _still(self, prepared: Prepared) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Some training pictures (H, W, C) and their masks as they are."""
        train, plain = prepared.train, self.inputs.preprocessor.transform()
        count = min(len(train), pixel_colours.MOST_PICTURES)
        rows, was = torch.linspace(0, len(train) - 1, count).long(), train.transform  # type: ignore[attr-defined]
        train.transform = plain  # type: ignore[attr-defined]
        try:
            parts = [train.batch(row[None]) for row in rows]
        finally:
            train.transform = was  # type: ignore[attr-defined]
        return [p[0][0].permute(1, 2, 0).cpu().numpy() for p in parts], [p[-1][0].cpu().numpy() for p in parts]

    def _by_colour(self, table: pixel_colours.ColourTable, examples: Examples) -> Outputs:
        def answer(pictures: Tensor, sizes: list[tuple[int, int]]) -> list[np.ndarray]:
            whole = pictures.permute(0, 2, 3, 1).cpu().numpy()
            return [table.answer(picture[:h, :w]).astype(np.float32) for picture, (h, w) in zip(whole, sizes)]

        return self._outputs(examples, answer, torch.device("cpu"), 4)

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the pictures with the largest share of wrong pixels."""
        judged = outputs.targets < len(self.classes)  # type: ignore[operator]
        wrong = ((outputs.predictions != outputs.targets) & judged).sum(axis=(1, 2))
        errors = wrong / np.maximum(1, judged.sum(axis=(1, 2)))
        order = np.argsort(-errors, kind="stable")
        return order[errors[order] > 0][:count]

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """What the picture shows, and what went wrong."""
        answer, truth = outputs.predictions[place], outputs.targets[place]  # type: ignore[index]
        parts, judged = self._sides(outputs, place), max(1, int((truth < len(self.classes)).sum()))
        there = label_pictures.shares(truth[truth < len(self.classes)], self.classes)
        shown = sorted(((share, name) for name, share in there.items() if share), reverse=True)
        wrong = float((answer != truth)[truth < len(self.classes)].sum()) / judged
        told = ", ".join(
            f"{mask_pictures.WORDS[name]}: {part.sum() / judged:.1%} {name}" for name, part in parts.items()
        )
        return {
            "target": ", ".join(f"{name} {share:.0%}" for share, name in shown[:5]),
            "predicted": f"{wrong:.1%} wrong",
            "text": told,
        }

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The worst pictures, with what was found, missed and invented in colours."""
        records, source = super().mistakes(outputs, prepared, data, count), self.source_of(data)
        for record, place in zip(records, self.worst(outputs, count)):
            h, w = _size(torch.from_numpy(outputs.targets[place]))  # type: ignore[index]
            pixels = self.inputs.preprocessor.row(source, record["id"]).round().astype(np.uint8)
            parts = {name: part[:h, :w] for name, part in self._sides(outputs, place).items()}
            record["image"] = mask_pictures.data_uri(pixels, parts)
        return records

    def _sides(self, outputs: Outputs, place: int) -> dict[str, np.ndarray]:
        ground = int(self.answer.class_counts.argmax())
        truth = outputs.targets[place]  # type: ignore[index]
        return mask_pictures.sides(outputs.predictions[place], truth, len(self.classes), ground)

    # -- answers ------------------------------------------------------------------------------------------------

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """One record per picture: what names it, the share of each class, and the mask as a PNG of its size."""
        names = dict(names)
        heights, widths = names.pop("height"), names.pop("width")
        records = []
        for i, labels in enumerate(outputs.predictions):
            about = {name: column[i] for name, column in names.items()}
            inside = labels != OUTSIDE
            real = labels[: inside[:, 0].sum(), : inside[0].sum()]
            whole = label_pictures.scaled(real, heights[i], widths[i])
            shares = label_pictures.shares(whole, self.classes)
            said = {f"share of {name}": share for name, share in shares.items()}
            records.append({**about, **said, "mask": label_pictures.as_uri(whole)})
        return records

    # -- explaining ---------------------------------------------------------------------------------------------

    @property
    def explained_as(self) -> str | None:
        """As a picture; what is explained is how much of it is of a class."""
        return "image"

    @property
    def score_names(self) -> list[str]:
        """The classes."""
        return self.classes

    @property
    def score_unit(self) -> str:
        """Of `scores`."""
        return "mean logit"

    def scores(self, said: Tensor) -> Tensor:
        """(B, K) the mean over the picture of what the network says of each class."""
        return said.mean(dim=(2, 3))


def _size(target: Tensor) -> tuple[int, int]:
    """Height and width of a picture, from its target that was enlarged with `OUTSIDE`."""
    inside = target != OUTSIDE
    return int(inside[:, 0].sum()), int(inside[0].sum())
