"""Pictures in files: the same batches as from memory, decoded ahead, never all at once."""

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from deepglass.core.errors import DataError
from deepglass.data.pictures import BATCHES_AHEAD, PicturesOnDisk, load_all

PATHS = [Path(f"{i}.png") for i in range(20)]
TARGETS = torch.arange(20)


class Counter:
    """A reader that makes picture i of the value i and counts what it read."""

    def __init__(self):
        self.read, self.lock = [], threading.Lock()

    def __call__(self, path: Path) -> np.ndarray:
        with self.lock:
            self.read.append(int(path.stem))
        return np.full((4, 5, 3), int(path.stem), np.uint8)


def examples(load) -> PicturesOnDisk:
    return PicturesOnDisk(PATHS, TARGETS, load, lambda batch: batch, workers=3)


def test_a_batch_has_its_pictures_in_order():
    images, targets = examples(Counter()).batch(torch.tensor([7, 0, 13]))
    assert images.shape == (3, 3, 4, 5)
    assert images[:, 0, 0, 0].tolist() == targets.tolist() == [7, 0, 13]


def test_announced_batches_are_decoded_once_and_not_far_ahead():
    load = Counter()
    data = examples(load)
    batches = torch.randperm(20, generator=torch.Generator().manual_seed(0)).split(4)
    data.announce(batches)
    assert len(data.flying) == BATCHES_AHEAD
    for indices in batches:
        images, targets = data.batch(indices)
        assert images[:, 0, 0, 0].tolist() == targets.tolist() == indices.tolist()
        assert len(data.flying) <= BATCHES_AHEAD
    assert sorted(load.read) == list(range(20))


def test_another_batch_than_announced_is_right_too():
    data = examples(Counter())
    data.announce(torch.arange(20).split(4))
    assert data.batch(torch.tensor([19, 3]))[1].tolist() == [19, 3]


def test_a_broken_picture_raises_where_it_is_asked_for():
    def load(path: Path) -> np.ndarray:
        if path.stem == "5":
            raise DataError("5.png is truncated")
        return np.zeros((2, 2, 1), np.uint8)

    data = examples(load)
    data.announce(torch.arange(20).split(4))
    data.batch(torch.arange(4))
    with pytest.raises(DataError, match=r"5\.png"):
        data.batch(torch.arange(4, 8))


def test_all_at_once_for_what_fits():
    assert load_all(PATHS, Counter(), workers=2)[:, 0, 0, 0].tolist() == list(range(20))


def test_all_broken_pictures_are_named_at_once():
    def load(path: Path) -> np.ndarray:
        if int(path.stem) % 5 == 0:
            raise DataError(f"{path} is truncated")
        return np.zeros((2, 2, 1), np.uint8)

    with pytest.raises(DataError, match=r"4 pictures cannot be read:\n  0.png is truncated\n  5.png"):
        load_all(PATHS, load, workers=3)
