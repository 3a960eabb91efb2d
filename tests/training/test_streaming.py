"""Pictures that are decoded batch by batch: what a training holds in memory does not grow with them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TRAINING = """
import re, sys
from pathlib import Path
import numpy as np, torch
from PIL import Image
from torch import nn
import torch.nn.functional as F
from deepglass.api.fit import ModuleLearner
from deepglass.data.pictures import PicturesOnDisk
from deepglass.training import loop
from deepglass.training.config import TrainConfig
from deepglass.training.progress import Watcher

def held():
    return int(re.search(r"VmRSS:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

class Scales(Watcher):
    def epoch(self, record, is_best):
        print(held())

def load(path):
    return np.asarray(Image.open(path))

def as_floats(batch):
    return batch[0].float() / 255, batch[1]

files = sorted(Path(sys.argv[1]).glob("*.png")) * int(sys.argv[2])
pictures = PicturesOnDisk(files, torch.arange(len(files)) % 2, load, as_floats, workers=2)
few = PicturesOnDisk(files[:64], torch.arange(64) % 2, load, as_floats, workers=2)
model = nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Linear(3 * 24 * 24, 2))
config = TrainConfig(
    epochs=float(sys.argv[3]), batch_size=64, learning_rate=1e-3, optimizer="adamw", schedule="constant",
    precision="float32", threads=1,
)
loop.fit(model, ModuleLearner(F.cross_entropy), pictures, few, config, watcher=Scales())
"""
BATCH_KIB = 3 * 64 * 96 * 96 * 4 / 1024


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for i in range(64):
        Image.fromarray(rng.integers(0, 256, (96, 96, 3), dtype=np.uint8)).save(path / f"{i}.png")
    return path


def held_after_epochs(folder: Path, times: int, epochs: int) -> list[int]:
    """KiB of resident memory after each epoch over the folder's 64 pictures, so many times."""
    command = [sys.executable, "-c", TRAINING, str(folder), str(times), str(epochs)]
    return [int(line) for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]


@pytest.mark.slow("two trainings on 12,800 files, each in a process of its own")
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat_over_epochs_and_with_a_hundred_times_the_data(folder):
    few = held_after_epochs(folder, 2, 8)
    many = held_after_epochs(folder, 200, 2)  # 12,800 pictures: 1.3 GiB as floats
    assert max(few) - few[4] < 2 * BATCH_KIB  # by then every buffer is there; a leak would go on
    assert max(many) - max(few) < 8 * BATCH_KIB
