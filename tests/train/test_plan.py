import time

import pytest

from deepglass.core.errors import OptionError
from deepglass.train.plan import Plan, seconds_of


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2min", 120), ("1h", 3600)])
def test_times_as_people_write_them(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5s", "0", "5 days"])
def test_other_times_are_refused(text):
    with pytest.raises(OptionError, match="expected a time such as 90s"):
        seconds_of(text)


def test_a_plan_shrinks_to_what_fits_and_never_grows():
    plan = Plan(total_steps=1000, deadline=time.monotonic() + 10)
    plan.shrink(step=100, seconds=2.0, steps_timed=100)  # 50 steps a second: some 485 more fit
    assert 550 < plan.total_steps < 600
    before = plan.total_steps
    plan.shrink(step=110, seconds=2.0, steps_timed=10_000)
    assert plan.total_steps == before


def test_without_a_budget_the_plan_stands():
    plan = Plan(total_steps=10)
    plan.shrink(step=1, seconds=100.0, steps_timed=1)
    assert plan.total_steps == 10
    assert not plan.is_over(9)
    assert plan.is_over(10)


def test_a_budget_is_a_hard_stop():
    plan = Plan(total_steps=10, deadline=time.monotonic() + 1, reserve=2)
    assert plan.is_over(0)
