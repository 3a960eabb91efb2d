import numpy as np

from deepglass.data.clips import Clips

ANSWER = "clip_label"
FRAMES = 3


def data() -> Clips:
    rng = np.random.default_rng(0)
    labels = rng.permutation([0, 1] * 24)
    pixels = rng.integers(0, 90, (48, 8, 8, FRAMES))
    pixels[labels == 1, :, :4, 0] += 120
    pixels[labels == 0, :, 4:, 0] += 120
    return Clips("bars", labels, ["4", "7"], FRAMES, pixels=pixels.astype(np.uint8), num_frames=FRAMES)


def spoil(data: Clips, rows: np.ndarray) -> None:
    data.pixels[rows] = 255
