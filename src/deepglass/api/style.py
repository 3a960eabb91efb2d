"""`dg.style(content, style)`: one picture painted in the manner of another, without a training."""

from typing import Any

from deepglass.core import catalogue
from deepglass.core.settings import build, settings_of
from deepglass.painting.features import RANDOM, open_features
from deepglass.painting.gatys import Config, OnStep, Painted, paint
from deepglass.painting.pictures import opened


def style(
    content: Any, style: Any, *, features: str = RANDOM, on_step: OnStep | None = None, **options: Any
) -> Painted:
    """Paint a picture in the style of another, as Gatys et al. (2016) do.

    Args:
        content: What is painted: a file, an array (H, W, 3) of bytes, or flower or temple.
        style: How: likewise, or strokes, tiles or waves.
        features: The network that tells content and style: "random", a file of weights, a run, or hub:OWNER/NAME.
        on_step: Told after every look: step, of how many, content loss, style loss.
        options: Of `deepglass.painting.gatys.Config`: size, steps, style_weight, content_weight, smoothness, start,
            seed.

    Returns:
        `picture` (H, W, 3), both losses `before` and `after`, and by what factor each `falls`.

    Raises:
        DataError: If a picture is missing, broken, too small or of one colour.
        WeightsError: If the features are no classifier's.
        OptionError: If an option is unknown or out of its range.
    """
    known = settings_of(catalogue.PACKAGE / "painting" / "gatys.py")
    config = build(Config, known, options)
    config.require()
    pictures = opened(content), opened(style)
    return paint(*pictures, open_features(features, config.seed), config, on_step or (lambda *_: None))
