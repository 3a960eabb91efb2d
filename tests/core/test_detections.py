"""Overlap of boxes, and which of many guesses at one thing is kept; against plain loops."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from deepglass.core import catalogue, detections


def made(rng, count):
    corners = rng.uniform(0, 1, (count, 2))
    return np.concatenate([corners, corners + rng.uniform(0.05, 0.6, (count, 2))], axis=1)


def overlap(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def test_iou_of_every_pair():
    rng = np.random.default_rng(0)
    a, b = made(rng, 7), made(rng, 9)
    np.testing.assert_allclose(detections.iou(a, b), [[overlap(x, y) for y in b] for x in a])
    assert detections.iou(a, a).diagonal() == pytest.approx(1)
    assert detections.iou(a, b[:0]).shape == (7, 0)


def test_boxes_without_area_share_nothing():
    point = np.array([[0.5, 0.5, 0.5, 0.5]])
    assert detections.iou(point, point) == 0


@pytest.mark.parametrize("seed", range(5))
def test_suppression_leaves_the_surest_of_those_that_overlap(seed):
    rng = np.random.default_rng(seed)
    boxes, scores = made(rng, 40), rng.random(40)
    kept = detections.suppress(boxes, scores, 0.4).tolist()
    assert scores[kept].tolist() == sorted(scores[kept], reverse=True)
    for i in range(40):
        surer = [k for k in kept if scores[k] > scores[i] and overlap(boxes[k], boxes[i]) > 0.4]
        assert (i in kept) == (not surer)


def test_things_of_other_classes_do_not_suppress_each_other():
    places = np.array([
        [0.1, 0.1, 0.5, 0.5, 0.9, 0.8, 0.0],  # one place may hold things of two classes
        [0.1, 0.1, 0.5, 0.5, 0.7, 0.0, 0.01],
    ])  # fmt: skip
    found = detections.detect(places)
    assert found[:, 4:].tolist() == [[0.9, 0.0], [0.8, 1.0]]
    assert found[:, :4].tolist() == [[0.1, 0.1, 0.5, 0.5]] * 2


def test_only_so_many_are_given_and_none_where_nothing_is_sure():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 100, (300, 2))
    places = np.column_stack([corners, corners + 0.1, rng.uniform(0.2, 1, 300)])
    assert len(detections.detect(places, most=30)) == 30
    assert detections.detect(places, most=30)[:, 4].min() >= np.sort(places[:, 4])[-40]
    assert detections.detect(places, least_score=1.1).shape == (0, 6)
    stacked = detections.padded([detections.detect(places, most=3), detections.detect(places, 1.1)], 4)
    assert (stacked[..., 4] > 0).tolist() == [[True, True, True, False], [False] * 4]


def test_a_bundle_carries_the_very_same_file():
    place = Path(catalogue.PACKAGE) / "deploy" / "runtime" / "detections.py"
    assert place.read_text() == Path(detections.__file__).read_text()
    spec = importlib.util.spec_from_file_location("of_a_bundle", place)
    alone = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(alone)
    assert alone.iou(np.eye(4)[:1], np.eye(4)[:1]).shape == (1, 1)
