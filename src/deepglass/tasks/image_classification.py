"""Image classification: which of several classes does a picture show?

    file, folder, array ── one size, one number of channels ── augment (training only) ── network ── probabilities

Pictures that fit into memory are held as bytes; a folder that does not fit is decoded batch by batch.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.console import console
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import counted, listing
from deepglass.data import fingerprints, statistics
from deepglass.data.augment.image import parse
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images
from deepglass.data.examples import Batch, Examples, InMemory
from deepglass.data.few_photographs import few_photographs
from deepglass.data.folds import folds
from deepglass.data.group_splits import group_folds, split_groups
from deepglass.data.picture_survey import survey
from deepglass.data.pictures import PicturesOnDisk
from deepglass.data.preprocess.image import (
    ImagePreprocessor,
    as_stored,
    choose_size,
    evenly,
    learn_scale,
    read_inputs,
)
from deepglass.data.preprocess.pixel_scale import few_levels
from deepglass.data.reading import source
from deepglass.data.reading.learnable import require_image_classes
from deepglass.data.splits import Splits, split
from deepglass.rivals import Rival, Time, pixels
from deepglass.tasks import Outputs, Prepared, _image_defaults
from deepglass.tasks._classification import ClassificationTask, worst
from deepglass.tasks._shown import as_data_uri, picture
from deepglass.training.classification import classification_loss
from deepglass.training.mixing import mix

NO_TARGET = -1
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
    pixel_range: str | None = None  # values of black and white, such as 0,4095; guessed for all but bytes
    blend: bool | None = None  # mix in logistic regression on pixels where validation asks for it; of few pictures
    near_copies: Literal["together", "apart"] = (
        "together"  # a random split keeps them on one side, or leaves it to chance
    )


class Task(ClassificationTask):
    """Pictures → classes."""

    name = "image-classification"
    default_model = "cnn"
    monitor = "score"
    better = "higher"
    HONOURS = ("classes", "val_fraction", "test_fraction", "label_smoothing", "mixup", "cutmix", "class_weights")
    INSTEAD: ClassVar[dict[str, str]] = {"target": "the class of a picture is the name of its folder; leave it out"}
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    config: Config
    preprocessor: ImagePreprocessor
    augmentations: list[str]
    groups: np.ndarray | None = None  # (N,) what no split parts
    columns: dict[str, str]  # of a table of paths, by option; a table that comes later is read alike
    has_rivals = False  # whether there are few pictures, of which simple models learn as fast
    channels_first: bool  # whether arrays of one picture are (C, H, W)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Split, learn size and brightness from the training split, choose the augmentation.

        Raises:
            DataError: If the data are not pictures of two or more classes, each with training pictures.
        """
        images = require_classes(data)
        self.columns, self.channels_first = images.columns or {}, images.channels_first
        guesses = self._choose_groups(images)
        splits = self._split(images)
        guesses += _origin_of_test(images, splits)
        self.classes = images.classes
        self.class_counts = np.bincount(images.labels[splits["train"]], minlength=len(self.classes))  # type: ignore[index]
        self._require_training_pictures(images)
        self.preprocessor, scale_guesses = self._fit_preprocessor(images, splits["train"])
        guesses += scale_guesses + self._size_guess(images) + self._choose_augmentations(images, splits["train"])
        some = evenly(splits["train"], LOOKED_AT)
        self.statistics = {"image": statistics.of_pictures(self.preprocessor.pixels(images, some, self._workers))}
        self.preprocessor.scale.seen.clear()
        return Prepared(
            train=self._examples(images, splits["train"], self.augmentations),
            val=self._examples(images, splits["val"]),
            test=self._examples(images, splits["test"]),
            dims=self.dims,
            ids=splits,
            guesses=guesses,
            remarks=self._remarks(images, splits["train"]),
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
            "num_features": fitted.num_values,
        }

    def extremes(self) -> tuple[Tensor, ...]:
        """A grey picture."""
        return (torch.zeros(1, self.preprocessor.channels, self.preprocessor.height, self.preprocessor.width),)

    def state(self) -> dict[str, Any]:
        """Classes, and how a picture is brought into shape."""
        return {
            "classes": self.classes,
            "class_counts": self.class_counts.tolist(),
            "preprocessing": self.preprocessor.state(),
            "augment": self.augmentations,
            "statistics": self.statistics,
            "columns": self.columns,
            "channels_first": self.channels_first,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.load_classes(state)
        self.preprocessor = ImagePreprocessor.from_state(state["preprocessing"])
        self.augmentations, self.statistics = read(state, "augment", list[str]), statistics.read_back(state)
        self.columns = read(state, "columns", dict[str, str] | None, None) or {}
        self.channels_first = read(state, "channels_first", bool, False)

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """Labelled pictures from a folder or a table of paths; pictures without classes as they were given."""
        return source.read(inputs, self._config_of_new, follow=self.FOLLOWS_PATHS) if with_target else inputs

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every picture, its content."""
        return fingerprints.of_pictures(data) if isinstance(data, Images) else None

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """Pictures from a file, a folder, a list of these, a table of paths, or an array.

        With a target: as for training, a folder per class; where the data declare a test split, that one.

        Raises:
            DataError: If a picture is broken, or with `with_target` its class is absent or unknown.
        """
        if not with_target:
            channels = self.preprocessor.channels
            images, names = read_inputs(inputs, channels, self._config_of_new, self.channels_first)
            images.labels = np.full(len(images), NO_TARGET)
            return self._new_examples(images, np.arange(len(images))), names
        images = self._with_known_classes(self.open(inputs, with_target=True))
        rows = images.splits.get("test", np.arange(len(images)))
        return self._new_examples(images, rows), {"row": rows.tolist()}

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation; validation is drawn from what each leaves for training."""
        images = require_classes(data)
        if self.groups is not None:
            return group_folds(self.groups, images.labels, number, self.seed)  # type: ignore[arg-type]
        return folds(len(images), number, self.seed, images.labels)

    # -- learning -----------------------------------------------------------------------------------------------

    @property
    def augments(self) -> bool:
        """Whether any augmentation is on."""
        return bool(self.augmentations)

    def disable_augmentation(self, prepared: Prepared) -> None:
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

    def on_epochs_known(self, epochs: float) -> None:
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
        if "blend" in asked and self.class_counts is not None and sum(self.class_counts) > pixels.MOST_PICTURES:
            yield Unused("blend", "a simple model is mixed in of few pictures only, and these are many; leave it out")
        if "near_copies" in asked and isinstance(data, Images) and not self._has_near_copies(data):
            yield Unused("near_copies", "no two pictures nearly agree, or the data are divided already")

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """With the statistics of these pictures."""
        _image_defaults.measure_statistics(model, _image_defaults.still(prepared))

    def rivals(self, prepared: Prepared, data: Data, time: Time) -> list[Rival]:
        """Logistic regression on small pictures, where there are few of them."""
        found = pixels.rival(_image_defaults.still(prepared), prepared.val, len(self.classes), time)
        self.has_rivals = found is not None
        return [found] if found else []

    @property
    def may_blend(self) -> bool:
        """With a rival, unless classes are to count otherwise than they occur; beside another model only when asked."""
        if self.train_config.class_weights != "none" or not self.has_rivals or self.pretrained is not None:
            return False
        return self.model == self.default_model if self._options.blend is None else self._options.blend

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Logistic regression on small pictures."""
        found = pixels.fit(_image_defaults.still(prepared), prepared.val, len(self.classes), time)
        return (pixels.NAME, self.outputs(found, prepared.test)) if found else None

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
                "image": as_data_uri(picture(images, row, self.preprocessor.scale)),
            }
            files = images.paths or images.names
            records.append(record | ({"file": str(files[row])} if files else {}))
        return records

    # -- helpers ------------------------------------------------------------------------------------------------

    def _choose_groups(self, images: Images) -> list[Guess]:
        """What no split may part: groups that were asked for, and near copies."""
        groups, guesses = survey(images, self._workers).together(images)
        if groups is None or self._options.near_copies == "apart":
            self.groups = images.groups
            return []
        self.groups = groups
        return guesses

    def _has_near_copies(self, images: Images) -> bool:
        return survey(images, self._workers).together(images)[0] is not None

    def _split(self, images: Images) -> Splits:
        asked = {
            "val_fraction": self.data_config.val_fraction,
            "test_fraction": self.data_config.test_fraction,
            "seed": self.seed,
            "declared": images.splits,
        }
        if self.groups is not None:
            return split_groups(self.groups, images.labels, **asked)  # type: ignore[arg-type]
        return split(len(images), labels=images.labels, **asked)

    def _remarks(self, images: Images, rows: np.ndarray) -> list[str]:
        """What a user should know before training: what `check` finds, and what came to light since."""
        seen, scale = survey(images, self._workers), self.preprocessor.scale
        found = seen.sentences(images, are_kept_together=self.groups is not None and self.groups is not images.groups)
        found += scale.remarks()
        advice = few_photographs(images, rows) if self.pretrained is None else None
        return found + list(filter(None, [few_levels(as_stored(images, rows), scale), advice]))

    @property
    def _config_of_new(self) -> DataConfig:
        """How data that come later are read: as those of the training, but for its splits and groups."""
        known = {"background": self.preprocessor.background, **self.columns}
        aside = dict.fromkeys(("group_column", "group_from_name", "rare_classes"))
        return replace(self.config_of_new_data, **aside, **known)

    def _new_examples(self, images: Images, rows: np.ndarray) -> Examples:
        """Pictures to predict or to judge by; what does not fit the training is said."""
        self.preprocessor.scale.seen.clear()
        examples = self._examples(images, rows)
        for remark in self.preprocessor.scale.remarks():
            console.warn(remark)
        return examples

    def _require_training_pictures(self, images: Images) -> None:
        if absent := [name for name, count in zip(self.classes, self.class_counts, strict=True) if count == 0]:
            why = ": all of its pictures are in one group" if self.groups is not None else ""
            raise DataError(
                f"{images.name}: {counted(len(absent), 'class')} without a picture to train on ({listing(absent)}){why}"
                "; add pictures of it, or name the classes to keep with --classes"
            )

    def _examples(self, images: Images, rows: np.ndarray, augmentations: list[str] | None = None) -> Examples:
        """The pictures at `rows`: decoded where all of the data fit into memory, else when asked for."""
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

    def _fit_preprocessor(self, images: Images, rows: np.ndarray) -> tuple[ImagePreprocessor, list[Guess]]:
        """Scale, size and brightness as the training pictures have them, or as the weights want them."""
        scale, guesses = learn_scale(images, rows, self._options.pixel_range)
        size = self._options.image_size
        scaling = self.pretrained.belongings.scaling if self.pretrained else None
        if scaling is None:
            return ImagePreprocessor.fit(images, rows, size, self._workers, scale), guesses
        channels = len(scaling.mean)
        if images.channels not in (1, 3):
            raise OptionError(
                f"--pretrained: its pictures have {channels} channels, these have {images.channels}: leave it out"
            )
        side = size or scaling.size
        height, width = (side, side) if side else choose_size(images, rows)
        fitted = ImagePreprocessor(
            height, width, channels, images.classes, scaling.mean, scaling.std, images.background, scale
        )
        return fitted, guesses

    def _size_guess(self, images: Images) -> list[Guess]:
        size = (self.preprocessor.height, self.preprocessor.width)
        is_kept = images.facts.get("sizes", {}).keys() == {f"{size[0]}x{size[1]}"}
        is_kept = is_kept or (images.pixels is not None and images.pixels.shape[1:3] == size)
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


def _origin_of_test(images: Images, splits: Splits) -> list[Guess]:
    """Where the data declare a validation and no test, the test is drawn, and that is said."""
    if "val" not in images.splits or "test" in images.splits:
        return []
    why = "the data declare train and val only, and val chooses the epoch"
    return [Guess("test", f"{len(splits['test']):,} drawn from train", why, "--test FOLDER")]


def require_classes(data: Data) -> Images:
    """Pictures that can be learnt from.

    Raises:
        DataError: If the data are something else, or have too few classes or pictures.
    """
    if not isinstance(data, Images):
        raise DataError(f"{data.name} holds no pictures: expected a folder of pictures per class; or another --task")
    require_image_classes(data)
    return data
