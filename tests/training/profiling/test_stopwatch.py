import pytest
import torch

from deepglass.training.profiling.stopwatch import EventStopwatch, Stopwatch, stopwatch_for
from tests.clock import Clock

PHASES = ("data", "forward", "start")


@pytest.fixture
def clock(monkeypatch):
    return Clock().replaces(monkeypatch, "deepglass.training.profiling.stopwatch")


def test_time_belongs_to_the_phase_that_was_switched_to(clock):
    watch = Stopwatch(PHASES, "start", clock.now)
    watch.hold(None)
    watch.switch("data")
    clock.sleep(0.5)
    assert watch.switch("forward") == "data"
    clock.sleep(0.25)
    assert watch.read() == {"data": 0.5, "forward": 0.25, "start": 0.0}


def test_what_is_held_gets_everything(clock):
    watch = Stopwatch(PHASES, "start", clock.now - 5)
    watch.switch("data")
    clock.sleep(1)
    watch.switch("forward")
    assert watch.read() == {"data": 0.0, "forward": 0.0, "start": 6.0}


class FakeEvent:
    """An event of a device whose clock is moved by hand."""

    now, waits = 0.0, 0

    def record(self):
        self.at = FakeEvent.now

    def synchronize(self):
        FakeEvent.waits += 1

    def elapsed_time(self, later):
        return later.at - self.at


def test_on_a_device_events_are_read_afterwards(clock):
    FakeEvent.now, FakeEvent.waits = 0.0, 0
    watch = EventStopwatch(PHASES, "start", clock.now, FakeEvent)
    watch.hold(None)
    watch.switch("data")
    FakeEvent.now = 100.0  # milliseconds
    watch.switch("forward")
    FakeEvent.now = 400.0
    watch.switch("data")
    assert FakeEvent.waits == 0
    seconds = watch.read()
    assert FakeEvent.waits == 1
    assert seconds["data"] == pytest.approx(0.1)
    assert seconds["forward"] == pytest.approx(0.3)


def test_many_events_are_read_in_between(monkeypatch, clock):
    monkeypatch.setattr("deepglass.training.profiling.stopwatch.MOST_EVENTS", 10)
    FakeEvent.now, FakeEvent.waits = 0.0, 0
    watch = EventStopwatch(PHASES, "start", clock.now, FakeEvent)
    watch.hold(None)
    for step in range(25):
        FakeEvent.now += 2.0
        watch.switch(PHASES[step % 2])
    assert FakeEvent.waits == 2
    assert len(watch.noted) < 10
    assert sum(watch.read().values()) == pytest.approx(0.05)


def test_a_processor_has_the_plain_one():
    assert type(stopwatch_for(torch.device("cpu"), PHASES, "start", 0.0)) is Stopwatch
