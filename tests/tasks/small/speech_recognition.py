"""Tones that rise and fall, two or three behind each other, with what is heard in a text beside each."""

import numpy as np

from tests.tasks.small.sound_classification import RATE, tone, write

COUNT = 48
OPTIONS = {"width": 16, "hidden_size": 12, "batch_size": 8, "num_bands": 16, "augment": "level"}
OTHERS = {
    "sample_rate": [3_000], "num_bands": [24], "max_seconds": [5.0], "centre": [False], "augment": ["none"],
    "tokens": ["characters"], "beam": [1], "max_rows": [36],
}  # fmt: skip


def data(folder):
    rng = np.random.default_rng(0)
    for i in range(COUNT):
        rises = rng.integers(0, 2, rng.integers(2, 4)).tolist()
        pause = 0.01 * rng.normal(size=RATE // 20)
        path = folder / "said" / f"{i:02}.wav"
        write(path, np.concatenate([part for one in rises for part in (pause, tone(rng, one))]))
        path.with_suffix(".txt").write_text(" ".join(("down", "up")[one] for one in rises) + "\n")
    return folder / "said"


def inputs(folder):
    return [str(folder / "said" / f"{i:02}.wav") for i in (1, 2, 3)]


def perfect(outputs):
    return outputs.targets
