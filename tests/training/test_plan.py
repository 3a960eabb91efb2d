import random
import time
from itertools import pairwise

import pytest

from deepglass.core.errors import OptionError
from deepglass.training import schedules
from deepglass.training.plan import Plan, seconds_of


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2min", 120), ("1h", 3600)])
def test_times_as_people_write_them(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5s", "0", "5 days"])
def test_other_times_are_refused(text):
    with pytest.raises(OptionError, match="expected a time such as 90s"):
        seconds_of(text)


class Clock:
    """Moved by hand."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr("deepglass.training.plan.time", self)

    def monotonic(self):
        return self.now


def run_at(plan, clock, step, speed, seconds):
    """Take steps at `speed` for so many seconds; returns the step reached."""
    for _ in range(int(speed * seconds)):
        clock.now += 1 / speed
        step += 1
        plan.change(step, plan.fitted(step))
    return step


def test_a_plan_is_cut_to_what_fits(monkeypatch):
    clock = Clock(monkeypatch)
    plan = Plan(1000, deadline=clock.now + 10)
    step = run_at(plan, clock, 0, speed=50, seconds=4)
    assert step + 0.9 * 6 * 50 < plan.total_steps <= step + 6 * 50


def test_a_slow_start_is_forgiven_but_never_more_is_planned_than_asked(monkeypatch):
    clock = Clock(monkeypatch)
    plan = Plan(5000, deadline=clock.now + 120)
    step = run_at(plan, clock, 0, speed=5, seconds=20)
    assert plan.total_steps < 700
    step = run_at(plan, clock, step, speed=50, seconds=60)
    assert plan.total_steps > 4000
    run_at(plan, clock, step, speed=500, seconds=3)
    assert plan.total_steps == 5000


def test_without_a_budget_the_plan_stands(monkeypatch):
    clock = Clock(monkeypatch)
    plan = Plan(1000)
    run_at(plan, clock, 0, speed=1, seconds=10)
    assert plan.total_steps == 1000
    assert not plan.is_over(999)
    assert plan.is_over(1000)


def test_a_budget_is_a_hard_stop():
    plan = Plan(10, deadline=time.monotonic() + 1, reserve=2)
    assert plan.is_over(0)


def test_the_time_to_judge_is_held_back(monkeypatch):
    clock = Clock(monkeypatch)
    plan = Plan(5000, deadline=clock.now + 100, judging=500)
    run_at(plan, clock, 0, speed=50, seconds=10)  # judging costs what 500 steps cost: ten seconds
    assert 12.5 < plan.judging_seconds < 14
    assert plan.total_steps < 50 * (100 - 12.5)


def test_a_slow_start_does_not_hold_everything_back(monkeypatch):
    clock = Clock(monkeypatch)
    plan = Plan(5000, deadline=clock.now + 120, judging=200)
    step = run_at(plan, clock, 0, speed=0.5, seconds=6)  # at this speed judging would take 400 seconds
    assert plan.time_left() > 60
    run_at(plan, clock, step, speed=50, seconds=60)
    assert plan.judging_seconds < 20
    assert plan.total_steps > 4000


def test_one_slow_step_does_not_end_a_training(monkeypatch):
    """The first step on a GPU, or under a profiler, takes seconds; those after it take milliseconds."""
    clock = Clock(monkeypatch)
    began = clock.now
    plan = Plan(100_000, deadline=began + 25)
    step = 0
    while not plan.is_over(step):
        clock.now += 8.0 if step == 1 else 0.02
        step += 1
        plan.change(step, plan.fitted(step))
    assert 24 < clock.now - began < 25.1
    assert step > 700


def train(plan, clock, seconds_of_step):
    """Take steps until the plan is over; returns positions on the schedule, as shares of it, and rates."""
    shares, rates, step = [], [], 0
    while not plan.is_over(step):
        shares.append(plan.position(step) / plan.total_steps)
        rates.append(schedules.factor("cosine", plan.position(step), plan.total_steps, warmup=0.05))
        clock.now += seconds_of_step(step)
        step += 1
        plan.change(step, plan.fitted(step))
    return shares, rates


def test_a_budget_is_never_a_reason_to_go_on(monkeypatch):
    """Two epochs in a minute that would allow for hundreds."""
    for steps in (1, 2, 30, 400):
        clock = Clock(monkeypatch)
        shares, _ = train(Plan(steps, deadline=clock.now + 60), clock, lambda step: 0.01)
        assert len(shares) == steps
        assert shares == [step / steps for step in range(steps)]


WEATHERS = {
    "steady": lambda draw, step: 0.02,
    "a slow start": lambda draw, step: 3.0 if step == 0 else 1.0 if step < 3 else 0.02,
    "always disturbed": lambda draw, step: 0.02 * draw.lognormvariate(0, 1),
    "sometimes asleep": lambda draw, step: 4.0 if draw.random() < 0.001 else 0.02,
    "slower and slower": lambda draw, step: 0.01 + step * 2e-5,
    "faster and faster": lambda draw, step: 0.005 + 0.2 * 0.99**step,
    "long steps": lambda draw, step: 2.5,
}


@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("asked", [300, 100_000])
def test_the_schedule_never_jumps_and_ends_with_the_budget(monkeypatch, weather, asked):
    clock, draw = Clock(monkeypatch), random.Random(0)
    began = clock.now
    shares, rates = train(Plan(asked, deadline=began + 60), clock, lambda step: WEATHERS[weather](draw, step))
    assert clock.now - began < 61 + 2.5 * (weather == "long steps") + 4 * (weather == "sometimes asleep")
    assert all(0 <= b - a < 0.15 for a, b in pairwise(shares))
    highest = rates.index(max(rates))
    assert all(b <= a for a, b in pairwise(rates[highest:]))
    assert max(rates) > 0.9
    assert shares[-1] > (0.85 if weather in ("long steps", "sometimes asleep") else 0.95)
    if len(shares) < asked:  # what there is of time is used
        assert clock.now - began > 55


def test_a_resumed_training_has_what_is_left_of_its_budget(monkeypatch):
    clock = Clock(monkeypatch)
    plan = Plan(100_000, deadline=clock.now + 60, budget=60.0)
    step = run_at(plan, clock, 0, speed=50, seconds=20)
    state, share = plan.state(), plan.position(step) / plan.total_steps
    clock.now += 10_000
    resumed = Plan(100_000, deadline=clock.now + 60, budget=60.0)
    resumed.load_state(state)
    assert resumed.time_left() == pytest.approx(40)
    assert resumed.position(step) / resumed.total_steps == share
    assert (resumed.total_steps, resumed.changes) == (plan.total_steps, plan.changes)


def test_a_repetition_follows_the_changes_without_a_clock(monkeypatch):
    clock = Clock(monkeypatch)
    plan = Plan(5000, deadline=clock.now + 20)
    shares, rates = train(plan, clock, lambda step: 0.05)
    again = Plan(5000)
    again.repeat(len(shares), plan.changes)
    assert train(again, clock, lambda step: 7.0) == (shares, rates)
