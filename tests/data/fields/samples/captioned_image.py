import numpy as np

from deepglass.data.containers import Images
from deepglass.data.datasets.drawn_scenes import PAIRS, captioned, drawn_from

ANSWER = "prompt"


def data() -> Images:
    rng = np.random.default_rng(0)
    return captioned([drawn_from(PAIRS, rng, alone=0.2) for _ in range(48)], rng)


def spoil(data: Images, rows: np.ndarray) -> None:
    data.pixels[rows] = 255
