"""What lesson 49 claims of standing firm: what it wins, what it costs, and what only seems so (Q05)."""

import numpy as np
import pytest

from deepglass.training.adversarial import sudden_fall
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("49_stand_firm").module


def test_trained_on_points_the_line_cuts_squares_and_trained_on_squares_hardly_any(lesson):
    model, kept = lesson.walk()
    X, y = lesson.moons()
    counts = []
    for weights in (kept[0], kept[-1]):
        for parameter, value in zip(model.parameters(), weights):
            parameter.data.copy_(value)
        assert (model(X).argmax(1) == y).all()  # the points themselves are right before and after
        counts.append(int(lesson.cut(model).sum()))
    assert counts[0] >= 4
    assert counts[1] <= 2


def test_the_squares_of_the_two_moons_do_not_overlap(lesson):
    X, y = lesson.moons()
    between = (X[y == 0][:, None] - X[y == 1]).abs().amax(-1)
    assert float(between.min()) > 2 * lesson.REACH


def test_a_trained_net_withstands_more_and_a_large_push_has_its_price(lesson):
    plain, shares = lesson.firmness(0.0), {epsilon: lesson.firmness(epsilon) for epsilon in (0.1, 0.2)}
    for epsilon, firm in shares.items():
        at = lesson.SIZES.index(epsilon)
        assert firm[at] > plain[at] + 0.25
    assert shares[0.1][0] > plain[0] - 0.02
    assert shares[0.2][0] < shares[0.1][0] - 0.03
    assert shares[0.2][lesson.SIZES.index(0.2)] > shares[0.1][lesson.SIZES.index(0.2)] + 0.1


def test_firm_against_one_step_is_not_firm(lesson):
    ends = {how: lesson.learnt(lesson.LARGE, how, lesson.LONG).history[-1] for how in (lesson.ONE, lesson.MANY)}
    one, ten = ends[lesson.ONE]
    assert one > 0.25
    assert ten < one / 3 + 0.01
    assert ends[lesson.MANY][1] > 1.5 * ten
    first = lesson.learnt(lesson.LARGE, lesson.ONE, lesson.LONG).history[4]
    assert one > first[0] + 0.05  # judged by one step it gets better,
    assert ten < first[1] + 0.03  # and by ten it does not


def test_what_was_learnt_is_not_what_is_attacked(lesson):
    learnt = {image.numpy().tobytes() for image in lesson.digits()[0][: lesson.LEARNT]}
    assert not learnt & {image.numpy().tobytes() for image in lesson.unseen()[0]}


def test_three_attacks_that_leave_two_thirds_each_may_leave_none():
    right = ~np.eye(3, dtype=bool)
    assert right.mean(axis=1) == pytest.approx([2 / 3] * 3)
    assert right.all(axis=0).mean() == 0
    assert sudden_fall([0.45, 0.52, 0.03])


@pytest.mark.parametrize(
    ("line", "said"), [("right.mean(axis=1).min()", "strongest attack alone"), ("right.mean()", "mean over attacks")]
)
def test_slips_are_told_apart(line, said):
    assert said in tried("withstood", f"def withstood(right):\n    return {line}").message
