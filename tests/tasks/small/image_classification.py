"""Grey pictures, dark and light."""

import numpy as np
from PIL import Image

OPTIONS = {"width": 8, "image_size": 8, "augment": "flip"}


def data(folder):
    rng = np.random.default_rng(0)
    for name, bright in (("dark", 60), ("light", 190)):
        (folder / "pictures" / name).mkdir(parents=True)
        for i in range(20):
            pixels = rng.normal(bright, 40, (8, 8)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{i:02}.png")
    return folder / "pictures"


def inputs(folder):
    return [str(path) for path in sorted((folder / "pictures").rglob("0[12].png"))]


def perfect(outputs):
    predictions = outputs.predictions * 0
    predictions[range(len(predictions)), outputs.targets] = 1
    return predictions
