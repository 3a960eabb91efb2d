"""Style transfer: a network that paints any picture in one style, at once.

    picture ── network ── painted picture ── features of a network that stays ── content loss + style loss

What Gatys does to one picture in hundreds of steps (`painting/gatys.py`), the network learns to do to all in one. It is
told by the same losses, from any photographs; nobody has to paint an example.

References:
    Johnson, Alahi & Fei-Fei (2016), Perceptual Losses for Real-Time Style Transfer and Super-Resolution,
    https://arxiv.org/abs/1603.08155
    Ulyanov, Lebedev, Vedaldi & Lempitsky (2016), Texture Networks, https://arxiv.org/abs/1603.03417
"""

import base64
import io
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from deepglass.core import data_uri
from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples
from deepglass.data.fields import colour_image, fine_image
from deepglass.evaluate.metrics import style_transfer as scores
from deepglass.painting.features import CONTENT, RANDOM, open_features
from deepglass.painting.gatys import OUTSIDE
from deepglass.painting.losses import Style, content_loss, roughness
from deepglass.painting.pictures import DRAWN, as_bytes, as_tensor, opened
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._made_picture import MadePictureTask

SHOWN = 96  # pixels per side of what a report shows of a picture
NOISE_SEED = 0  # of the noise that content losses are held against


@dataclass(frozen=True)
class Config(colour_image.Options):
    """Options of the task."""

    style: str | None = None  # a picture file, or strokes, tiles or waves, which are drawn; strokes where nobody asks
    features: str = "random"  # what tells style: random filters, a file of weights, a run, or hub:OWNER/NAME
    style_weight: float = 5.0  # against the content; a network needs more than Gatys, it has less to change by
    smoothness: float = 5.0  # against grain, as in painting/gatys.py


class Task(MadePictureTask):
    """Pictures → the same, painted."""

    name = "style-transfer"
    default_model = "stylizer"
    monitor = "loss"
    better = "lower"
    HONOURS = ("val_fraction", "test_fraction", "group_column")
    FIRST_INPUT = "images"
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "nobody has painted the pictures before; leave it out",
        "classes": "nobody has painted the pictures before; leave it out",
        "label_smoothing": "a picture is painted, and nothing is labelled; leave it out",
        "class_weights": "a picture is painted, and nothing is labelled; leave it out",
        "mixup": "what lies between two pictures is nothing to paint; leave it out",
        "cutmix": "the seam of two pictures would be painted; leave it out",
    }
    AUGMENTING = ("augment",)
    FOLLOWS_PATHS = ("picture",)
    CHECKS = ("repeated",)
    INPUTS = (colour_image.Field,)
    config: Config
    inputs: colour_image.Field
    manner: np.ndarray | None = None  # (H, W, 3) the style picture, as it was scaled

    # -- the style ----------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Also opens the style picture and the network that tells styles.

        Raises:
            DataError: If the pictures, or that of the style, cannot be read.
            WeightsError: If `--features` names no classifier.
            OptionError: If a weight is out of its range.
        """
        for name in ("style_weight", "smoothness"):
            if not math.isfinite(value := getattr(self.config, name)) or value < 0:
                raise OptionError(f"--{name.replace('_', '-')} {value}: expected 0 or more")
        prepared = super().prepare(data)
        longer = getattr(self.preprocessor, "longer", None) or colour_image.LONGER_SIDE
        self.manner = as_bytes(as_tensor(opened(self.config.style or DRAWN[0]), longer))
        self.__dict__.pop("critic", None)
        about = self.critic.about
        if self.config.style is None:
            why = "a picture that is drawn here; take one that you like"
            prepared.guesses.append(Guess("style", DRAWN[0], why, "--style"))
        if self.config.features == RANDOM:
            why = f"{about}; weights of a classifier tell finer styles"
            prepared.guesses.append(Guess("features", RANDOM, why, "--features"))
        return prepared

    @cached_property
    def critic(self) -> Any:
        """The network that is asked about content and style."""
        return open_features(self.config.features, self.seed)

    @cached_property
    def style(self) -> Style:
        """What is kept of the style picture."""
        assert self.manner is not None
        with torch.no_grad():
            return Style.of(self.critic(as_tensor(self.manner)))

    def state(self) -> dict[str, Any]:
        """Also the style picture."""
        assert self.manner is not None
        return super().state() | {"style": data_uri.of_image(Image.fromarray(self.manner))}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().load_state(state)
        uri = read(state, "style", str)
        prefix = data_uri.of_png(b"")
        require(uri.startswith(prefix), "a PNG inside its own address for 'style'", uri[: len(prefix)])
        with Image.open(io.BytesIO(base64.b64decode(uri.removeprefix(prefix))), formats=("PNG",)) as image:
            self.manner = np.array(image.convert("RGB"))

    # -- learning -----------------------------------------------------------------------------------------------

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Content and style, and what keeps grain and impossible colours away."""
        pictures, _ = batch
        painted = model(pictures).float()
        content, style = self._losses(painted, pictures)
        outside = (painted - painted.clamp(0, 1)).square().mean()
        rough = self.config.smoothness * roughness(painted).mean()
        return self._weighed(content, style).mean() + rough + OUTSIDE * outside

    def _weighed(self, content: Any, style: Any) -> Any:
        return content + self.config.style_weight * style

    def _losses(self, painted: Tensor, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(B,) content and style loss, in full precision."""
        device = painted.device
        critic, how = self.critic.to(device), Style(*([part.to(device) for part in parts] for parts in self.style))
        with torch.autocast(device.type, enabled=False):
            with torch.no_grad():
                wanted = critic(pictures.float())[CONTENT]
            maps = critic(painted)
            return content_loss(maps[CONTENT], wanted), how.loss(maps)

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 1) -> Outputs:
        """Of pictures to be judged, (N, 2) content and style loss, beside those of noise and of the picture as it was,
        and a part of both; else the painted pictures (H, W, 3) as bytes, an array of objects.
        """
        model.eval()
        pictures: Any = examples
        is_judged = len(pictures) > 0 and bool((pictures.targets == fine_image.KNOWN).all())
        made = np.empty(len(pictures), object)
        after, before, shown = [], [], []
        for place in range(len(pictures)):
            picture = pictures.batch(torch.tensor([place]))[0]
            made[place] = self.painted(model, picture)
            if is_judged:
                after.append(self._told(as_tensor(made[place]), picture))
                noise = torch.rand(picture.shape, generator=torch.Generator().manual_seed(NOISE_SEED)).to(picture)
                before.append((self._told(noise, picture)[0], self._told(picture, picture)[1]))
                shown.append(np.stack([_thumbnail(as_bytes(picture)), _thumbnail(made[place])]))
        if not is_judged:
            return Outputs(made, None)
        table, plain = np.array(after).reshape(-1, 2), np.array(before).reshape(-1, 2)
        extra = {"before": plain, "windows": np.array(shown, np.uint8).reshape(-1, 2, SHOWN, SHOWN, 3)}
        return Outputs(table, np.zeros_like(table), self._weighed(table[:, 0], table[:, 1]), extra)

    @torch.no_grad()
    def painted(self, model: nn.Module, picture: Tensor) -> np.ndarray:
        """(H, W, 3) bytes of a picture (1, 3, H, W) from 0 to 1, painted whole.

        Not in tiles: instance normalisation looks at all of a picture, and each tile would be painted differently.
        """
        return as_bytes(model(picture.to(device_of(model))).float())

    def _told(self, painted: Tensor, picture: Tensor) -> tuple[float, float]:
        content, style = self._losses(painted.to(picture), picture)
        return float(content[0]), float(style[0])

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Both losses, and their weighed sum."""
        content, style = outputs.predictions.mean(axis=0)
        loss = self._weighed(content, style)
        return {"loss": float(loss), "content_loss": float(content), "style_loss": float(style)}

    def has_one_loss(self, network: nn.Module) -> bool:
        """Training also keeps grain away, and sees windows."""
        return False

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Both losses, and by what they fell."""
        return scores.evaluate(outputs.predictions, outputs.extra["before"], seed=self.seed)

    @torch.no_grad()
    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The pictures as they are."""
        pictures: Any = prepared.test
        table = []
        for place in range(len(pictures)):
            picture = pictures.batch(torch.tensor([place]))[0]
            table.append(self._told(picture, picture))
        found = np.array(table).reshape(-1, 2)
        return {"name": "the picture as it is", **scores.evaluate(found, found, seed=self.seed)}

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the pictures that were painted least."""
        assert outputs.losses is not None
        return np.argsort(-outputs.losses, kind="stable")[:count]

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """Its losses."""
        content, style = outputs.predictions[place]
        was = outputs.extra["before"][place, 1]
        return {
            "target": f"style loss {was:.3f}",
            "predicted": f"style loss {style:.3f}, content loss {content:.3f}",
            "text": "left as it was, right as it is painted",
        }


def _thumbnail(picture: np.ndarray) -> np.ndarray:
    """(SHOWN, SHOWN, 3) the middle square of a picture."""
    return np.asarray(ImageOps.fit(Image.fromarray(picture), (SHOWN, SHOWN), Image.Resampling.BILINEAR))
