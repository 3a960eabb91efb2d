"""What lesson 46 claims of fair shares: orders, coalitions, bases, and the price of drawing them (Q02)."""

import numpy as np
import pytest

from deepglass.explain.coalitions import ends
from deepglass.explain.methods import occlusion, shapley
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("46_shapley").module


def test_the_mean_over_all_orders_is_the_value_of_all_coalitions(lesson):
    for flower in lesson.FLOWERS:
        orders = lesson.gains_of(flower)
        assert len(orders) == 24
        assert orders.mean(0) == pytest.approx(shapley.exact(lesson.game(flower), 4), abs=1e-12)


def test_every_order_shares_all_of_the_difference(lesson):
    none, whole = lesson.game("flower 84")(ends(4))
    assert lesson.gains_of("flower 84").sum(1) == pytest.approx(np.full(24, whole - none))


def test_whoever_comes_first_of_length_and_width_of_the_petal_brings_more_on_average(lesson):
    gains = lesson.gains_of("flower 84")
    length_first = np.array([order.index(2) < order.index(3) for order in lesson.ORDERS])
    assert abs(gains[length_first, 2].mean() - gains[~length_first, 2].mean()) > 0.05


def test_two_that_say_the_same_share_and_are_nothing_to_whom_hides_one(lesson):
    assert shapley.exact(lesson.twins, 2).tolist() == [0.5, 0.5]
    assert occlusion.drops(lesson.twins, 2).tolist() == [0, 0]


def test_the_four_wishes_hold(lesson):
    play, other = lesson.game("flower 84"), lesson.game("flower 107")
    shares = shapley.exact(play, 4)
    none, whole = play(ends(4))
    assert shares.sum() == pytest.approx(whole - none)
    both = shapley.exact(lambda present: play(present) + other(present), 4)
    assert both == pytest.approx(shares + shapley.exact(other, 4))
    with_idle = shapley.exact(lambda present: play(present[:, :4]), 5)
    assert with_idle == pytest.approx([*shares, 0])


def test_every_base_has_shares_of_its_own_that_add_up(lesson):
    found = {}
    for base in lesson.BASES:
        play = lesson.game("flower 84", base)
        found[base] = shapley.exact(play, 4)
        assert found[base].sum() == pytest.approx(float(np.diff(play(ends(4)))[0]))
    assert np.abs(found["zeros"] - found["a typical iris"]).max() > 0.1
    assert np.abs(found["an average setosa"] - found["a typical iris"]).max() > 0.03


def test_more_coalitions_come_nearer_and_the_sum_always_holds(lesson):
    _, off, missed = lesson.drawn()
    assert off[-1].mean() < off[0].mean() / 2
    assert missed.max() < 1e-9


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("first - none, second - none", "second"),
        ("both - second, both - first", "first"),
        ("(both - none) / 2, (both - none) / 2", "Half"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("fair_share", f"def fair_share(none, first, second, both):\n    return {line}").message
