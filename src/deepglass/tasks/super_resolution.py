"""Super-resolution: what would a picture look like with more pixels?

    picture ── smaller ── coarse brightness ── network + bicubic ── fine brightness ── error against the picture
    a picture of any size ── tiles with overlap ── the same ── joined without seams ── with bicubic colours ── picture

The network says what bicubic lacks; it begins at nothing, so the training begins at bicubic.

References:
    Dong et al. (2014), Learning a Deep Convolutional Network for Image Super-Resolution,
    https://arxiv.org/abs/1501.00092 (brightness by the network, colours by bicubic)
    Kim et al. (2016), Accurate Image Super-Resolution Using Very Deep Convolutional Networks,
    https://arxiv.org/abs/1511.04587 (the network learns the difference)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.tiles import enlarged, in_tiles
from deepglass.data.examples import Batch, Examples
from deepglass.data.fields import coarse_image
from deepglass.data.preprocess.bicubic import larger
from deepglass.data.preprocess.luma import apart, together
from deepglass.evaluate.metrics import super_resolution as scores
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._made_picture import MadePictureTask

SHOWN = 96  # pixels per side of what a report shows of a picture
WHITE = 255.0


@dataclass(frozen=True)
class Config(coarse_image.Options):
    """Options of the task."""


class Task(MadePictureTask):
    """Pictures → the same with more pixels."""

    name = "super-resolution"
    default_model = "edsr"
    monitor = "psnr"
    better = "higher"
    HONOURS = ("val_fraction", "test_fraction", "group_column")
    FIRST_INPUT = "images"
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "a picture is its own answer; leave it out",
        "classes": "a picture is its own answer; leave it out",
        "label_smoothing": "a picture is its own answer, and nothing is labelled; leave it out",
        "class_weights": "a picture is its own answer, and nothing is labelled; leave it out",
        "mixup": "what lies between two pictures is blurred, and would be learnt as sharp; leave it out",
        "cutmix": "the seam of two pictures would be learnt; leave it out",
    }
    AUGMENTING = ("augment",)
    FOLLOWS_PATHS = ("picture",)
    CHECKS = ("repeated",)
    EXPORTS = ("coarse_image", "fine_image")
    INPUTS = (coarse_image.Field,)
    config: Config
    inputs: coarse_image.Field

    @property
    def scale(self) -> int:
        """How many times as many pixels per side."""
        return self.inputs.scale

    # -- learning -----------------------------------------------------------------------------------------------

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean absolute difference of brightness, in levels of 255: less drawn to blur than a square."""
        coarse, fine = batch
        made = self._bicubic(coarse) + model(coarse).float()
        return WHITE * F.l1_loss(made, fine)

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 1) -> Outputs:
        """Where the truth is known, (N, 2) squared error and SSIM of each picture, beside those of bicubic and a part
        of both and of the truth; else the pictures (H, W, C) as bytes, an array of objects.
        """
        model.eval()
        pairs: Any = examples
        if not pairs.makes_fine:
            made = np.empty(len(pairs), object)
            for place in range(len(pairs)):
                made[place] = self.enlarged(model, pairs.pair(place)[0])
            return Outputs(made, None)
        ours, classic, shown = [], [], []
        for coarse, fine in self._whole(pairs):
            planes = [
                self._planes(said, coarse) for said in (self._brightness(model, coarse, pairs.channels_last), None)
            ]
            truth = apart(torch.from_numpy(fine.copy()).float())
            finest, bicubic, true = (_as_bytes(part[..., 0] * WHITE) for part in (*planes, truth))
            ours.append(scores.measured(finest, true, self.scale))
            classic.append(scores.measured(bicubic, true, self.scale))
            pictures = [_as_bytes(WHITE * together(part, fine.shape[-1])) for part in planes]
            shown.append(_window(np.stack([pictures[1], pictures[0], _as_bytes(fine)]), bicubic, true))
        table = np.array(ours).reshape(-1, 2)
        channels = self.inputs.preprocessor.channels
        extra = {
            "bicubic": np.array(classic).reshape(-1, 2),
            "windows": np.array(shown, np.uint8).reshape(-1, 3, SHOWN, SHOWN, channels),
        }
        return Outputs(table, np.tile([0.0, 1.0], (len(table), 1)), table[:, 0], extra)

    @torch.no_grad()
    def enlarged(self, model: nn.Module, picture: np.ndarray) -> np.ndarray:
        """A picture with `scale` times as many pixels per side, as bytes.

        Shape:
            - picture: (h, w, C), brightness from 0 to 255
            - output: (h·scale, w·scale, C)
        """
        planes = self._planes(self._brightness(model, picture), picture)
        return _as_bytes(WHITE * together(planes, picture.shape[-1]))

    def _whole(self, pairs: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for place in range(len(pairs)):
            yield pairs.pair(place)

    def _bicubic(self, planes: Tensor) -> Tensor:
        """Planes enlarged in full precision, also where the network computes in half of it."""
        with torch.autocast(planes.device.type, enabled=False):
            return larger(planes, self.scale)

    def _planes(self, brightness: np.ndarray | None, picture: np.ndarray) -> Tensor:
        """(H, W, 3) Y, Cb and Cr of an enlarged picture: Y as was said, all else by bicubic."""
        planes = self._bicubic(apart(torch.from_numpy(picture.copy()).float()).permute(2, 0, 1)[None])
        if brightness is not None:
            planes[0, 0] = torch.from_numpy(brightness)
        return planes[0].permute(1, 2, 0)

    @torch.no_grad()
    def _brightness(self, model: nn.Module, picture: np.ndarray, is_raw: bool = False) -> np.ndarray:
        """(H, W) Y in [0, 1] of an enlarged picture (h, w, C), made in tiles.

        What comes of a coarse pixel, scale² fine ones, is one place for the joining.
        """
        device, scale = device_of(model), self.scale

        def answer(tiles: np.ndarray) -> np.ndarray:
            given = torch.from_numpy(tiles).to(device)
            if is_raw:  # an exported model adds bicubic by itself
                made = model(given)
            else:
                coarse = apart(given.float())[..., :1].permute(0, 3, 1, 2).contiguous()  # (n, 1, h, w)
                made = self._bicubic(coarse) + model(coarse).float()
            return F.pixel_unshuffle(made.float(), scale).permute(0, 2, 3, 1).cpu().numpy()  # (n, h, w, scale²)

        fitted = self.inputs.preprocessor
        parts = torch.from_numpy(in_tiles(answer, picture, fitted.height, fitted.width))
        return F.pixel_shuffle(parts.permute(2, 0, 1)[None], scale)[0, 0].numpy()

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """PSNR and SSIM."""
        table = outputs.predictions
        found = {"loss": table[:, 0], "psnr": scores.psnr(table[:, 0]), "ssim": table[:, 1]}
        return {name: float(values.mean()) for name, values in found.items()}

    def has_one_loss(self, network: nn.Module) -> bool:
        """Training makes the absolute error small, validation measures the squared one."""
        return False

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """PSNR and SSIM, each beside bicubic."""
        return scores.evaluate(outputs.predictions, outputs.extra["bicubic"], self.scale, seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Bicubic."""
        pairs: Any = prepared.test
        found = []
        for coarse, fine in self._whole(pairs):
            truth = apart(torch.from_numpy(fine.copy()).float())
            planes = [_as_bytes(part[..., 0] * WHITE) for part in (self._planes(None, coarse), truth)]
            found.append(scores.measured(planes[0], planes[1], self.scale))
        table = np.array(found)
        return {"name": "bicubic", **scores.evaluate(table, table, self.scale, seed=self.seed)}

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the pictures that gain least over bicubic."""
        return np.argsort(self._gains(outputs), kind="stable")[:count]

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """What bicubic and the network reach."""
        tables = outputs.predictions, outputs.extra["bicubic"]
        ours, classic = (scores.psnr(table[place : place + 1, 0])[0] for table in tables)
        return {
            "target": f"bicubic {classic:.2f} dB",
            "predicted": f"{ours:.2f} dB",
            "text": "from left to right: bicubic, ours, true, where bicubic is farthest off",
        }

    def _gains(self, outputs: Outputs) -> np.ndarray:
        return scores.psnr(outputs.predictions[:, 0]) - scores.psnr(outputs.extra["bicubic"][:, 0])


def _as_bytes(values: Tensor | np.ndarray) -> np.ndarray:
    """Brightness from 0 to 255, rounded."""
    plain = values.cpu().numpy() if isinstance(values, Tensor) else values
    return plain.round().clip(0, WHITE).astype(np.uint8)


def _window(pictures: np.ndarray, bicubic: np.ndarray, true: np.ndarray) -> np.ndarray:
    """(3, SHOWN, SHOWN, C) of pictures (3, H, W, C): where bicubic is farthest from the truth, mirrored if smaller."""
    pictures = np.stack([enlarged(picture, SHOWN, SHOWN) for picture in pictures])
    errors = enlarged((bicubic.astype(np.float64) - true) ** 2, SHOWN, SHOWN)
    sums = np.pad(errors.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = sums[SHOWN:, SHOWN:] - sums[:-SHOWN, SHOWN:] - sums[SHOWN:, :-SHOWN] + sums[:-SHOWN, :-SHOWN]
    y, x = np.unravel_index(int(inside.argmax()), inside.shape)
    return pictures[:, y : y + SHOWN, x : x + SHOWN]
