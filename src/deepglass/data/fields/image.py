"""Pictures as inputs: one size, one number of channels, one scale of brightness; augmented in training only.

    file, folder, array ── scale, cut ── bytes ── augment (training only), centre and scale ── (B, C, H, W) float32

Pictures that fit into memory are held as bytes; a folder that does not fit is decoded batch by batch.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from deepglass.core.console import console
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import counted, listing
from deepglass.data import fingerprints, statistics
from deepglass.data.augment.choice import choose_augmentations
from deepglass.data.augment.image import parse
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout
from deepglass.data.examples import Batch, Examples, InMemory
from deepglass.data.few_photographs import few_photographs
from deepglass.data.fields import AnswerField, InputField, Part
from deepglass.data.fields._shown import as_data_uri, beside_each_other, picture
from deepglass.data.folds import folds
from deepglass.data.group_splits import group_folds, split_groups
from deepglass.data.picture_survey import survey
from deepglass.data.pictures import PicturesOnDisk
from deepglass.data.preprocess.image import (
    ImagePreprocessor,
    as_stored,
    evenly,
    learn_scale,
    read_inputs,
    uncut_size,
)
from deepglass.data.preprocess.pixel_scale import few_levels
from deepglass.data.reading import source
from deepglass.data.reading.file_table import NUMBERS, with_numbers
from deepglass.data.splits import Splits, split

FEW_EPOCHS = 8  # fashion-mnist in five epochs: 92.1 % without crops, 91.0 % with them; in twenty they help


@dataclass(frozen=True)
class Options:
    """Settings of pictures as inputs."""

    augment: str | None = None  # flip, crop, turn, rotate, zoom, nudge, elastic, colour, erase, or none; else chosen
    image_size: int | None = None  # side to scale to; pictures of one size up to 64 stay, larger ones become 96
    max_memory: float = 2.0  # GiB of decoded pictures to hold; a larger folder is decoded batch by batch
    decode_workers: int | None = None  # threads that decode files; as many as there are processors
    pixel_range: str | None = None  # values of black and white, such as 0,4095; guessed for all but bytes
    near_copies: Literal["together", "apart"] = "together"  # on one side of a random split, or left to chance


class Field(InputField):
    """Pictures in files or arrays."""

    name = "image"
    SETTINGS = Options
    sizes_of_answer = ("num_classes", "num_outputs")
    PREPROCESSOR: ClassVar[type[ImagePreprocessor]] = ImagePreprocessor
    LOOKED_AT: ClassVar[int] = 2_000  # training pictures from which statistics and the augmentation are chosen
    options: Options
    preprocessor: ImagePreprocessor
    augmentations: list[str]
    together: np.ndarray | None = None  # (N,) what no split parts
    largest_side: int | None = None  # as suits the answer
    uncut_side: int | None = None  # likewise
    columns: dict[str, str]  # of a table of paths, by option; a table that comes later is read alike
    channels_first: bool  # whether arrays of one picture are (C, H, W)

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Pictures, and tables of their paths and numbers."""
        return isinstance(data, Images) or (isinstance(data, Layout) and data.kind == NUMBERS)

    # -- learning from the training data ------------------------------------------------------------------------

    def as_source(self, data: Data) -> Images:
        """The pictures.

        Raises:
            DataError: If the data are something else.
        """
        if isinstance(data, Layout) and data.kind == NUMBERS:
            return with_numbers(data, self.data_config)
        if not isinstance(data, Images):
            raise DataError(
                f"{data.name} holds no pictures: expected a folder of pictures per class; or another --task"
            )
        return data

    def count(self, data: Images) -> int:
        return len(data)

    def groups(self, data: Images) -> np.ndarray | None:
        """Groups that were asked for, and near copies; known after `split`."""
        return self.together

    def split(self, data: Images, answer: AnswerField) -> tuple[Splits, list[Guess]]:
        """By group, in which near copies are, or drawn with fair shares of the classes."""
        guesses = self._choose_groups(data, answer)
        asked = {
            "val_fraction": self.data_config.val_fraction,
            "test_fraction": self.data_config.test_fraction,
            "seed": self.seed,
            "declared": data.splits,
        }
        strata = self.strata(data, answer)
        if self.together is not None:
            splits = split_groups(self.together, _classes_or_one(strata, len(data)), **asked)
        else:
            splits = split(len(data), labels=strata, **asked)
        return splits, guesses + _origin_of_test(data, splits)

    def folds(self, data: Images, number: int, answer: AnswerField) -> list[Splits]:
        """Whole groups, and fair shares of the classes."""
        strata = self.strata(data, answer)
        if self.together is not None:
            return group_folds(self.together, _classes_or_one(strata, len(data)), number, self.seed)
        return folds(len(data), number, self.seed, strata)

    def fit(self, data: Images, splits: Splits, answer: AnswerField) -> list[Guess]:
        """Size, brightness and scale of the training pictures, or of the weights; and how to augment.

        Raises:
            DataError: If a class has no picture to train on.
            OptionError: If an option does not fit the pictures.
        """
        rows = splits["train"]
        self.columns, self.channels_first = data.columns or {}, data.channels_first
        self.largest_side, self.uncut_side = answer.largest_side, answer.uncut_side
        self._require_training_pictures(data, rows, answer)
        self.preprocessor, guesses = self._fitted(data, rows)
        guesses += self._size_guess(data) + self._choose_augmentations(data, rows, answer)
        some = evenly(rows, self.LOOKED_AT)
        self.statistics = {"image": statistics.of_pictures(self.preprocessor.pixels(data, some, self._workers))}
        self.preprocessor.scale.seen.clear()
        return guesses

    def examples(self, data: Images, parts: Mapping[str, Part], answer: AnswerField) -> dict[str, Examples]:
        """The pictures: decoded where all of the data fit into memory, else when asked for."""
        return {name: self._examples(data, part, answer) for name, part in parts.items()}

    def remarks(self, data: Images, rows: np.ndarray) -> list[str]:
        """What `check` finds, and what came to light since."""
        seen, scale = survey(data, self._workers), self.preprocessor.scale
        found = seen.sentences(data, are_kept_together=self.together is not None and self.together is not data.groups)
        found += scale.remarks()
        advice = None if self.beginning.has_weights or data.labels is None else few_photographs(data, rows)
        return found + list(filter(None, [few_levels(as_stored(data, rows), scale), advice]))

    # -- what a network must know -------------------------------------------------------------------------------

    @property
    def dims(self) -> dict[str, Any]:
        """Channels, size, and how many values a picture has."""
        fitted = self.preprocessor
        return {
            "in_channels": fitted.channels,
            "image_size": (fitted.height, fitted.width),
            "num_features": fitted.num_values,
        }

    def extremes(self) -> tuple[Tensor, ...]:
        """A grey picture."""
        return (torch.zeros(1, self.preprocessor.channels, self.preprocessor.height, self.preprocessor.width),)

    @property
    def augments(self) -> bool:
        """Whether any augmentation is on."""
        return bool(self.augmentations)

    def disable_augmentation(self, train: Examples) -> None:
        """Show every training picture as it is."""
        self.augmentations = []
        train.transform = self.preprocessor.transform()  # type: ignore[attr-defined]

    def on_epochs_known(self, epochs: float) -> None:
        """In a training of few epochs no picture is seen often enough to be learnt by heart: no crops, then."""
        if epochs < FEW_EPOCHS and self.options.augment is None and "crop" in self.augmentations:
            self.augmentations.remove("crop")
            console.say(f"  augment: crop is left out of a training of {epochs:.0f} epochs; change with --augment")

    # -- data that come later -----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """How a picture is brought into shape, and what the training pictures looked like."""
        return {
            "preprocessing": self.preprocessor.state(),
            "augment": self.augmentations,
            "statistics": self.statistics,
            "columns": self.columns,
            "channels_first": self.channels_first,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.preprocessor = self.PREPROCESSOR.from_state(read(state, "preprocessing", Any))
        self.augmentations, self.statistics = read(state, "augment", list[str]), statistics.read_back(state)
        self.columns = read(state, "columns", dict[str, str] | None, None) or {}
        self.channels_first = read(state, "channels_first", bool, False)

    def open(self, inputs: Any, *, with_target: bool) -> Any:
        """Labelled pictures from a folder or a table of paths; pictures without classes as they were given."""
        if not with_target:
            return inputs
        found = source.read(inputs, self._config_of_new, follow=("picture",))
        return self.as_source(found) if self.accepts(found, self.data_config) else found

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Images, np.ndarray, dict[str, Any]]:
        """Pictures from a file, a folder, a list of these, a table of paths, or an array.

        With a target: as for training, a folder per class; where the data declare a test split, that one.

        Raises:
            DataError: If a picture is broken, or there are none.
        """
        self.preprocessor.scale.seen.clear()
        if not with_target:
            images, names = read_inputs(inputs, self.preprocessor.channels, self._config_of_new, self.channels_first)
            return images, np.arange(len(images)), names
        images = self.open(inputs, with_target=True)
        if not isinstance(images, Images):
            raise DataError(f"{images.name} has no pictures with classes: expected a folder of pictures a class")
        rows = images.splits.get("test", np.arange(len(images)))
        return images, rows, {"row": rows.tolist()}

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every picture, its content."""
        return fingerprints.of_pictures(data) if isinstance(data, Images) else None

    def warn(self) -> None:
        """Of values that training did not see."""
        for remark in self.preprocessor.scale.remarks():
            console.warn(remark)

    def unused_options(self, asked: Mapping[str, Any], data: Data, answer: AnswerField) -> Iterator[Unused]:
        """What concerns files, where the pictures are in memory; and copies, where there are none."""
        for name in {"max_memory", "decode_workers"} & asked.keys():
            if isinstance(data, Images) and data.paths is None:
                yield Unused(name, "these pictures are in memory already, none is decoded from a file")
        if "near_copies" in asked and isinstance(data, Images) and not self._has_near_copies(data):
            yield Unused("near_copies", "no two pictures nearly agree, or the data are divided already")

    def shown(self, data: Images, row: int, answer: AnswerField) -> dict[str, Any]:
        """The picture as a data URI, and its file."""
        files = data.paths or data.names
        shown = {"id": row, "image": as_data_uri(picture(data, row, self.preprocessor.scale))}
        return shown | ({"file": str(files[row])} if files else {})

    def made(self, data: Images, row: int, numbers: np.ndarray) -> str:
        """A picture as the network takes it, and beside it how it would be with these added.

        Args:
            data: The pictures.
            row: Which of them.
            numbers: (C·H·W,) in the units of the network.
        """
        fitted = self.preprocessor
        given = fitted.pixels(data, np.array([row]), 1)[0].astype(np.float64)  # (H, W, C)
        added = np.moveaxis(numbers.astype(np.float64).reshape(fitted.channels, fitted.height, fitted.width), 0, -1)
        return beside_each_other(given, given + added * np.array(fitted.std))

    # -- helpers ------------------------------------------------------------------------------------------------

    def _choose_groups(self, images: Images, answer: AnswerField) -> list[Guess]:
        """What no split may part: what the answer keeps together; else groups that were asked for, and near copies."""
        if (of_answer := answer.together(images)) is not None:
            self.together = of_answer
            return []
        groups, guesses = survey(images, self._workers).together(images)
        if groups is None or self.options.near_copies == "apart":
            self.together = images.groups
            return []
        self.together = groups
        return guesses

    def _has_near_copies(self, images: Images) -> bool:
        return survey(images, self._workers).together(images)[0] is not None

    @property
    def _config_of_new(self) -> DataConfig:
        """How data that come later are read: as those of the training, but for its splits and groups."""
        aside = dict.fromkeys(("group_column", "group_from_name", "rare_classes"))
        return replace(
            self.data_config.for_new_data(), **aside, **self.columns, background=self.preprocessor.background
        )

    def _require_training_pictures(self, images: Images, rows: np.ndarray, answer: AnswerField) -> None:
        if not answer.teaches_all or answer.labels is None or (strata := answer.strata(images)) is None:
            return
        counts = np.bincount(strata[rows], minlength=len(answer.labels))
        if absent := [name for name, count in zip(answer.labels, counts, strict=True) if count == 0]:
            why = ": all of its pictures are in one group" if self.together is not None else ""
            raise DataError(
                f"{images.name}: {counted(len(absent), 'class')} without a picture to train on ({listing(absent)}){why}"
                "; add pictures of it, or name the classes to keep with --classes (whose pictures show the same, also "
                "of new people or things, is asked with --task verification)"
            )

    def _examples(self, images: Images, part: Part, answer: AnswerField) -> Examples:
        fitted, rows = self.preprocessor, part.rows
        transform = self._augmented(answer) if part.is_training else fitted.transform()
        fits = len(images) * fitted.num_bytes <= self.options.max_memory * 2**30
        if images.paths is not None and not fits:
            return PicturesOnDisk(
                [images.paths[i] for i in rows], part.targets[-1], fitted.load, transform, self._workers
            )
        pixels = torch.from_numpy(fitted.pixels(images, rows, self._workers))  # (N, H, W, C)
        return InMemory(pixels.permute(0, 3, 1, 2).contiguous(), *part.targets, transform=transform)  # (N, C, H, W)

    def _augmented(self, answer: AnswerField) -> Callable[[Batch], Batch]:
        """The transform of training: an answer that lies in the picture moves along."""
        if answer.follows is None:
            return self.preprocessor.transform(self.augmentations)
        plain = self.preprocessor.transform()
        return lambda batch: plain(answer.augment((batch[0].float(), *batch[1:]), self.augmentations))

    def _choose_augmentations(self, images: Images, rows: np.ndarray, answer: AnswerField) -> list[Guess]:
        if self.options.augment is not None:
            self.augmentations = _that_follow(parse(self.options.augment), answer)
            return []
        if answer.suits is not None:
            self.augmentations, chosen = [*answer.suits], ", ".join(answer.suits) or "none"
            return [Guess("augment", chosen, f"as suits answers of the kind {answer.name}", "--augment")]
        some = evenly(np.random.default_rng(self.seed).permutation(rows), self.LOOKED_AT)
        pixels = self.preprocessor.pixels(images, some, self._workers)
        strata = answer.strata(images)
        labels = None if strata is None or answer.labels is None else strata[some]
        self.augmentations, guess = choose_augmentations(pixels, labels, answer.labels, answer.follows)
        return [guess]

    def _fitted(self, images: Images, rows: np.ndarray) -> tuple[ImagePreprocessor, list[Guess]]:
        """Scale, size and brightness as the training pictures have them, or as the weights want them."""
        scale, guesses = learn_scale(images, rows, self.options.pixel_range)
        size, scaling = self._side(images, rows), self.beginning.scaling
        if scaling is None:
            return ImagePreprocessor.fit(images, rows, size, self._workers, scale), guesses
        channels = len(scaling.mean)
        if images.channels not in (1, 3):
            raise OptionError(
                f"--pretrained: its pictures have {channels} channels, these have {images.channels}: leave it out"
            )
        height, width = self.PREPROCESSOR.sides(images, rows, size or scaling.size)
        fitted = ImagePreprocessor(
            height, width, channels, images.classes, scaling.mean, scaling.std, images.background, scale
        )
        return fitted, guesses

    def _side(self, images: Images, rows: np.ndarray) -> int | tuple[int, int] | None:
        """As asked; else what suits the answer: their shape uncut, or the largest side, of pictures that would be
        larger; None as they are.
        """
        if self.options.image_size is not None:
            return self.options.image_size
        if self.uncut_side is not None and self.beginning.scaling is None:
            return uncut_size(images, rows, self.uncut_side)
        if self.largest_side is None:
            return None
        return self.largest_side if max(self.PREPROCESSOR.sides(images, rows, None)) > self.largest_side else None

    def _size_guess(self, images: Images) -> list[Guess]:
        size = (self.preprocessor.height, self.preprocessor.width)
        is_kept = images.facts.get("sizes", {}).keys() == {f"{size[0]}x{size[1]}"}
        is_kept = is_kept or (images.pixels is not None and images.pixels.shape[1:3] == size)
        if is_kept or self.options.image_size is not None:
            return []
        why = "as the weights were trained" if self.beginning.has_weights else "scaled to cover it, the rest cut off"
        return [Guess("image size", f"{size[0]}x{size[1]}", why, "--image-size")]

    @property
    def _workers(self) -> int:
        return self.options.decode_workers or os.cpu_count() or 1


def _that_follow(names: list[str], answer: AnswerField) -> list[str]:
    """The augmentations that were asked for.

    Raises:
        OptionError: If the answer cannot move along with one of them.
    """
    if odd := [name for name in names if answer.follows is not None and name not in answer.follows]:
        known = listing(answer.follows or ("none",), 10)
        raise OptionError(f"--augment {odd[0]}: {answer.name} cannot move along with it; choose of {known}")
    return names


def _classes_or_one(strata: np.ndarray | None, count: int) -> np.ndarray:
    """(count,) classes; all alike where there are none."""
    return np.zeros(count, np.int64) if strata is None else strata


def _origin_of_test(images: Images, splits: Splits) -> list[Guess]:
    """Where the data declare a validation and no test, the test is drawn, and that is said."""
    if "val" not in images.splits or "test" in images.splits:
        return []
    why = "the data declare train and val only, and val chooses the epoch"
    return [Guess("test", f"{len(splits['test']):,} drawn from train", why, "--test FOLDER")]
