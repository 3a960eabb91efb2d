"""Tones that rise and tones that fall, in a folder for each."""

import wave

import numpy as np

RATE, COUNT = 4_000, 48
OPTIONS = {"width": 4, "batch_size": 8, "num_bands": 16, "augment": "level"}
OTHERS = {
    "sample_rate": [3_000], "num_bands": [24], "max_seconds": [5.0], "centre": [True],
    "augment": ["none", "speed,mask"], "max_rows": [36],
}  # fmt: skip


def tone(rng, rises, seconds=None):
    t = np.arange(int(RATE * (seconds or rng.uniform(0.15, 0.3)))) / RATE
    pitch = rng.uniform(500, 700) + (1 if rises else -1) * 300 * (t / t[-1] - 0.5)
    return 0.4 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE) + 0.01 * rng.normal(size=len(t))


def write(path, samples):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())


def data(folder):
    rng = np.random.default_rng(0)
    for i in range(COUNT):
        write(folder / "tones" / ("rising", "falling")[i % 2] / f"{i:02}.wav", tone(rng, i % 2 == 0))
    return folder / "tones"


def inputs(folder):
    return [str(folder / "tones" / ("rising", "falling")[i % 2] / f"{i:02}.wav") for i in (1, 2, 3)]


def perfect(outputs):
    return np.eye(2, dtype=np.float32)[outputs.targets]
