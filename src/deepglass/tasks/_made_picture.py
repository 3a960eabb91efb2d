"""Pictures whose answer is a picture: what all tasks that make one share."""

from typing import Any

import numpy as np
from PIL import Image

from deepglass.core import data_uri
from deepglass.data.coarse_pictures import CoarsePictures, ManyWindows
from deepglass.data.containers import Data
from deepglass.data.examples import Examples
from deepglass.data.fields import fine_image
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask

WHITE = 255.0


class MadePictureTask(SupervisedTask):
    """Pictures → pictures, learnt from windows; `extra["windows"]` (N, k, h, w, C) shows parts to lay side by side."""

    ANSWER = fine_image.Field
    answer: fine_image.Field

    @property
    def explained_as(self) -> str | None:
        """An answer has as many parts as the picture: nothing to explain it by."""
        return None

    @property
    def dims(self) -> dict[str, Any]:
        """Those of the inputs."""
        return dict(self.inputs.dims)

    def training_examples(self, examples: Examples) -> Examples:
        """Every picture as often as windows fit into it."""
        times = getattr(self.inputs, "times", 1)
        return ManyWindows(examples, times) if isinstance(examples, CoarsePictures) else examples

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The pictures that were made worst, each as its windows side by side."""
        records = super().mistakes(outputs, prepared, data, count)
        for record, place in zip(records, self.worst(outputs, count)):
            record["image"] = data_uri.of_image(plain(np.concatenate([*outputs.extra["windows"][place]], axis=1)))
        return records

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """One record per picture: what names it, its size and mean brightness now, and the picture as a PNG."""
        return answers_of(outputs.predictions, names)


def answers_of(pictures: np.ndarray, names: dict[str, Any]) -> list[dict[str, Any]]:
    """One record per picture: what names it, its size and mean brightness, and the picture as a PNG.

    Args:
        pictures: Of bytes (H, W, C), an array of objects.
        names: What names each, by column.
    """
    records = []
    for place, picture in enumerate(pictures):
        about = {name: column[place] for name, column in names.items()}
        size = {"height": picture.shape[0], "width": picture.shape[1], "brightness": float(picture.mean() / WHITE)}
        records.append({**about, **size, "picture": data_uri.of_image(plain(picture))})
    return records


def plain(picture: np.ndarray) -> Image.Image:
    """Bytes (H, W, C) as a picture, grey where there is one channel."""
    return Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
