"""Clips of a bright bar that goes left or right, high or low, in a table with what is to be said of each."""

import csv

import numpy as np

from tests.tasks.small.video_classification import FRAMES, SIDE, save

OPTIONS = {"width": 4, "num_stages": 1, "embed_dim": 16, "num_heads": 2, "mlp_dim": 16, "augment": "none"}
OTHERS = {
    "augment": ["crop", "flip"], "num_frames": [3], "image_size": [8], "max_memory": [1.0], "target": ["nope", "words"],
    "tokens": ["characters", "byte-pairs"], "max_length": [12], "vocab_size": [5],
    "max_rows": [40], "missing": ["a bar moves left low"],
}  # fmt: skip
COUNT = 48


def film(rng, way, height):
    start = rng.integers(0, SIDE - FRAMES - 2)
    frames = rng.integers(0, 60, (FRAMES, SIDE, SIDE), dtype=np.uint8)
    for time, frame in enumerate(frames):
        place = start + (time if way > 0 else FRAMES - 1 - time)
        frame[height : height + 4, place : place + 3] = 230
    return frames


def data(folder):
    rng = np.random.default_rng(0)
    with (folder / "captions.csv").open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(("file", "caption", "words"))
        for i in range(COUNT):
            way, height = (-1, 1)[i % 2], (1, 7)[i // 2 % 2]
            save(folder / "clips" / f"{i:02}.gif", film(rng, way, height))
            said = f"a bar moves {'right' if way > 0 else 'left'} {'low' if height > 4 else 'high'}"
            writer.writerow((f"clips/{i:02}.gif", said, said.upper()))
    return folder / "captions.csv"


def inputs(folder):
    return [str(folder / "clips" / f"{i:02}.gif") for i in range(4)]


def perfect(outputs):
    return outputs.targets
