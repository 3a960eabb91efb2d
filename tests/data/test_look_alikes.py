"""Clusters of pictures that are alike without being copies."""

import numpy as np
import pytest

from deepglass.data.config import DataConfig
from deepglass.data.look_alikes import cluster_size
from deepglass.data.picture_survey import _small
from deepglass.data.reading.source import read
from tests.data.made_pictures import frames, photograph


@pytest.mark.parametrize(("noise", "persons", "each", "sizes"), [(40, 24, 20, (16, 32)), (30, 40, 8, (4, 8, 16))])
def test_noisy_frames_of_persons_are_clusters(noise, persons, each, sizes):
    pictures, labels, _ = frames(persons, each, noise)
    assert cluster_size(_small(pictures[..., None]), labels) in sizes


def test_nothing_speaks_for_clusters_in_digits_or_photographs():
    digits = read("digits", DataConfig())
    assert cluster_size(_small(digits.pixels), digits.labels) is None
    rng = np.random.default_rng(0)
    photographs = np.stack([np.asarray(photograph(rng, 32)) for _ in range(200)])
    assert cluster_size(_small(photographs), np.arange(200) % 2) is None


def test_small_classes_and_blank_pictures_say_nothing():
    pictures, labels, _ = frames(4, 5)
    assert cluster_size(_small(pictures[..., None]), labels) is None
    assert cluster_size(np.zeros((80, 32, 32, 1), np.uint8), np.zeros(80, int)) is None
