"""What lesson 59 claims of the directions of the largest spread, of units, and of a net without bends (K02)."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("59_directions").module


def test_what_lies_along_and_what_lies_beside_add_up_at_every_angle(lesson):
    for angle in lesson.ANGLES:
        whole, along, beside = lesson.shares(lesson.cloud(), lesson.at(angle))
        assert along + beside == pytest.approx(whole)


def test_the_arrow_comes_to_rest_along_the_largest_spread(lesson):
    w = np.array([np.cos(lesson.BEGIN), np.sin(lesson.BEGIN)])
    kept = [lesson.shares(lesson.cloud(), w)[1]]
    for _ in range(12):
        w = lesson.turned(lesson.cloud(), w)
        kept.append(lesson.shares(lesson.cloud(), w)[1])
    assert np.all(np.diff(kept) >= -1e-12)
    assert kept[0] < 0.5 * kept[8]
    assert abs(w @ PCA(1).fit(lesson.cloud()).components_[0]) == pytest.approx(1, abs=1e-4)
    assert kept[-1] >= max(lesson.shares(lesson.cloud(), lesson.at(angle))[1] for angle in lesson.ANGLES)


def test_a_net_without_bends_ends_on_the_plane_of_the_components(lesson):
    found, *_ = lesson.flat_net()
    assert found[0] > 0.1
    assert found[lesson.MOMENTS[-1]] < 1e-3


def test_its_axes_are_some_mixture_of_them(lesson):
    _, decoder, plane = lesson.flat_net()
    axes = decoder / np.linalg.norm(decoder, axis=0)
    assert np.abs(axes.T @ plane).max(1).min() < 0.999  # one of its axes is neither component


def test_larger_numbers_of_a_column_take_the_first_direction_over(lesson):
    made = [lesson.leans(unit, False) for unit in lesson.UNITS]
    assert np.all(np.diff(made) > 0)
    assert made[0] < 0.3
    assert made[-1] > 0.99


def test_divided_by_its_deviation_a_column_has_no_unit_any_more(lesson):
    made = [lesson.leans(unit, True) for unit in lesson.UNITS]
    assert made == pytest.approx([0.5] * len(made), abs=1e-6)  # of two columns both count alike


def test_equal_digits_gather_on_the_map(lesson):
    points, labels, share = lesson.map_of_digits()
    theirs = PCA(2).fit(lesson.load_digits().data)
    assert share == pytest.approx(theirs.explained_variance_ratio_.sum(), abs=1e-4)
    distances = np.linalg.norm(points[:400, None] - points[None, :400], axis=2) + 1e9 * np.eye(400)
    assert (labels[:400][distances.argmin(1)] == labels[:400]).mean() > 0.4  # one in ten by chance


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("X.T @ (X @ w)", "as long as 1"),
        ("X.sum(0) / np.linalg.norm(X.sum(0))", "missing"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("power_step", f"def power_step(X, w):\n    return {line}").message
