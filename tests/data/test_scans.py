"""The generated scans are what their docstring says."""

import numpy as np
from sklearn.metrics import roc_auc_score

from deepglass.data.datasets import scans


def test_one_in_four_is_ill_and_always_the_same():
    images = scans.load()
    assert images.pixels.shape == (600, 24, 24, 1)
    assert images.pixels.dtype == np.uint8
    assert 0.2 < (images.labels == images.classes.index("ill")).mean() < 0.3
    assert np.array_equal(images.pixels, scans.load().pixels)
    assert (images.pixels[:, *scans.MARKER] == scans.WHITE).all(axis=(1, 2, 3)).sum() == 0


def test_ill_lumps_stand_and_are_ragged_and_no_rule_tells_all():
    is_ill = np.arange(2000) < 1000
    lumps = scans.lumps(is_ill, np.random.default_rng(3))
    for name in ("upright", "ragged"):
        assert 0.8 < roc_auc_score(is_ill, [getattr(lump, name) for lump in lumps]) < 0.97


def test_a_marker_changes_the_corner_alone():
    lumps, has_marker = scans.lumps(np.array([True, False, True]), np.random.default_rng(0)), np.array([1, 0, 1], bool)
    plain = scans.scans(lumps, np.random.default_rng(1))
    marked = scans.scans(lumps, np.random.default_rng(1), has_marker)
    changed = (plain != marked)[..., 0]
    assert changed[has_marker][:, *scans.MARKER].all()
    assert not changed[~has_marker].any()
    changed[:, *scans.MARKER] = False
    assert not changed.any()


def test_another_scan_shows_the_same_lump_in_a_new_picture():
    rng = np.random.default_rng(0)
    lumps = scans.lumps(np.ones(4, bool), rng)
    assert (scans.scans(lumps, rng) != scans.scans(lumps, rng)).mean() > 0.9
