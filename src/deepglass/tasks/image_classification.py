"""Image classification: which of several classes does a picture show?

    file, folder, array ── one size, one number of channels ── augment (training only) ── network ── probabilities

Pictures that fit into memory are held as bytes; a folder that does not fit is decoded batch by batch.
"""

import base64
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from deepglass.core.console import console
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data import fingerprints, statistics
from deepglass.data.augment.image import parse
from deepglass.data.containers import Data, Images
from deepglass.data.examples import Batch, Examples, InMemory
from deepglass.data.folds import folds
from deepglass.data.pictures import PicturesOnDisk
from deepglass.data.preprocess.image import ImagePreprocessor, choose_size, evenly, read_inputs
from deepglass.data.reading import source
from deepglass.data.reading.decode import decode
from deepglass.data.reading.learnable import require_image_classes
from deepglass.data.splits import Splits, split
from deepglass.tasks import _image_defaults
from deepglass.tasks._classification import ClassificationTask, worst
from deepglass.tasks._contract import Outputs, Prepared
from deepglass.training.classification import classification_loss
from deepglass.training.mixing import mix

NO_TARGET = -1
SHOWN_SIDE = 128  # of the pictures in the report
FEW_EPOCHS = 8  # fashion-mnist in five epochs: 92.1 % without crops, 91.0 % with them; in twenty they help
LOOKED_AT = 2_000  # training pictures from which the augmentation is chosen
TIE_BREAK = 1e-3  # weight of the loss beside the accuracy: it only decides between equals


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    augment: str | None = None  # flip, crop, rotate, zoom, colour, erase by commas, or none; chosen from the data
    image_size: int | None = None  # side to scale to; pictures of one size up to 64 stay, larger ones become 96
    max_memory: float = 2.0  # GiB of decoded pictures to hold; a larger folder is decoded batch by batch
    decode_workers: int | None = None  # threads that decode files; as many as there are processors


class Task(ClassificationTask):
    """Pictures → classes."""

    name = "image-classification"
    default_model = "cnn"
    monitor = "score"
    better = "higher"
    HONOURS = ("classes", "val_fraction", "test_fraction", "label_smoothing", "mixup", "cutmix", "class_weights")
    INSTEAD: ClassVar[dict[str, str]] = {"target": "the class of a picture is the name of its folder; leave it out"}
    AUGMENTING = ("augment",)
    config: Config
    preprocessor: ImagePreprocessor
    augmentations: list[str]

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Split, learn size and brightness from the training split, choose the augmentation.

        Raises:
            DataError: If the data are no pictures of two or more classes, each with training pictures.
        """
        images = require_classes(data)
        splits = self._split(images)
        self.classes = images.classes
        self.class_counts = np.bincount(images.labels[splits["train"]], minlength=len(self.classes))  # type: ignore[index]
        self._require_training_pictures(images)
        self.preprocessor = self._fit_preprocessor(images, splits["train"])
        guesses = self._size_guess(images) + self._choose_augmentations(images, splits["train"])
        some = evenly(splits["train"], LOOKED_AT)
        self.statistics = {"image": statistics.of_pictures(self.preprocessor.pixels(images, some, self._workers))}
        return Prepared(
            train=self._examples(images, splits["train"], self.augmentations),
            val=self._examples(images, splits["val"]),
            test=self._examples(images, splits["test"]),
            dims=self.dims,
            ids=splits,
            guesses=guesses,
        )

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        fitted = self.preprocessor
        return {
            "num_classes": len(self.classes),
            "num_outputs": len(self.classes),
            "in_channels": fitted.channels,
            "image_size": (fitted.height, fitted.width),
            "num_features": fitted.num_bytes,
        }

    def state(self) -> dict[str, Any]:
        """Classes, and how a picture is brought into shape."""
        return {
            "classes": self.classes,
            "class_counts": self.class_counts.tolist(),
            "preprocessing": self.preprocessor.state(),
            "augment": self.augmentations,
            "statistics": self.statistics,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.classes, self.class_counts = state["classes"], np.array(state["class_counts"])
        self.preprocessor = ImagePreprocessor.from_state(state["preprocessing"])
        self.augmentations, self.statistics = state["augment"], state.get("statistics", {})

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """Labelled pictures from a folder; pictures without classes as they were given."""
        return source.read(inputs, replace(self.config_of_new_data, rare_classes=None)) if with_target else inputs

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every picture, its content."""
        return fingerprints.of_pictures(data) if isinstance(data, Images) else None

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """Pictures from a file, a folder, a list of these, or an array of bytes.

        With a target: as for training, a folder a class; where the data declare a test split, that one.

        Raises:
            DataError: If a picture is broken, or with `with_target` its class is absent or unknown.
        """
        if not with_target:
            images, names = read_inputs(inputs, self.preprocessor.channels, self.config_of_new_data)
            images.labels = np.full(len(images), NO_TARGET)
            return self._examples(images, np.arange(len(images))), names
        images = self._with_known_classes(self.open(inputs, with_target=True))
        rows = images.splits.get("test", np.arange(len(images)))
        return self._examples(images, rows), {"row": rows.tolist()}

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation; validation is drawn from what each leaves for training."""
        images = require_classes(data)
        return folds(len(images), number, self.seed, images.labels)

    # -- learning -----------------------------------------------------------------------------------------------

    @property
    def augments(self) -> bool:
        """Whether any augmentation is on."""
        return bool(self.augmentations)

    def hold_still(self, prepared: Prepared) -> None:
        """Show every training picture as it is."""
        self.augmentations = []
        prepared.train.transform = self.preprocessor.transform()  # type: ignore[attr-defined]

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the number of pictures and their size."""
        side = max(self.preprocessor.height, self.preprocessor.width)
        return _image_defaults.train_defaults(model_name, num_examples, side)

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the size of the pictures."""
        return _image_defaults.model_defaults(model_name, self.preprocessor.height, self.preprocessor.width)

    def expect(self, epochs: float) -> None:
        """In a training of few epochs no picture is seen often enough to be learnt by heart: no crops, then."""
        if epochs < FEW_EPOCHS and self._options.augment is None and "crop" in self.augmentations:
            self.augmentations.remove("crop")
            console.say(f"  augment: crop is left out of a training of {epochs:.0f} epochs; change with --augment")

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what concerns files, where the pictures are in memory."""
        yield from super().unused_options(asked, data, model)
        for name in {"max_memory", "decode_workers"} & asked.keys():
            if isinstance(data, Images) and data.paths is None:
                yield Unused(name, "these pictures are in memory already, none is decoded from a file")

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy, of mixed pictures where mixup or cutmix is on."""
        config = self.train_config
        if not model.training or not (config.mixup or config.cutmix):
            return super().loss(model, batch)
        images, targets = batch
        mixed = mix(images, config.mixup, config.cutmix)
        logits = model(mixed.inputs)  # (B, K)
        weights = self.class_weights(logits.device)
        return mixed.loss(
            lambda t: classification_loss(logits, t, weights=weights, smoothing=config.label_smoothing), targets
        )

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, accuracy, and the score that chooses the epoch: accuracy, and among equals the lower loss."""
        metrics = super().validate(outputs)
        return metrics | {"score": metrics["accuracy"] - TIE_BREAK * metrics["loss"]}

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The pictures that surprised the model most, each as a data URI."""
        images = require_classes(data)
        records = []
        for i in worst(outputs, count):
            truth, answer = int(outputs.targets[i]), int(outputs.predictions[i].argmax())  # type: ignore[index]
            row = int(prepared.ids["test"][i])
            record = {
                "id": row,
                "target": self.classes[truth],
                "predicted": self.classes[answer],
                "probability": float(outputs.predictions[i, answer]),
                "loss": float(outputs.losses[i]),  # type: ignore[index]
                "image": as_data_uri(picture(images, row)),
            }
            records.append(record | ({"file": str(images.paths[row])} if images.paths else {}))
        return records

    # -- helpers ------------------------------------------------------------------------------------------------

    def _split(self, images: Images) -> Splits:
        return split(
            len(images),
            val_fraction=self.data_config.val_fraction,
            test_fraction=self.data_config.test_fraction,
            seed=self.seed,
            labels=images.labels,
            declared=images.splits,
        )

    def _require_training_pictures(self, images: Images) -> None:
        if absent := [name for name, count in zip(self.classes, self.class_counts, strict=True) if count == 0]:
            raise DataError(
                f"{images.name}: {counted(len(absent), 'class')} without a picture to train on ({listing(absent)}): "
                "add pictures of it, or name the classes to keep with --classes"
            )

    def _examples(self, images: Images, rows: np.ndarray, augmentations: list[str] | None = None) -> Examples:
        """The pictures at `rows`: as bytes where all of the data fit into memory, else decoded when asked for."""
        fitted, transform = self.preprocessor, self.preprocessor.transform(augmentations or [])
        targets = torch.from_numpy(images.labels[rows])  # type: ignore[index]
        fits = len(images) * fitted.num_bytes <= self._options.max_memory * 2**30
        if images.paths is not None and not fits:
            return PicturesOnDisk([images.paths[i] for i in rows], targets, fitted.load, transform, self._workers)
        pixels = torch.from_numpy(fitted.pixels(images, rows, self._workers))  # (N, H, W, C)
        return InMemory(pixels.permute(0, 3, 1, 2).contiguous(), targets, transform=transform)  # (N, C, H, W)

    def _choose_augmentations(self, images: Images, rows: np.ndarray) -> list[Guess]:
        if self._options.augment is not None:
            self.augmentations = parse(self._options.augment)
            return []
        some = evenly(np.random.default_rng(self.seed).permutation(rows), LOOKED_AT)
        pixels = self.preprocessor.pixels(images, some, self._workers)
        self.augmentations, guess = _image_defaults.choose_augmentations(pixels, images.labels[some], self.classes)  # type: ignore[index]
        return [guess]

    def _fit_preprocessor(self, images: Images, rows: np.ndarray) -> ImagePreprocessor:
        """Size and brightness as the training pictures have them, or as the weights want them."""
        size = self._options.image_size
        scaling = self.pretrained.belongings.scaling if self.pretrained else None
        if scaling is None:
            return ImagePreprocessor.fit(images, rows, size, self._workers)
        side = size or scaling.size
        height, width = (side, side) if side else choose_size(images, rows)
        return ImagePreprocessor(height, width, len(scaling.mean), images.classes, scaling.mean, scaling.std)

    def _size_guess(self, images: Images) -> list[Guess]:
        size = (self.preprocessor.height, self.preprocessor.width)
        is_kept = images.pixels is not None and images.pixels.shape[1:3] == size
        if is_kept or self._options.image_size is not None:
            return []
        why = "as the weights were trained" if self.pretrained else "scaled to cover it, the rest cut off"
        return [Guess("image size", f"{size[0]}x{size[1]}", why, "--image-size")]

    def _with_known_classes(self, data: Data) -> Images:
        """Labels as positions in the classes of the training."""
        if not isinstance(data, Images) or data.labels is None:
            raise DataError(f"{data.name} has no pictures with classes: expected a folder of pictures a class")
        if unknown := [name for name in data.classes if name not in self.classes]:
            raise DataError(
                f"{data.name} has {counted(len(unknown), 'class')} that the model does not know "
                f"({listing(unknown)}): expected {listing(self.classes, 10)}; rename or remove them"
            )
        place = np.array([self.classes.index(name) for name in data.classes], dtype=np.int64)
        data.labels, data.classes = place[data.labels], self.classes
        return data

    @property
    def _options(self) -> Config:
        return self.config or Config()

    @property
    def _workers(self) -> int:
        return self._options.decode_workers or os.cpu_count() or 1


def require_classes(data: Data) -> Images:
    """Pictures that can be learnt from.

    Raises:
        DataError: If the data are something else, or have too few classes or pictures.
    """
    if not isinstance(data, Images):
        raise DataError(f"{data.name} holds no pictures: expected a folder of pictures a class; choose another --task")
    require_image_classes(data)
    return data


def picture(images: Images, row: int) -> np.ndarray:
    """One picture (H, W, C) as it came."""
    if images.pixels is not None:
        return images.pixels[row]
    return decode(images.paths[row], images.channels)  # type: ignore[index]


def as_data_uri(pixels: np.ndarray) -> str:
    """A picture (H, W, C) as PNG inside a URI; a large one is scaled down, a tiny one is left to the page."""
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    image.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
