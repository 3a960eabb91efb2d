import numpy as np

from deepglass.data.containers import Images

ANSWER = "fine_image"  # nobody has painted them: a mark where the truth would be
SIDE = 40  # pixels, of which the least is 32


def data() -> Images:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 90, (48, SIDE, SIDE, 3))
    pixels[::2, :20] += 120
    return Images("scenes", None, [], 3, pixels=pixels.astype(np.uint8))


def spoil(data: Images, rows: np.ndarray) -> None:
    data.pixels[rows] = 255
