"""Pictures of the bench: six sets of photographs and scans and one that is drawn, from some dozens to 2,000."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench.strangers.set import DATA, Set

SIDE = 64  # of photographs, which come in all sizes


def pictures() -> list[Set]:
    """Every set of pictures, in the order of the report."""
    return [Set(make.__name__.replace("_", "-"), "pictures", "target", make) for make in MAKERS]


def written_digits() -> pd.DataFrame:
    """1,797 digits of 8 × 8 points."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return _frame((data.images * (255 / 16)).astype(np.uint8), data.target)


def clothes() -> pd.DataFrame:
    """2,000 of fashion-mnist, ten kinds."""
    from deepglass.data.reading.idx import read_idx

    folder, rows = DATA / "fashion-mnist", np.random.default_rng(0).permutation(10_000)[:2000]
    images = read_idx(folder / "t10k-images-idx3-ubyte.gz", 3)
    return _frame(images[rows], read_idx(folder / "t10k-labels-idx1-ubyte.gz", 1)[rows])


def things() -> pd.DataFrame:
    """2,000 small photographs of CIFAR-10."""
    return _of_folders(DATA / "cifar10-images" / "train", 200, None)


def ultrasound() -> pd.DataFrame:
    """780 scans of breasts, malignant or not."""
    held = np.load(DATA / "breastmnist" / "breastmnist.npz")
    images, labels = (np.concatenate([held[f"{p}_{what}"] for p in ("train", "val", "test")]) for what in NAMES)
    return _frame(images, labels.ravel())


def leaves() -> pd.DataFrame:
    """189 photographs of potato leaves, three states of health."""
    return _of_folders(DATA / "potato-leaves" / "train", 1000, SIDE)


def faces() -> pd.DataFrame:
    """400 pictures of forty people."""
    return _of_folders(DATA / "att-faces", 1000, SIDE)


def moving_shapes() -> pd.DataFrame:
    """600 drawings of circles, squares and crosses, anywhere and of any size, in noise."""
    rng = np.random.default_rng(20)
    kinds = rng.integers(0, 3, 600)
    return _frame(np.stack([_shape(rng, kind) for kind in kinds]), kinds)


def _shape(rng: np.random.Generator, kind: int) -> np.ndarray:
    y, x = np.mgrid[:28, :28]
    radius = rng.uniform(3, 7)
    y, x = y - rng.uniform(8, 20), x - rng.uniform(8, 20)
    shape = (
        np.hypot(x, y) < radius,
        np.maximum(abs(x), abs(y)) < radius,
        (np.minimum(abs(x), abs(y)) < 1.5) & (np.maximum(abs(x), abs(y)) < radius),
    )
    return np.clip(60 * rng.normal(size=(28, 28)) + 60 + 120 * shape[kind], 0, 255).astype(np.uint8)


def _of_folders(folder: Path, most: int, side: int | None) -> pd.DataFrame:
    """At most so many pictures of each folder, in the order of their names, made square where a side is given."""
    from PIL import Image

    images, labels = [], []
    for place, kind in enumerate(sorted(path for path in folder.iterdir() if path.is_dir())):
        for path in sorted(kind.iterdir())[:most]:
            with Image.open(path) as image:
                image = image.convert("L" if image.mode in ("L", "1") else "RGB")
                images.append(np.asarray(image.resize((side, side)) if side else image))
                labels.append(place)
    return _frame(images, labels)


def _frame(images: object, labels: object) -> pd.DataFrame:
    return pd.DataFrame({"picture": list(images), "target": [f"kind {int(label):02}" for label in labels]})  # type: ignore[call-overload,attr-defined]


NAMES = ("images", "labels")
MAKERS: tuple[Callable[[], pd.DataFrame], ...] = (
    written_digits, clothes, things, ultrasound, leaves, faces, moving_shapes,
)  # fmt: skip
