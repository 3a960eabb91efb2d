import numpy as np

from deepglass.data.containers import Images


def data() -> list:
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat(np.arange(8), 6))
    pixels = rng.integers(0, 256, (48, 12, 12, 1)).astype(np.uint8)
    return [Images("owners", labels, [f"owner {place}" for place in range(8)], 1, pixels=pixels)]
