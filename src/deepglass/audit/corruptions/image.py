"""Of pictures: noise, blur, light, contrast, JPEG, a shifted camera, something in the way. Brightness from 0 to 1."""

import io
import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.audit.corruptions import Inputs, noise_like
from deepglass.core.device import constant

CORRUPTIONS = {
    "noise": "noise of the sensor",
    "blur": "out of focus",
    "brighter": "too much light",
    "darker": "too little light",
    "contrast": "fog: less contrast",
    "jpeg": "saved as JPEG",
    "shift": "the camera moved",
    "covered": "a part is covered",
}
NOISE = (0.04, 0.08, 0.12, 0.18, 0.26)  # deviation
BLUR = (0.4, 0.6, 0.8, 1.1, 1.5)  # deviation in pixels of a picture of 32; of larger ones as much wider
LIGHT = (0.05, 0.1, 0.2, 0.3, 0.4)
CONTRAST = (0.75, 0.6, 0.45, 0.3, 0.2)  # that is left
JPEG = (80, 60, 40, 25, 10)  # quality
SHIFT = (0.03, 0.06, 0.09, 0.12, 0.16)  # of the side, one pixel at least
COVERED = (0.02, 0.05, 0.1, 0.18, 0.25)  # of the area
USUAL_SIDE = 32
WHITE = 255.0


def noise(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """Gaussian noise."""
    x = _brightness(inputs, field)
    return _as_network(x + NOISE[severity - 1] * noise_like(x, random), field)


def blur(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """A Gaussian blur."""
    x = _brightness(inputs, field)
    B, C, H, W = x.shape
    sigma = BLUR[severity - 1] * max(1.0, min(H, W) / USUAL_SIDE)
    reach = max(1, math.ceil(2 * sigma))
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=x.device) / sigma) ** 2)
    kernel = (kernel / kernel.sum()).to(x)
    planes = x.reshape(B * C, 1, H, W)
    planes = F.pad(planes, (reach, reach, reach, reach), mode="replicate")
    planes = F.conv2d(F.conv2d(planes, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))
    return _as_network(planes.reshape(B, C, H, W), field)


def brighter(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """Every pixel brighter by the same."""
    return _as_network(_brightness(inputs, field) + LIGHT[severity - 1], field)


def darker(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """Every pixel darker by the same."""
    return _as_network(_brightness(inputs, field) - LIGHT[severity - 1], field)


def contrast(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """Nearer to the mean of the picture."""
    x = _brightness(inputs, field)
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return _as_network(mean + CONTRAST[severity - 1] * (x - mean), field)


def jpeg(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """Written as JPEG and read again; channels that are not red, green and blue each by itself."""
    x = _brightness(inputs, field)
    planes = (x * WHITE).round().clamp(0, WHITE).byte().cpu().numpy()
    found = np.stack([_through_jpeg(picture, JPEG[severity - 1]) for picture in planes])
    return _as_network(torch.from_numpy(found).to(x) / WHITE, field)


def shift(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """Moved in a random direction; the border is repeated."""
    x = _brightness(inputs, field)
    B, C, H, W = x.shape
    reach = [max(1, round(SHIFT[severity - 1] * side)) for side in (H, W)]
    angle = random.uniform(0, 2 * math.pi, B)
    down, right = (np.round(far * part).astype(int) for far, part in zip(reach, (np.sin(angle), np.cos(angle))))
    rows = (torch.arange(H) - torch.from_numpy(down)[:, None]).clamp(0, H - 1).to(x.device)  # (B, H)
    columns = (torch.arange(W) - torch.from_numpy(right)[:, None]).clamp(0, W - 1).to(x.device)  # (B, W)
    moved = x.gather(2, rows[:, None, :, None].expand(B, C, H, W))
    return _as_network(moved.gather(3, columns[:, None, None, :].expand(B, C, H, W)), field)


def covered(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """A grey square somewhere."""
    x = _brightness(inputs, field)
    B, _, H, W = x.shape
    height, width = (max(1, round(side * COVERED[severity - 1] ** 0.5)) for side in (H, W))
    top, left = (
        torch.from_numpy(random.integers(0, side - part + 1, (B, 1))) for side, part in ((H, height), (W, width))
    )
    row, column = torch.arange(H), torch.arange(W)
    is_row, is_column = (row >= top) & (row < top + height), (column >= left) & (column < left + width)
    inside = (is_row[:, None, :, None] & is_column[:, None, None, :]).to(x.device)
    return _as_network(torch.where(inside, 0.5, x), field)


# -- helpers --------------------------------------------------------------------------------------------------------


def _scale(field: Any, like: Tensor) -> tuple[Tensor, Tensor]:
    preprocessor = field.preprocessor
    mean, std = (constant(tuple(of), like.device).view(-1, 1, 1) for of in (preprocessor.mean, preprocessor.std))
    return mean, std


def _brightness(inputs: Inputs, field: Any) -> Tensor:
    """(B, C, H, W) from 0 to 1."""
    mean, std = _scale(field, inputs[0])
    return (inputs[0] * std + mean) / WHITE


def _as_network(x: Tensor, field: Any) -> Inputs:
    """As the network takes it; whole bytes, as a camera gives them."""
    mean, std = _scale(field, x)
    return (((x.clamp(0, 1) * WHITE).round() - mean) / std,)


def _through_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """(C, H, W) bytes."""
    from PIL import Image

    def read_again(pixels: np.ndarray) -> np.ndarray:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
        return np.asarray(Image.open(file))

    if len(picture) == 3:
        return np.moveaxis(read_again(np.ascontiguousarray(np.moveaxis(picture, 0, -1))), -1, 0)
    return np.stack([read_again(plane) for plane in picture])
