"""Pictures that tests make: photographs of chance with the spectrum of real ones, and what people do to copies."""

import io

import numpy as np
from PIL import Image, ImageEnhance


def photograph(rng: np.random.Generator, side: int = 72, colour: bool = True) -> Image.Image:
    """Noise whose contrast falls with frequency as in real photographs (amplitude about 1 / f)."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = 1
    planes = []
    for _ in range(3 if colour else 1):
        wave = (rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)) / frequency**1.4
        planes.append(np.fft.irfft2(wave, (side, side)))
    light = np.stack(planes, axis=-1) + 1.5 * planes[0][..., None]  # channels mostly agree
    light = (light - light.min()) / np.ptp(light)
    return Image.fromarray((255 * light).astype(np.uint8).squeeze())


def resized(picture, rng):
    factor = rng.uniform(0.5, 1.6)
    return picture.resize((round(picture.width * factor), round(picture.height * factor)))


def recompressed(picture, rng):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=int(rng.integers(30, 85)))
    return Image.open(io.BytesIO(file.getvalue()))


def cropped(picture, rng):
    left, top, right, bottom = rng.uniform(0, 0.08, 4) * picture.width
    return picture.crop((round(left), round(top), round(picture.width - right), round(picture.height - bottom)))


def brightened(picture, rng):
    return ImageEnhance.Brightness(picture).enhance(rng.uniform(0.6, 1.4))


def moment_later(picture, rng):
    """The camera has moved a little, and the sensor's noise is another."""
    side = picture.width
    dy, dx = rng.integers(-round(0.04 * side), round(0.04 * side) + 1, 2)
    rows, columns = np.clip(np.arange(side) + dy, 0, side - 1), np.clip(np.arange(side) + dx, 0, side - 1)
    moved = np.asarray(picture)[rows][:, columns]
    return Image.fromarray((moved + rng.normal(0, 4, moved.shape)).clip(0, 255).astype(np.uint8))


CHANGES = {
    "resized": resized,
    "recompressed": recompressed,
    "cropped": cropped,
    "brightened": brightened,
    "a moment later": moment_later,
}


def frames(persons: int = 24, each: int = 20, noise: float = 12, side: int = 16, seed: int = 0):
    """Frames of persons whose label is a matter of chance: (pictures, labels, persons)."""
    rng = np.random.default_rng(seed)
    faces = rng.integers(0, 255, (persons, 1, side, side))
    pictures = (faces + rng.normal(0, noise, (persons, each, side, side))).clip(0, 255).astype(np.uint8)
    person = np.repeat(np.arange(persons), each)
    return pictures.reshape(-1, side, side), person % 2, person
