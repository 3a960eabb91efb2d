"""What lesson 78 claims of clones, of DAgger, of gusts and of the ways that are shown (T03)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried

pytestmark = pytest.mark.slow("trains the clones of the lesson")


@pytest.fixture(scope="module")
def lesson():
    return opened("78_keep_the_lane").module


def test_with_as_many_answers_dagger_gets_round_and_the_clone_often_does_not(lesson):
    assert lesson.laps("the expert") == 1.0
    for seed in (0, 1, 2):
        assert lesson.laps("DAgger", seed=seed) >= 0.99
        assert lesson.laps("the clone", seed=seed) < lesson.laps("DAgger", seed=seed)
    assert lesson.laps("the clone") < 0.85


def test_twice_as_many_moments_help_the_clone_less(lesson):
    assert lesson.laps("the clone", 6) < lesson.laps("DAgger", 3) - 0.1


def test_the_clone_is_good_on_the_experts_way_and_worse_on_its_own(lesson):
    theirs, own = lesson.wheel_error("the clone")
    assert theirs < 1.0
    assert own > 2 * theirs
    assert theirs < lesson.wheel_error("DAgger")[0]  # where the expert drives the clone is the better one
    assert lesson.wheel_error("DAgger")[1] < 0.5 * own


def test_a_gust_carries_the_clone_off_and_two_rounds_of_dagger_mend_it(lesson):
    for aside in (1, 2, 3):
        assert lesson.blown("the clone", aside, 1) == lesson.blown("DAgger", aside, 1)  # the same first round
        assert lesson.blown("DAgger", aside, 1) < 0.5
        assert lesson.blown("DAgger", aside, 2) > 0.95
        assert lesson.blown("the clone", aside, 2) < 0.7


def test_dagger_is_told_about_places_that_the_expert_never_comes_to(lesson):
    own, theirs = (np.abs(lesson.told_about(way, 2)) for way in ("DAgger", "the clone"))
    assert np.quantile(own, 0.95) > 1.5 * np.quantile(theirs, 0.95)


def test_on_the_first_drawn_track_the_clone_leaves_the_road_and_the_others_do_not(lesson):
    rings = lesson.rings()
    for points in rings.values():
        tracks = lesson.track_through(points * lesson.SCALE)
        for driver in ("the expert", "DAgger"):
            assert lesson.drive(driver, tracks)["reached"]
    first = lesson.track_through(next(iter(rings.values())) * lesson.SCALE)
    assert not lesson.drive("the clone", first)["reached"]


def test_the_film_ends_near_the_edge(lesson):
    assert "3." in list(lesson.film())[-1][1].split(" it is ")[1][:3]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("np.arctan(wheelbase * aside / (ahead**2 + aside**2))", "factor of 2"),
        ("np.arctan2(aside, ahead)", "direction of the point"),
        ("2 * aside / (ahead**2 + aside**2)", "curvature of the arc"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("pursue", f"def pursue(ahead, aside, wheelbase):\n    return {line}").message
