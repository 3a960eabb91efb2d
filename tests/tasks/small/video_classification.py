"""Clips of a bright bar that goes left or right, a folder for each way."""

import numpy as np
from PIL import Image

OPTIONS = {"width": 4, "num_stages": 1, "batch_size": 8, "augment": "none", "learning_rate": 0.01}
OTHERS = {"augment": ["crop", "flip"], "num_frames": [3], "image_size": [8], "max_memory": [1.0], "max_rows": [30]}
SIDE, FRAMES, COUNT = 12, 5, 20


def frames(rng, way):
    start, height = rng.integers(0, SIDE - FRAMES - 2), rng.integers(0, SIDE - 4)
    film = rng.integers(0, 60, (FRAMES, SIDE, SIDE), dtype=np.uint8)
    for time, frame in enumerate(film):
        place = start + (time if way > 0 else FRAMES - 1 - time)
        frame[height : height + 4, place : place + 3] = 230
    return film


def save(path, film):
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *rest = map(Image.fromarray, film)
    first.save(path, save_all=True, append_images=rest, duration=100)


def data(folder):
    rng, place = np.random.default_rng(0), folder / "clips"
    for name, way in (("left", -1), ("right", 1)):
        for i in range(COUNT):
            save(place / name / f"{i:02}.gif", frames(rng, way))
    return place


def inputs(folder):
    return [str(path) for path in sorted((folder / "clips").rglob("0[12].gif"))]


def perfect(outputs):
    predictions = outputs.predictions * 0
    predictions[range(len(predictions)), outputs.targets] = 1
    return predictions
