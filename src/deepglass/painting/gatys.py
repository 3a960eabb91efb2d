"""Gatys: the pixels of a picture are learnt until a network sees the content of one in the style of another.

    white noise, or the content ── L-BFGS on the pixels ── the same, twice as large ── L-BFGS ── … ── picture

The network stays as it is; what moves are the pixels. From coarse to fine: a large stroke is a small one of a small
picture, and steps are cheap there.

References:
    Gatys, Ecker & Bethge (2016), Image Style Transfer Using Convolutional Neural Networks,
    https://doi.org/10.1109/CVPR.2016.265 (their α is our content_weight, their β our style_weight)
    Gatys, Ecker, Bethge, Hertzmann & Shechtman (2017), Controlling Perceptual Factors in Neural Style Transfer,
    https://arxiv.org/abs/1611.07865 (section 6, coarse to fine)
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.core.errors import OptionError
from deepglass.painting.features import CONTENT
from deepglass.painting.losses import Features, Style, content_loss, roughness
from deepglass.painting.pictures import LEAST_SIDE, as_bytes, as_tensor

LEVELS = 3  # sizes, each twice the one before; a picture of 256 pixels begins at 64
MOST_SIZE = 1024  # pixels of the longer side: a step of it costs sixteen times that of 256, and as much more memory
KEPT = 10  # steps that L-BFGS remembers; more cost memory and won nothing
OUTSIDE = 10.0  # weight of colours below black and above white, which no screen shows

OnStep = Callable[[int, int, float, float], None]  # step, of how many, content loss, style loss


@dataclass(frozen=True)
class Config:
    """How to paint."""

    size: int = 256  # pixels of the longer side; smaller pictures keep theirs
    steps: int = 2000  # looks at the picture, over all sizes; 600 are quicker and leave a tenth more of either loss
    style_weight: float = 1.5  # against the content; 0 gives the content back, 100 hardly keeps it
    content_weight: float = 1.0  # 0 paints the style alone, from noise a texture
    smoothness: float = 5.0  # against grain that no eye wants and the losses do not see
    start: Literal["content", "noise"] = "content"  # the content keeps edges better; noise is the paper's
    seed: int = 0  # of the noise, and of random features

    def require(self) -> None:
        """Check the numbers.

        Raises:
            OptionError: If one is out of its range.
        """
        least = {"size": LEAST_SIDE, "steps": 1, "style_weight": 0, "content_weight": 0, "smoothness": 0, "seed": 0}
        for name, smallest in least.items():
            value, option = getattr(self, name), f"--{name.replace('_', '-')}"
            if not math.isfinite(value) or value < smallest:
                raise OptionError(f"{option} {value}: expected {smallest} or more")
        if self.size > MOST_SIZE:
            raise OptionError(f"--size {self.size}: expected at most {MOST_SIZE} pixels; paint smaller, then enlarge")
        if not self.style_weight and not self.content_weight:
            raise OptionError("--style-weight 0 and --content-weight 0 leave nothing to paint: give one of them")
        if self.start not in ("content", "noise"):
            raise OptionError(f"--start {self.start}: expected content or noise")


@dataclass(frozen=True)
class Painted:
    """A painted picture, and what became of the losses.

    Attributes:
        picture: (H, W, 3) bytes.
        before: Losses of pictures that have nothing of it: "content" of white noise; "style" of that noise or of the
            content as it was, whichever is smaller.
        after: Losses of `picture`.
        history: (step, content, style) of every look at the last, largest size.
    """

    picture: np.ndarray
    before: dict[str, float]
    after: dict[str, float]
    history: list[tuple[int, float, float]] = field(default_factory=list)

    @property
    def falls(self) -> dict[str, float]:
        """By what factor each loss fell."""
        return {name: self.before[name] / max(value, 1e-12) for name, value in self.after.items()}


def paint(
    content: np.ndarray,
    style: np.ndarray,
    features: Features,
    config: Config = Config(),
    on_step: OnStep = lambda *_: None,
    layers: tuple[int, ...] | None = None,
) -> Painted:
    """Paint a picture in the style of another.

    Args:
        content: (H, W, 3) bytes.
        style: (H, W, 3) bytes, of any size.
        features: The network that is asked.
        config: How.
        on_step: Told after every look.
        layers: Which maps tell the style; all by default.

    Raises:
        OptionError: If a number of `config` is out of its range.
    """
    config.require()
    generator = torch.Generator().manual_seed(config.seed)
    sizes, picture, looks = _sizes(content, config), None, _Looks(config.steps, on_step)
    for place, size in enumerate(sizes):
        aim = Aim(features, as_tensor(content, size), as_tensor(style, size), layers)
        noise = torch.rand(aim.content.shape, generator=generator)
        picture = _begun(picture, aim.content if config.start == "content" else noise)
        looks.begin(config.steps * (place + 1) // len(sizes))
        picture = _learnt(picture, aim, config, looks)
    assert picture is not None
    shown = as_bytes(picture)
    with torch.no_grad():
        (noise_content, noise_style), (_, own_style) = aim.losses(noise), aim.losses(aim.content)
        end_content, end_style = aim.losses(as_tensor(shown))  # of what is written, and not of what was learnt
    before = {"content": float(noise_content), "style": min(float(noise_style), float(own_style))}
    return Painted(shown, before, {"content": float(end_content), "style": float(end_style)}, looks.history)


class Aim:
    """What is wanted of a picture of one size.

    Args:
        features: The network that is asked.
        content: (1, 3, H, W) from 0 to 1.
        style: (1, 3, h, w).
        layers: Which maps tell the style; None for all.
    """

    def __init__(self, features: Features, content: Tensor, style: Tensor, layers: tuple[int, ...] | None = None):
        self.features, self.content, self.layers = features, content, layers
        with torch.no_grad():
            self.what = features(content)[CONTENT]
            self.how = Style.of(self._of_style(features(style)))

    def losses(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Content and style."""
        maps = self.features(picture)
        return content_loss(maps[CONTENT], self.what)[0], self.how.loss(self._of_style(maps))[0]

    def _of_style(self, maps: Any) -> list[Tensor]:
        return [layer for place, layer in enumerate(maps) if self.layers is None or place in self.layers]


class _Looks:
    """Counts the looks at all sizes, and keeps what those at the last one saw.

    Args:
        total: Over all sizes.
        on_step: Told of each.
    """

    def __init__(self, total: int, on_step: OnStep):
        self.total, self.on_step, self.done, self.end = total, on_step, 0, 0
        self.history: list[tuple[int, float, float]] = []

    def begin(self, end: int) -> None:
        """A size begins; it has the looks up to `end`."""
        self.end, self.history = end, []

    def note(self, content: float, style: float) -> None:
        """One look."""
        self.done += 1
        self.history.append((self.done, content, style))
        self.on_step(self.done, self.total, content, style)

    @property
    def left(self) -> int:
        """At this size."""
        return max(0, self.end - self.done)


def _learnt(picture: Tensor, aim: Aim, config: Config, looks: _Looks) -> Tensor:
    """The pixels after the looks of one size."""
    pixels = picture.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
    optimizer = torch.optim.LBFGS(
        [pixels], max_iter=looks.left, max_eval=looks.left, history_size=KEPT, tolerance_grad=0, tolerance_change=0,
        line_search_fn="strong_wolfe",
    )  # fmt: skip

    def closure() -> Tensor:
        optimizer.zero_grad()
        content, style = aim.losses(pixels)
        loss = config.content_weight * content + config.style_weight * style
        loss = loss + config.smoothness * roughness(pixels)[0]
        loss = loss + OUTSIDE * (pixels - pixels.clamp(0, 1)).square().mean()
        loss = loss * pixels.numel()  # a sum, as in the paper: L-BFGS takes no gradient seriously that is too small
        loss.backward()
        looks.note(content.item(), style.item())
        return loss

    while looks.left:  # it may end a search before all looks are used
        optimizer.param_groups[0]["max_eval"] = looks.left
        optimizer.step(closure)
    return pixels.detach().clamp(0, 1)


def _begun(coarse: Tensor | None, first: Tensor) -> Tensor:
    """What a size begins with: the one before, larger; the first with what it was given."""
    if coarse is None:
        return first
    return F.interpolate(coarse, size=first.shape[2:], mode="bicubic", align_corners=False).clamp(0, 1)


def _sizes(content: np.ndarray, config: Config) -> list[int]:
    """Longer sides, from coarse to fine; none makes the shorter side too small."""
    height, width = content.shape[:2]
    last = min(config.size, max(height, width))
    sizes = [last >> level for level in reversed(range(LEVELS))]
    return [size for size in sizes if size == last or size * min(height, width) // max(height, width) >= LEAST_SIDE]
